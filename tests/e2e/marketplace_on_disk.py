"""A workspace with a few real plugins of this repository, and the commands that an operator and a user type.

The commands run in the process of the tests, which saves most of their time; the README's tests and the faults' start
programs of their own.
"""

from __future__ import annotations

import shutil
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command_line import pluginry

ROOT = Path(__file__).resolve().parents[2]
SCORER, CACHE = "mairust/spam-scorer", "mairust/dns-cache"
PLUGINS = (SCORER, CACHE, "mairust/attachment-guard", "mairust/dlp-check", "mairust/vacation-reply")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with ``registry/``, ``index/``, and ``dist/`` once it was published."""

    root: Path

    @property
    def dist(self) -> Path:
        """What is published."""
        return self.root / "dist"

    def pluginry(self, *arguments: str, expect: int = 0, home: str = "home") -> Any:
        """Run a command and return its JSON answer, held to the expected exit status."""
        with chdir(self.root):
            done = pluginry(*arguments, "--json", home=self.root / home)
        assert done.status == expect, f"{arguments}: {done.status}\n{done.out}\n{done.err}"
        return done.data if done.out else {}

    def fingerprint(self) -> str:
        """Return the fingerprint of the root of trust."""
        return str(self.pluginry("trust", "show")["fingerprint"])


def copy_registry(root: Path, plugins: tuple[str, ...] = PLUGINS) -> None:
    """Make ``root/registry`` with all that belongs to `plugins` of this repository."""
    registry = root / "registry"
    shutil.copytree(ROOT / "registry", registry, ignore=shutil.ignore_patterns("plugins", "advisories"))
    (registry / "advisories").mkdir()
    for plugin in plugins:
        shutil.copytree(ROOT / "registry" / "plugins" / plugin, registry / "plugins" / plugin)


def a_workspace(root: Path, plugins: tuple[str, ...] = PLUGINS, *, profile: str = "simple") -> Workspace:
    """Return a new workspace with `plugins` of this repository and a root of trust that names the lab."""
    copy_registry(root, plugins)
    workspace = Workspace(root)
    workspace.pluginry("trust", "init", "--signing", "lab", "--profile", profile)
    return workspace
