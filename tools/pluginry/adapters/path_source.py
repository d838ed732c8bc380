"""Copies source trees that live in the registry itself.

In: a folder below the registry. Out: a copy of its plain files, so that nothing changes while it is packed.
Never follows a link, at the end or on the way, and never leaves the registry.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.errors import DocumentError, NotFoundError, TransportError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

_MAX_FILES = 10_000


@dataclass(frozen=True, slots=True)
class PathSource:
    """Fetches ``path`` sources, given as full paths, from below ``root``."""

    root: Path

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:  # noqa: ARG002 - the digest is of the package, not of the tree
        """Copy the folder; see `SourceFetcher`.

        Raises:
            NotFoundError: there is no such folder below ``root``.
            DocumentError: a link or special file in it, or on the way to it.
            TransportError: too many files, or larger than `max_bytes`.
        """
        folder = self._folder(source.path)
        target = into / "source"
        target.mkdir()
        left = max_bytes
        for count, (name, path, size) in enumerate(_files_below(folder, "")):
            left -= size
            if left < 0 or count >= _MAX_FILES:
                raise TransportError("a source tree is larger than it may be", where=str(folder))
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy, follow_symlinks=False)
            shutil.copymode(path, copy, follow_symlinks=False)
        return target

    def _folder(self, text: str) -> Path:
        """Return the folder `text`, of which no part below the root is a link."""
        path = Path(text)
        if ".." in path.parts or not path.is_relative_to(self.root) or path == self.root:
            raise NotFoundError("a source tree lies outside of the registry", where=text)
        step = self.root
        for part in path.relative_to(self.root).parts:
            step /= part
            if step.is_symlink():
                raise DocumentError("a source tree is not reached over links", where=str(step))
        if not path.is_dir():
            raise NotFoundError("there is no such source tree", where=text)
        return path


def _files_below(folder: Path, prefix: str) -> Iterator[tuple[str, Path, int]]:
    """Yield name, path and size of every file below `folder`, by name."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path, status = Path(entry.path), entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            yield from _files_below(path, f"{prefix}{entry.name}/")
        elif stat.S_ISREG(status.st_mode):
            yield prefix + entry.name, path, status.st_size
        else:
            raise DocumentError("a source tree holds files and folders, no links or devices", where=str(path))
