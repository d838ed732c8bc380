"""What the build asks of git, through the git command. Never writes to a repository and never runs its hooks."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 60
_HARMLESS = (
    "--no-optional-locks",  # asking for the status does not rewrite the index
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),  # a program of the repository's choice
    *("-c", "safe.bareRepository=explicit"),  # a folder of files that looks like a repository is none
)


@dataclass(frozen=True, slots=True)
class GitCheckout:
    """The repository around ``folder``; everything answers None when there is none."""

    folder: Path

    def head_commit(self) -> str | None:
        """Return the commit that is checked out, or None when it does not hold what is in the folder."""
        if self._git("check-ignore", "--quiet", ".") is not None:
            return None
        commit = self._git("rev-parse", "HEAD")
        return commit if self._git("status", "--porcelain", "--", ".") == "" else None

    def would_track(self, path: Path) -> bool:
        """Return whether git would take the file at `path` into the repository."""
        top = self._git("rev-parse", "--show-toplevel")
        file = path.resolve()
        if top is None or not file.is_relative_to(Path(top).resolve()):
            return False
        return self._git("check-ignore", "--quiet", "--", str(file)) is None

    def _git(self, *arguments: str) -> str | None:
        """Return what git prints, or None when it fails or is not there."""
        try:
            done = subprocess.run(
                ["git", "-C", str(self.folder), *_HARMLESS, *arguments],
                capture_output=True,
                check=False,
                encoding="utf-8",
                errors="surrogateescape",
                timeout=_TIMEOUT_S,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.rstrip("\n") if done.returncode == 0 else None
