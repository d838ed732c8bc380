"""A home to try sources and settings in that are gone afterwards: nothing of them is written to the home itself.

In: a home, an empty folder. Out: a home with the same plugins and policy. What it never does is to change the home: it
has no lock to change anything under.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.client.plugin_home import PluginHome
from pluginry.client.settings import SETTINGS_FILES, read_settings, write_settings
from pluginry.model.home import HomeConfig
from pluginry.model.receipt import Sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.receipt import ClientPolicy


@contextmanager
def trial_of(home: PluginHome) -> Iterator[PluginHome]:
    """Yield `home` as it is, for sources and settings that are forgotten in the end."""
    with tempfile.TemporaryDirectory(prefix="pluginry-") as scratch:
        for kind in (HomeConfig, Sources):
            settings = home.root / SETTINGS_FILES[kind]
            if settings.is_file():
                shutil.copyfile(settings, Path(scratch) / settings.name)
        yield _TrialHome(home.root, machine_policy=home.machine_policy, scratch=Path(scratch))


@dataclass(frozen=True, slots=True)
class _TrialHome(PluginHome):
    """A home whose settings, and what is remembered of sources that it has not, lie in ``scratch``."""

    scratch: Path = Path()

    def source_folder(self, name: str) -> Path:
        known = any(source.name == name for source in PluginHome.sources(self).sources)
        return PluginHome.source_folder(self, name) if known else self.scratch / "sources" / name

    @contextmanager
    def locked(self, *, recovering: bool = True) -> Iterator[None]:  # noqa: ARG002 - that of every home
        """Exclude nobody: the folder is known to this process alone."""
        yield

    def config(self) -> HomeConfig:
        return read_settings(HomeConfig, self.scratch)

    def sources(self) -> Sources:
        return read_settings(Sources, self.scratch)

    def write_settings(self, settings: HomeConfig | ClientPolicy | Sources) -> None:
        write_settings(settings, self.scratch)
