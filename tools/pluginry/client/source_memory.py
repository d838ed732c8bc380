"""What the client remembers of a marketplace on disk: what was trusted already, so that nothing older is trusted later.

In: a folder (formats: ``sources/<name>/``). Out: the state, the targets of the last refresh. Others may change it
meanwhile, so every change is made under a lock, to what lies there then. It decides nothing, and whoever reads from it
checks again: see verify.py.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pluginry.client import limits
from pluginry.client.disk_trouble import told_of_disk_trouble, unless_read_only
from pluginry.encoding import documents
from pluginry.encoding.whole_file import replace_file
from pluginry.model.receipt import SourceState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pluginry.model.index import PluginRecord
    from pluginry.model.names import PluginId
    from pluginry.model.publisher import Publisher

STATE_FILE = "state.json"


@dataclass(frozen=True, slots=True)
class SourceMemory:
    """The memory in ``folder``."""

    folder: Path

    def state(self) -> SourceState | None:
        """Return what was remembered, or None before the first refresh."""
        path = self.folder / STATE_FILE
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        return documents.decode(SourceState, data, what=str(path), max_bytes=limits.DOCUMENTS[SourceState])

    def write_state(self, state: SourceState) -> None:
        """Remember `state`; to be called while `changing`."""
        replace_file(self.folder / STATE_FILE, documents.encode(state))

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Exclude other processes while what is remembered changes: it must never go back."""
        with told_of_disk_trouble(self.folder), self._locked():
            yield

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock

        with FileLock(self.folder / ".lock"):
            yield

    def seen_seq(self, plugin: PluginId) -> int:
        """Return the number of the newest record of `plugin` that was seen, 0 when none was."""
        state = self.state()
        return state.plugins.get(plugin, 0) if state else 0

    def note_seq(self, record: PluginRecord) -> None:
        """Remember how new a record is, unless all that may be done here is to read."""
        if record.seq <= self.seen_seq(record.id):
            return
        with told_of_disk_trouble(self.folder), unless_read_only(), self._locked():
            state = self.state()
            if state is not None and record.seq > state.plugins.get(record.id, 0):
                self.write_state(replace(state, plugins={**state.plugins, record.id: record.seq}))

    def pin(self, plugin: PluginId, *, publisher: Publisher | None, proven: bool) -> None:
        """Remember who publishes a plugin that is installed now, and whether its build is proven."""
        with self.changing():
            state = self.state()
            if state is None:
                return
            pinned = replace(
                state,
                publishers={**state.publishers, **({plugin: publisher} if publisher else {})},
                proven=tuple(sorted({*state.proven} - {plugin} | ({plugin} if proven else set()))),
            )
            if pinned != state:
                self.write_state(pinned)

    def targets(self) -> dict[str, bytes]:
        """Return the targets of the last refresh by path, as they lie on the disk."""
        folder = self.folder / "targets"
        there = limits.targets(lambda path: (folder / path).is_file())
        return {path: (folder / path).read_bytes() for path, _ in there}

    def keep_targets(self, targets: Mapping[str, bytes], *, instead_of: Mapping[str, bytes]) -> None:
        """Keep `targets` instead of those that were there; to be called while `changing`."""
        for path, body in targets.items():
            if body != instead_of.get(path):
                replace_file(self.folder / "targets" / path, body)
        for path in instead_of.keys() - targets.keys():
            (self.folder / "targets" / path).unlink(missing_ok=True)
