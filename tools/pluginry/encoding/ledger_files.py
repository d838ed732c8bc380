"""The ledger on disk: ``<namespace>/<name>.jsonl``, one event a line, only ever appended to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding import canonical_json, documents, strict_json
from pluginry.errors import DocumentError
from pluginry.model.ledger import Ledger
from pluginry.model.names import Name, PluginId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pluginry.model.ledger import Event

MAX_LEDGER_BYTES = 64 << 20


def load_ledgers(folder: Path) -> Mapping[PluginId, Ledger]:
    """Return every ledger below `folder`.

    Raises:
        DocumentError: a file that is not a ledger, or a line that is not an event.

    """
    ledgers = {}
    for path in sorted(folder.glob("*/*.jsonl")):
        plugin = PluginId(Name(path.parent.name), Name(path.stem))
        ledgers[plugin] = Ledger(id=plugin, events=tuple(_events(path)))
    return ledgers


def append_events(folder: Path, plugin: PluginId, events: Iterable[Event]) -> None:
    """Append `events` to the ledger of `plugin`, all or none of them."""
    path = folder / plugin.namespace / f"{plugin.name}.jsonl"
    lines = b"".join(canonical_json.encode_line(documents.to_plain(event)) for event in events)
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    replacement = path.with_name(f".{path.name}.new")
    replacement.write_bytes(before + lines)
    replacement.replace(path)


def _events(path: Path) -> Iterable[Event]:
    try:
        for number, value in strict_json.parse_lines(path.read_bytes(), what=path.name, max_bytes=MAX_LEDGER_BYTES):
            yield documents.to_event(value, what=f"{path}:{number}")
    except DocumentError as error:
        error.hint = error.hint or "the ledger is written by `pluginry publish` only: restore the file from git"
        raise
