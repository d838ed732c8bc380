"""The ledger on disk: ``<namespace>/<name>.jsonl``, one event a line, only ever appended to."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from pluginry.encoding import canonical_json, documents, strict_json
from pluginry.errors import DocumentError
from pluginry.model.ledger import Ledger, Listed, Released, Transferred
from pluginry.model.names import Name, PluginId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pluginry.model.ledger import Event
    from pluginry.model.versions import Version

MAX_LEDGER_BYTES = 64 << 20
_SUFFIX = ".jsonl"
_HINT = "the ledger is written by `pluginry publish` only: restore the file from git"


Known = dict[PluginId, tuple[bytes, Ledger]]
"""Ledgers that were read before, each with the sha256 of its file."""


def load_ledgers(folder: Path, known: Known | None = None) -> Mapping[PluginId, Ledger]:
    """Return every ledger below `folder`; files that are as they were `known` are not parsed again.

    Raises:
        DocumentError: a file that is not a ledger, a line that is not an event, or an event that cannot be.

    """
    known = {} if known is None else known
    ledgers = {}
    for namespace, file in _files(folder):
        path = folder / namespace / file
        try:
            plugin = PluginId(Name(namespace), Name(file.removesuffix(_SUFFIX)))
            data = path.read_bytes()
            digest = hashlib.sha256(data).digest()
            before, ledger = known.get(plugin, (b"", None))
            if ledger is None or before != digest:
                ledger = Ledger(id=plugin, events=tuple(_events(data, str(path))))
                known[plugin] = digest, ledger
            ledgers[plugin] = ledger
        except DocumentError as error:
            raise DocumentError(error.what, where=error.where or str(path), why=error.why, hint=_HINT) from error
    return ledgers


def _files(folder: Path) -> Iterable[tuple[str, str]]:
    """Yield folder and name of each ledger, in order."""
    if not folder.is_dir():
        return
    for namespace in sorted(entry.name for entry in os.scandir(folder) if entry.is_dir()):
        for name in sorted(entry.name for entry in os.scandir(folder / namespace)):
            if name.endswith(_SUFFIX):
                yield namespace, name


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
