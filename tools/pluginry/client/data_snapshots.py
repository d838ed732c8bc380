"""A plugin's data and settings as they were before a version that writes them in another form.

In: transitions, and which ``data_version`` each package declares. Out: copies of what the old version wrote, and the
copies back in place when somebody goes back to it. A journal says what is to be swapped with which generation, so that
a kill in between leaves data and version together. It never deletes what a plugin wrote last: it is set aside.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding.whole_file import write_whole
from pluginry.model.names import PluginId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pluginry.client.lifecycle import Transition
    from pluginry.model.receipt import InstalledPlugin

_JOURNAL = "swap.json"
_DATA, _CONFIG = "data", "config.json"


@dataclass(frozen=True, slots=True)
class DataSnapshots:
    """Copies below ``folder``, by plugin and data version; ``places`` says where a plugin's data and settings lie."""

    folder: Path
    places: Callable[[PluginId], tuple[Path, Path]]

    def prepare(
        self, changes: Iterable[Transition], *, generation: int, data_version: Callable[[InstalledPlugin], int]
    ) -> None:
        """Before a change: copy what a newer form would overwrite, and note what goes back with `generation`."""
        swaps = []
        for change in changes:
            if change.before is None or change.after is None:
                continue
            old, new = data_version(change.before), data_version(change.after)
            if new > old:
                self._copy(change.plugin, str(old))
            elif new < old and self._snapshot(change.plugin, str(new)).is_dir():
                swaps.append({"plugin": str(change.plugin), "aside": old, "back": new})
        if swaps:
            write_whole(self.folder / _JOURNAL, json.dumps({"generation": generation, "swaps": swaps}).encode())

    def settle(self, newest: int) -> None:
        """After a change or a crash: swap what belongs to generation `newest`, or forget what never came to be."""
        journal = self.folder / _JOURNAL
        try:
            noted = json.loads(journal.read_bytes())
        except FileNotFoundError:
            return
        if noted["generation"] <= newest:
            for swap in noted["swaps"]:
                aside = f"{swap['aside']}-until-{noted['generation']}"
                self._swap(PluginId.parse(swap["plugin"]), aside=aside, back=str(swap["back"]))
        journal.unlink()

    def _copy(self, plugin: PluginId, version: str) -> None:
        """Copy data and settings of `plugin` whole or not at all."""
        target = self._snapshot(plugin, version)
        new = target.with_name(f".{target.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True, mode=0o700)
        data, config = self.places(plugin)
        if data.is_dir():
            shutil.copytree(data, new / _DATA, symlinks=True)
        if config.is_file():
            shutil.copy2(config, new / _CONFIG)
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)

    def _swap(self, plugin: PluginId, *, aside: str, back: str) -> None:
        """Set aside what lies there now, and put the copy in its place; done again after a kill, it goes on."""
        source, kept = self._snapshot(plugin, back), self._snapshot(plugin, aside)
        if not source.is_dir():
            return  # it was moved already: what is missing below was missing in it
        data, config = self.places(plugin)
        kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        for here, name in ((data, _DATA), (config, _CONFIG)):
            if here.exists() and not (kept / name).exists():
                here.rename(kept / name)
            if (source / name).exists():
                here.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                (source / name).rename(here)
        source.rmdir()

    def _snapshot(self, plugin: PluginId, name: str) -> Path:
        return self.folder / plugin.namespace / plugin.name / name
