"""The copy of the trusted metadata that a refresh works on, and the way back: all of it or nothing.

In: the folder with what was trusted before. Out: a copy to change at will, and the folder replaced by it once somebody
says so. What a process leaves behind that was killed is cleared away by the next one.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PREFIX = "pluginry-trust-"
_INCOMING = ".incoming-"
_METADATA = "metadata"
_ABANDONED_AFTER_S = 3600.0
"""Far longer than any refresh may take: a copy that nobody touched for so long belongs to a process that died."""


@dataclass(slots=True)
class MetadataCopy:
    """A copy of `original`, in a place of its own: links must work there, which they do not in every home."""

    original: Path
    _place: tempfile.TemporaryDirectory[str]

    @classmethod
    def of(cls, original: Path) -> MetadataCopy:
        """Return a copy of the folder `original`, which need not be there yet.

        Raises:
            OSError: there is no room for it.

        """
        place = tempfile.TemporaryDirectory(prefix=_PREFIX)
        copy = cls(original, place)
        try:
            _clear_away(Path(place.name), Path(place.name).parent, _PREFIX)
            if original.is_dir():
                shutil.copytree(original, copy.metadata, ignore=shutil.ignore_patterns(f"{_INCOMING}*"))
            else:
                copy.metadata.mkdir()
        except OSError:
            copy.close()
            raise
        return copy

    @property
    def metadata(self) -> Path:
        """The folder that the copy is in."""
        return Path(self._place.name) / _METADATA

    @property
    def scratch(self) -> Path:
        """A folder for anything else; it goes with the copy."""
        return Path(self._place.name)

    def keep(self) -> None:
        """Make the copy the original.

        Each file is replaced at once; whichever of them a crash leaves out, the others stand for themselves, and
        there is no moment without any.

        Raises:
            OSError: it cannot be written there.

        """
        for file in sorted(self.metadata.rglob("*.json")):
            if not file.is_symlink():  # root.json only points to the newest root, and is made anew each time
                _replace(self.original / file.relative_to(self.metadata), file.read_bytes())
        for folder in {self.original, *(file.parent for file in self.original.rglob("*.json"))}:
            _clear_away(self.metadata, folder, _INCOMING)

    def close(self) -> None:
        """Forget the copy."""
        self._place.cleanup()


def _replace(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=_INCOMING, delete=False) as new:
        new.write(body)
    Path(new.name).replace(path)


def _clear_away(ours: Path, folder: Path, prefix: str) -> None:
    """Remove what begins with `prefix` in `folder` and was left long before `ours` was made, by the same clock."""
    with suppress(OSError):
        limit = ours.stat().st_mtime - _ABANDONED_AFTER_S
        for left in folder.glob(f"{prefix}*"):
            with suppress(OSError):
                if left.lstat().st_mtime >= limit:
                    continue
                if left.is_dir() and not left.is_symlink():
                    shutil.rmtree(left)
                else:
                    left.unlink()
