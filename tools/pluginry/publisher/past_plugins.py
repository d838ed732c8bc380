"""Earlier states of a plugin's folder, as git has them: where a good entry is found when the present one is bad.

In: the history, a plugin. Out: what loading its folder as of a commit gives, newest commit first. Nothing is checked
out: files are written to a scratch folder, read like any registry, and gone again. Never judges what it finds.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluginry.publisher.load import load_plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.model.names import PluginId
    from pluginry.ports import GitHistory
    from pluginry.publisher.loaded_registry import LoadedPlugin

MAX_COMMITS: Final = 50
"""How many changes of a plugin are looked at, from the newest on."""
MAX_FOLDER_BYTES: Final = 128 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PastState:
    """A plugin as it was in the registry as of ``commit``."""

    commit: str
    loaded: LoadedPlugin

    @property
    def words(self) -> str:
        """The state as it is named to people."""
        return f"as of commit {self.commit[:12]}"


@dataclass(frozen=True, slots=True)
class PastPlugins:
    """The plugins of a registry in its ``history``."""

    history: GitHistory

    def states(self, plugin: PluginId) -> Iterator[PastState]:
        """Yield the states of `plugin` after each change that can be read, newest first.

        Raises:
            TransportError: git does not answer.

        """
        for commit in self.history.commits_of(f"plugins/{plugin}", limit=MAX_COMMITS):
            state = self.state_at(plugin, commit)
            if state is not None:
                yield state

    def state_at(self, plugin: PluginId, commit: str) -> PastState | None:
        """Return `plugin` as of `commit`, or None when it was not there; the errors of `states`."""
        folder = f"plugins/{plugin}"
        with tempfile.TemporaryDirectory(prefix="pluginry-past-") as scratch:
            into = Path(scratch, folder)
            into.mkdir(parents=True)
            if not self.history.write_folder(commit, folder, into, max_bytes=MAX_FOLDER_BYTES):
                return None
            return PastState(commit=commit, loaded=load_plugin(Path(scratch), plugin))

    def why_nothing(self) -> str:
        """Return in words why there is no good state of a plugin that was published."""
        if self.history.is_complete():
            return "it was published before, but no good state of it is in the history"
        return "it was published before, but this checkout has not the whole history: fetch it (fetch-depth: 0)"

    def standing_since(self, plugin: PluginId, is_same: Callable[[PastState], bool]) -> int | None:
        """Return the position of the commit since which all states of `plugin` are the same, as `is_same` sees it.

        None when not even the newest is: it was never committed. The errors of `states`.
        """
        since = None
        for state in self.states(plugin):
            if not is_same(state):
                break
            since = state.commit
        return None if since is None else self.history.position_of(since)
