"""The ledger on disk: ``<namespace>/<name>.jsonl``, one event a line, only ever appended to."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.encoding import canonical_json, documents, strict_json
from pluginry.encoding.whole_file import replace_file
from pluginry.errors import DocumentError
from pluginry.model.ledger import Ledger, Listed, Released, Transferred
from pluginry.model.names import PluginId
from pluginry.model.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from pluginry.model.ledger import Event
    from pluginry.model.versions import Version

MAX_LEDGER_BYTES = 64 << 20
_SUFFIX = ".jsonl"
_HINT = "the ledger is written by `pluginry publish` only: restore the file from git"


class Ledgers(OnDemand[PluginId, Ledger]):
    """Ledgers that are parsed when somebody asks for them; ``digests`` are the sha256 of their files, by name.

    ``seen`` is what may be remembered of the files, to load them later without reading them: inode, size, times, and
    the digest. Asking raises a `DocumentError` for a line that is not an event, or an event that cannot be.
    """

    def __init__(
        self, plugins: Iterable[PluginId], parse: Callable[[PluginId], Ledger], seen: Mapping[str, str]
    ) -> None:
        super().__init__(plugins, parse)
        self.seen = seen
        self.digests: Mapping[str, str] = {name: file.rpartition(" ")[2] for name, file in seen.items()}


class LedgerFolder:
    """The ledgers below `folder`; each file is hashed, and parsed, only once as long as it stays as it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._seen: Mapping[str, str] = {}
        self._read: dict[tuple[str, str], bytes] = {}
        self._parsed: dict[tuple[str, str], Ledger] = {}

    def load(self, seen: Mapping[str, str] = MappingProxyType({})) -> Ledgers:
        """Return what is there now; files that are as they were `seen` before are not read until they are parsed.

        Raises:
            DocumentError: a file that is not called as a ledger is.

        """
        before, now = {**seen, **self._seen}, {}
        for name, is_as in _files(self._folder):
            known = before.get(name, "")
            now[name] = known if known.startswith(is_as) else self._hashed(name, is_as)
        self._seen = now
        plugins = [_plugin_of(name, self._folder) for name in now]
        return Ledgers(plugins, lambda plugin: self._ledger(plugin, now[str(plugin)]), now)

    def _hashed(self, name: str, is_as: str) -> str:
        data = _data(_path(self._folder, name))
        seen = is_as + hashlib.sha256(data).hexdigest()
        self._read[name, seen] = data  # it is parsed as it was when its digest was told
        return seen

    def _ledger(self, plugin: PluginId, seen: str) -> Ledger:
        name, path = str(plugin), _path(self._folder, str(plugin))
        if (name, seen) not in self._parsed:
            data = self._read.pop((name, seen), None)
            self._parsed[name, seen] = _parsed(plugin, _data(path) if data is None else data, path)
        return self._parsed[name, seen]


def load_ledgers(folder: Path) -> Mapping[PluginId, Ledger]:
    """Return every ledger below `folder`.

    Raises:
        DocumentError: a file that is not a ledger, a line that is not an event, or an event that cannot be.

    """
    return dict(LedgerFolder(folder).load())


def _files(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each ledger below `folder`, in order, and what tells its file from one that took its place."""
    for namespace in _entries(folder, lambda entry: entry.is_dir()):
        for entry in _entries(namespace.path, lambda entry: entry.name.endswith(_SUFFIX)):
            found = entry.stat()
            is_as = f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} "
            yield f"{namespace.name}/{entry.name[: -len(_SUFFIX)]}", is_as


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name}{_SUFFIX}"


def _data(path: str) -> bytes:
    with open(path, "rb") as stream:  # noqa: PTH123 - a Path for each of very many files costs more than reading
        return stream.read()


def _plugin_of(name: str, folder: str) -> PluginId:
    try:
        return PluginId.parse(name)
    except DocumentError as error:
        path = _path(folder, name)
        raise DocumentError(error.what, where=error.where or path, why=error.why, hint=_HINT) from error


def _parsed(plugin: PluginId, data: bytes, path: str) -> Ledger:
    try:
        return Ledger(id=plugin, events=tuple(_events(data, path)))
    except DocumentError as error:
        raise DocumentError(error.what, where=error.where or path, why=error.why, hint=_HINT) from error


def _entries(folder: str, wanted: Callable[[os.DirEntry[str]], bool]) -> list[os.DirEntry[str]]:
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as found:
        return sorted(filter(wanted, found), key=attrgetter("name"))
    return []


def append_events(folder: Path, plugin: PluginId, events: Iterable[Event]) -> None:
    """Append `events` to the ledger of `plugin`, all or none of them.

    Raises:
        DocumentError: the last line of the ledger is not whole.

    """
    path = folder / plugin.namespace / f"{plugin.name}.jsonl"
    lines = b"".join(canonical_json.encode_line(documents.to_plain(event)) for event in events)
    if not lines:
        return
    before = path.read_bytes() if path.exists() else b""
    if before and not before.endswith(b"\n"):
        raise DocumentError("the last line of the ledger is not whole", where=str(path), hint=_HINT)
    replace_file(path, before + lines)


def _events(data: bytes, path: str) -> Iterable[Event]:
    released: set[Version] = set()
    for number, value in strict_json.parse_lines(data, what=path, max_bytes=MAX_LEDGER_BYTES):
        where = f"{path}:{number}"
        event = documents.to_event(value, what=where)
        if isinstance(event, Released):
            if event.version in released:
                raise DocumentError(f"{event.version} was released in an earlier line already", where=where)
            released.add(event.version)
        elif not isinstance(event, Listed | Transferred) and event.version not in released:
            raise DocumentError(f"{event.version} is not released in any earlier line", where=where)
        yield event
