"""What the build asks of git, through the git command. Never writes to a repository and never runs its hooks."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class GitCheckout:
    """The repository around ``folder``; everything answers None when there is none."""

    folder: Path

    def head_commit(self) -> str | None:
        """Return the commit that is checked out, or None when the folder has changes that no commit holds."""
        commit = self._git("rev-parse", "HEAD")
        return None if commit is None or self._git("status", "--porcelain", "--", ".") != "" else commit

    def would_track(self, path: Path) -> bool:
        """Return whether git would take the file at `path` into the repository."""
        inside = self._git("rev-parse", "--is-inside-work-tree") == "true"
        return inside and path.is_relative_to(self._top()) and self._git("check-ignore", "-q", str(path)) is None

    def _top(self) -> Path:
        top = self._git("rev-parse", "--show-toplevel")
        return self.folder if top is None else type(self.folder)(top)

    def _git(self, *arguments: str) -> str | None:
        """Return what git prints, or None when it fails or is not there."""
        try:
            done = subprocess.run(
                ["git", "-C", str(self.folder), "-c", "core.hooksPath=/dev/null", *arguments],
                capture_output=True,
                check=False,
                text=True,
                timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None
