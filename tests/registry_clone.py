"""A registry at a forge on loopback, and a developer's clone of it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from builders import a_config, a_registry
from github_server import REGISTRY, GithubServer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAMES = ("-c", "user.name=Anna", "-c", "user.email=anna@example.org")
SPAM_FOLDER = "plugins/acme/spam-filter"


@dataclass(slots=True)
class Clone:
    """The clone at ``folder`` of the registry that ``server`` hosts."""

    server: GithubServer
    folder: Path

    @classmethod
    def of_registry(cls, server: GithubServer, root: Path, changes: Mapping[str, Any] | None = None) -> Clone:
        """Let `server` host the registry of builders.py with `changes`, and return a clone below `root`."""
        upstream = server.host(REGISTRY)
        run(root, "init", "--quiet", "--bare", "--initial-branch=main", str(upstream))
        seed = root / "seed"
        a_registry(seed, {"registry.yaml": a_config(), **(changes or {})})
        clone = cls(server, root / "clone")
        run(seed, "init", "--quiet", "--initial-branch=main", ".")
        cls(server, seed).push_all("First")
        run(root, "clone", "--quiet", str(upstream), str(clone.folder))
        return clone

    @property
    def registry(self) -> Path:
        return self.folder / "registry"

    def write(self, path: str, text: str) -> None:
        """Write a file of the registry."""
        file = self.registry / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def push_all(self, message: str) -> None:
        """Commit everything and push it to the main branch of the registry."""
        run(self.folder, "add", "--all")
        run(self.folder, *NAMES, "commit", "--quiet", "-m", message)
        run(self.folder, "push", "--quiet", str(self.server.path(REGISTRY)), "HEAD:main")


def run(folder: Path, *arguments: str) -> str:
    """Run git in `folder` and return what it prints."""
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()
