"""A folder of objects named by their digest: what was fetched or made once is never fetched or made again.

Objects are hashed when they come in and again each time they are read, so a damaged or altered folder
costs a download and nothing else. It never decides what may be thrown away.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.model.digest import BlobRef, Digest, blob_ref_of_stream

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class ContentStore:
    """``<folder>/<aa>/<sha256>``."""

    folder: Path
    _sound: set[Digest] = field(default_factory=set, init=False, repr=False, compare=False)

    def path_of(self, digest: Digest) -> Path:
        """Return where the object with `digest` lies or would lie."""
        return Path(self.place_of(digest))

    def place_of(self, digest: Digest) -> str:
        """Return that path as a string: a build asks for every object, and a `Path` takes longer than the answer."""
        return f"{self.folder}/{digest.hex[:2]}/{digest.hex}"

    def has(self, digest: Digest) -> bool:
        """Return whether something lies where the object with `digest` would, without reading it."""
        return os.path.exists(self.place_of(digest))  # noqa: PTH110 - a string, see above

    def holds(self, ref: BlobRef) -> bool:
        """Return whether the object is there, and was what its name says when it was hashed: now, if it never was."""
        is_known = ref.sha256 in self._sound and self.has(ref.sha256)
        return is_known or self.find(ref) is not None

    def find(self, ref: BlobRef) -> Path | None:
        """Return the path of the object, hashed just now; None when it is not there or not what it was."""
        path = self.path_of(ref.sha256)
        try:
            with path.open("rb") as stream:
                found = blob_ref_of_stream(stream)
        except OSError:
            return None
        if found != ref:
            self._forget(ref.sha256)
            return None
        self._sound.add(ref.sha256)
        return path

    def read(self, ref: BlobRef) -> bytes | None:
        """Return the object's bytes, hashed just now; None when it is not there or not what it was."""
        try:
            with open(self.place_of(ref.sha256), "rb", buffering=0) as stream:  # noqa: PTH123 - a string, see above
                data = stream.readall()
        except OSError:
            return None
        if len(data) != ref.size or sha256(data).hexdigest() != ref.sha256.hex:
            self._forget(ref.sha256)
            return None
        self._sound.add(ref.sha256)
        return data

    def add(self, data: bytes) -> BlobRef:
        """Keep `data` and return its reference."""
        ref = BlobRef.of(data)
        if self.read(ref) is None:
            with self.incoming() as path:
                path.write_bytes(data)
                self._keep(path, ref)
        return ref

    def add_file(self, path: Path) -> BlobRef:
        """Keep a copy of the file at `path` and return its reference."""
        with self.incoming() as copy:
            shutil.copyfile(path, copy)
            with copy.open("rb") as stream:
                ref = blob_ref_of_stream(stream)
            self._keep(copy, ref)
        return ref

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """Yield the path of an empty file on the same file system; it is removed unless it was kept."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".incoming-", dir=self.folder)
        os.close(handle)
        path = Path(name)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _keep(self, path: Path, ref: BlobRef) -> None:
        target = self.path_of(ref.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        self._sound.add(ref.sha256)

    def _forget(self, digest: Digest) -> None:
        """Remove what is not what its name says, so that nobody counts on it."""
        self._sound.discard(digest)
        with suppress(OSError):
            self.path_of(digest).unlink()
