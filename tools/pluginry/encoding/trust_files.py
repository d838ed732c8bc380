"""The public files of a marketplace's root of trust, as they lie in git below ``index/trust/``.

``N.root.json``        who may sign what; each follows from the one before
``N.targets.json``     profile *hardened* only: what the offline targets keys signed
``policy.json``, ``trusted_root.json``   what the targets metadata names
``pending/``           a change that still collects signatures: the same files, without numbers

In: the folder. Out: bytes as they lie there. It decides nothing, and never holds a private key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding.whole_file import replace_file

if TYPE_CHECKING:
    from pathlib import Path

POLICY_FILE, TRUSTED_ROOT_FILE = "policy.json", "trusted_root.json"


@dataclass(frozen=True, slots=True)
class TrustFiles:
    """The files below ``folder``."""

    folder: Path

    @property
    def pending(self) -> TrustFiles:
        """The folder of changes that still collect signatures."""
        return TrustFiles(self.folder / "pending")

    @property
    def roots(self) -> tuple[bytes, ...]:
        """Every ``N.root.json``, oldest first."""
        return tuple(path.read_bytes() for path in self._numbered("root"))

    @property
    def offline_targets(self) -> bytes | None:
        """The newest ``N.targets.json``; None in profile *simple*, whose targets are signed when publishing."""
        files = self._numbered("targets")
        return files[-1].read_bytes() if files else None

    def read(self, name: str) -> bytes | None:
        """Return a file, or None."""
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None

    def write(self, name: str, body: bytes) -> None:
        """Write a file, whole or not at all."""
        replace_file(self.folder / name, body)

    def remove(self, *names: str) -> None:
        """Remove files that are there, and the folder when nothing is left in it."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _numbered(self, role: str) -> list[Path]:
        files = [path for path in self.folder.glob(f"*.{role}.json") if path.name.split(".")[0].isdecimal()]
        return sorted(files, key=lambda path: int(path.name.split(".")[0]))
