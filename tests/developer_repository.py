"""The repository of a plugin's developer, as a bare one on this disk that answers under an https address."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from builders import a_manifest
from pluginry.adapters.git_source import GitSource
from pluginry.adapters.git_tags import GitTags

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

ADDRESS = "https://git.example/acme/spam-filter"


@dataclass(slots=True)
class DeveloperRepository:
    """A `RepositoryTags` and a `SourceFetcher`: the real ones, for a folder in the place of `ADDRESS`."""

    folder: Path

    @classmethod
    def at(cls, root: Path) -> DeveloperRepository:
        """Return an empty one below `root`."""
        made = cls(root / "developer")
        made.folder.mkdir(parents=True)
        made.git("init", "--quiet", "--initial-branch=main", ".")
        return made

    def tag(self, version: str, tag: str = "", *, manifest: str = "") -> str:
        """Commit the spam filter in `version`, tag it, and return the commit."""
        files = {
            "plugin.yaml": manifest or a_manifest(version=version),
            "spam_filter.py": f"VERSION = '{version}'\n",
            "config.schema.json": '{"type": "object"}',
            "LICENSE": "Licence text\n",
        }
        for name, text in files.items():
            (self.folder / name).write_text(text, "utf-8")
        self.git("add", "--all")
        self.git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", version)
        names = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        self.git(*names, "tag", "--annotate", "--message", version, tag or f"v{version}")
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments], check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout.strip()

    def tags(self, repository: str) -> Mapping[str, str]:
        return GitTags(unsafe_allow_file_protocol=True).tags(self._here(repository))

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        fetcher = GitSource(unsafe_allow_file_protocol=True)
        return fetcher.fetch(replace(source, git=self._here(source.git)), into, expected=expected, max_bytes=max_bytes)

    def _here(self, address: str) -> str:
        return self.folder.as_uri() if address == ADDRESS else address
