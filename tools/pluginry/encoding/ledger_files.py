"""The ledger on disk: ``<namespace>/<name>.jsonl``, one event a line, only ever appended to."""

from __future__ import annotations

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
_HINT = "the ledger is written by `pluginry publish` only: restore the file from git"


def load_ledgers(folder: Path) -> Mapping[PluginId, Ledger]:
    """Return every ledger below `folder`.

    Raises:
        DocumentError: a file that is not a ledger, a line that is not an event, or an event that cannot be.

    """
    ledgers = {}
    for path in sorted(folder.glob("*/*.jsonl")):
        try:
            plugin = PluginId(Name(path.parent.name), Name(path.stem))
            ledgers[plugin] = Ledger(id=plugin, events=tuple(_events(path)))
        except DocumentError as error:
            raise DocumentError(error.what, where=error.where or str(path), why=error.why, hint=_HINT) from error
    return ledgers


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


def _events(path: Path) -> Iterable[Event]:
    released: set[Version] = set()
    for number, value in strict_json.parse_lines(path.read_bytes(), what=str(path), max_bytes=MAX_LEDGER_BYTES):
        where = f"{path}:{number}"
        event = documents.to_event(value, what=where)
        if isinstance(event, Released):
            if event.version in released:
                raise DocumentError(f"{event.version} was released in an earlier line already", where=where)
            released.add(event.version)
        elif not isinstance(event, Listed | Transferred) and event.version not in released:
            raise DocumentError(f"{event.version} is not released in any earlier line", where=where)
        yield event
