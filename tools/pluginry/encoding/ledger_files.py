"""The ledger on disk: ``<namespace>/<name>.jsonl``, one event a line, only ever appended to."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.encoding import canonical_json, documents, strict_json
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

    ``seen`` is what may be remembered of the files, to load them later without reading them. Asking raises a
    `DocumentError` for a line that is not an event, or an event that cannot be.
    """

    def __init__(self, files: Mapping[str, _LedgerFile]) -> None:
        super().__init__(map(PluginId.parse, files), lambda plugin: files[str(plugin)].ledger)
        self.seen: Mapping[str, str] = {name: file.seen for name, file in files.items()}
        self.digests: Mapping[str, str] = {name: seen.rpartition(" ")[2] for name, seen in self.seen.items()}


class LedgerFolder:
    """The ledgers below `folder`; each file is read, and parsed, only once as long as it stays as it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._known: dict[str, _LedgerFile] = {}

    def load(self, seen: Mapping[str, str] = MappingProxyType({})) -> Ledgers:
        """Return what is there now; files that are as they were `seen` before are not read until they are parsed.

        Raises:
            DocumentError: a file that is not called as a ledger is.

        """
        self._known = dict(_files(self._folder, self._known, seen))
        return Ledgers(self._known)


def load_ledgers(folder: Path) -> Mapping[PluginId, Ledger]:
    """Return every ledger below `folder`.

    Raises:
        DocumentError: a file that is not a ledger, a line that is not an event, or an event that cannot be.

    """
    return dict(LedgerFolder(folder).load())


class _LedgerFile:
    """A file of the plugin called `name`, as it was `seen`: inode, size, times, and then its digest.

    The first of these tell it from one that took its place.
    """

    def __init__(self, name: str, path: str, is_as: str, seen: str) -> None:
        self.name, self.path = name, path
        self.seen = seen if seen.startswith(is_as) else is_as + hashlib.sha256(self._data).hexdigest()

    @cached_property
    def _data(self) -> bytes:
        with open(self.path, "rb") as stream:  # noqa: PTH123 - a Path for each of very many files costs more than reading
            return stream.read()

    @cached_property
    def ledger(self) -> Ledger:
        """What the file says."""
        try:
            return Ledger(id=PluginId.parse(self.name), events=tuple(_events(self._data, self.path)))
        except DocumentError as error:
            raise DocumentError(error.what, where=error.where or self.path, why=error.why, hint=_HINT) from error


def _files(folder: str, known: Mapping[str, _LedgerFile], seen: Mapping[str, str]) -> Iterator[tuple[str, _LedgerFile]]:
    """Yield each ledger below `folder` by name, in order; those that are as they were `known`, as they are."""
    for namespace in _entries(folder, lambda entry: entry.is_dir()):
        for entry in _entries(namespace.path, lambda entry: entry.name.endswith(_SUFFIX)):
            found = entry.stat()
            is_as = f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} "
            name = f"{namespace.name}/{entry.name[: -len(_SUFFIX)]}"
            file = known.get(name)
            if file is None or not file.seen.startswith(is_as):
                file = _LedgerFile(_checked(name, entry.path), entry.path, is_as, seen.get(name, ""))
            yield name, file


def _checked(name: str, path: str) -> str:
    try:
        return str(PluginId.parse(name))
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
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    if before and not before.endswith(b"\n"):
        raise DocumentError("the last line of the ledger is not whole", where=str(path), hint=_HINT)
    replacement = path.with_name(f".{path.name}.new")
    replacement.write_bytes(before + lines)
    replacement.replace(path)


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
