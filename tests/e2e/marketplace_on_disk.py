"""A workspace with a few real plugins of this repository, and the commands that an operator and a user type."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        done = subprocess.run(
            [sys.executable, "-m", "pluginry", *arguments, "--json"],
            cwd=self.root,
            env={**os.environ, "PLUGINRY_HOME": str(self.root / home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout) if done.stdout else {}

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
