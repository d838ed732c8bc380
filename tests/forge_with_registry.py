"""A marketplace at a forge on loopback: registry, forks, pull requests, and the robot that looks at them.

with RegistryAtForge.open(tmp_path) as market:
number = market.propose(market.git.branch(changes), token=ANNAS_TOKEN)
market.sweep()                            # what ``pluginry ci sweep`` prints with --json
"""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from github_server import ACCOUNTS, REGISTRY, GithubServer
from pluginry.cli.main import run
from pull_requests import Forge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ROBOTS_TOKEN = "ghs_robot"  # noqa: S105 - it opens nothing


@dataclass(slots=True)
class RegistryAtForge:
    """The ``server`` with the registry of ``git``, and the ``clone`` that the robot works in."""

    server: GithubServer
    git: Forge
    clone: Path

    @classmethod
    @contextmanager
    def open(cls, folder: Path, changes: Mapping[str, Any] | None = None) -> Iterator[RegistryAtForge]:
        """Serve the registry of pull_requests.py with `changes`, below `folder`."""
        git = Forge.with_registry(folder, changes)
        git.git("update-ref", "refs/heads/main", git.main)
        git.git("symbolic-ref", "HEAD", "refs/heads/main")
        with GithubServer(folder / "served") as server:
            path, clone = server.host(REGISTRY), folder / "clone"
            for bare, there in (("--bare", path), ("--no-checkout", clone)):
                words = ["git", "clone", "--quiet", bare, str(git.folder), str(there)]
                subprocess.run(words, check=True, capture_output=True, timeout=60)
            yield cls(server, git, clone)

    def propose(self, head: str, token: str, *, branch: str = "topic") -> int:
        """Open a pull request that ends in the commit `head`, and return its number."""
        forge = self.server.forge(token)
        owner = ACCOUNTS[token][0]
        forge.workplace()
        self.push(head, token, branch=branch)
        return forge.open(branch, owner=owner, title=f"Change of {owner}", body="").number

    def push(self, head: str, token: str, *, branch: str = "topic") -> None:
        """Let a branch of the fork of `token` end in `head`, whatever it was before."""
        name = f"{ACCOUNTS[token][0]}/{REGISTRY.partition('/')[2]}"
        self.server.git(name, "fetch", "--quiet", str(self.git.folder), f"+{head}:refs/heads/{branch}")

    def run(self, *words: str, token: str = ROBOTS_TOKEN, expect: int = 0) -> dict[str, Any]:
        """Run a command of pluginry against the forge and return what it prints."""
        variables = {"GITHUB_API_URL": self.server.address, "GH_TOKEN": token, "GITHUB_REPOSITORY": REGISTRY}
        done = CliRunner().invoke(run, [*words, "--json"], env=variables)
        assert done.exit_code == expect, (done.output, done.exception)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def sweep(self, *words: str, expect: int = 0) -> dict[int, str]:
        """Let the robot go over what is open, asking no developer, and return what became of each by number."""
        found = self.run("ci", "sweep", "--clone", str(self.clone), "--offline", *words, expect=expect)
        return {one["number"]: one["done"] for one in found["pull_requests"]}

    def labels(self, number: int) -> set[str]:
        """Return the labels of a pull request."""
        return {label["name"] for label in self.server.pulls[number - 1]["labels"]}

    def said(self, number: int, *, by: str = "github-actions[bot]") -> list[str]:
        """Return what somebody wrote below a pull request."""
        return [one["body"] for one in self.server.comments if one["number"] == number and one["user"]["login"] == by]

    @property
    def main(self) -> str:
        """The newest commit at the forge."""
        return self.server.git(REGISTRY, "rev-parse", "refs/heads/main")
