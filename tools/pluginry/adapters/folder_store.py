"""An object store in a folder: what `pluginry publish ./dist` writes, and any web server can serve.

Every write goes to a temporary file in the same folder first, so a reader never meets half an object. Immutable objects
that lie in a file of the publisher's own (packages) are not written at all where that file can be given a second name
here: one file for both takes room once. Nothing of ours ever writes to such a file, and whoever could while it gets its
name could write to the copy as well. But who edits a published package in place edits the publisher's: it is refused
when it is read next, for its digest is another one. What is replaced has a file of its own.
It keeps no media types or cache lives: the server in front of it sets them.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.errors import ObjectMissingError, PublishConflictError, TransportError
from pluginry.model.digest import Digest
from pluginry.model.layout import is_key, parts_of_key
from pluginry.model.published import CachePolicy, StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.published import PublishedObject

_TEMPORARY = ".pluginry-incoming-"
_LOCK_TIMEOUT_S = 30
_PIECE_BYTES = 1 << 20
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_MODE = 0o644  # a web server may run as somebody else
_RUN, _numbers = secrets.token_hex(8), count()  # with the number of the process, which may be a copy: names of its own


@dataclass(frozen=True, slots=True)
class FolderStore:
    """Objects below ``root``."""

    root: Path

    @property
    def location(self) -> str:
        """The folder."""
        return str(self.root)

    @property
    def parallelism(self) -> int:
        """One: threads would only wait for the same disk and the same lock."""
        return 1

    def read(self, key: str) -> bytes:
        """Return the object; see `ObjectStore`."""
        path = self._path(key)
        try:
            return Path(path).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise ObjectMissingError("there is no such object", where=path) from error
        except OSError as error:
            raise TransportError("the object cannot be read", where=path, why=str(error)) from error

    def find(self, key: str) -> StoredObject | None:
        """Return what is stored; the tag is the digest of the content."""
        try:
            data = self.read(key)
            modified_at = datetime.fromtimestamp(Path(self._path(key)).stat().st_mtime, UTC)
        except (ObjectMissingError, FileNotFoundError):
            return None
        return StoredObject(key=key, tag=Digest.of(data).hex, size=len(data), modified_at=modified_at)

    def create(self, published: PublishedObject) -> bool:
        """Store an object unless its key is taken: a hard link fails when the name exists."""
        path, body = self._path(published.key), published.body
        try:
            if published.file and published.cache is CachePolicy.IMMUTABLE:
                size = len(body) if isinstance(body, bytes) else None
                if _share(published.file, size, path):
                    return True
            if os.path.exists(path):  # noqa: PTH110 - paths of objects are strings, for there are very many
                return False
            new = self._written(body, path)
            try:
                os.link(new, path)
            except FileExistsError:
                return False
            finally:
                _discard(new)
        except OSError as error:
            raise _not_written(path, error) from error
        return True

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        """Overwrite an object whose tag is `expected`; two publishers on one folder exclude each other by a lock.

        Where nothing is expected it takes no lock: one that is there meanwhile keeps its name.
        """
        from filelock import FileLock, Timeout

        if expected is None:
            if not self.create(published):
                raise self._conflict(published.key)
            return
        path = self._path(published.key)
        root = self.root.resolve()
        try:
            new = self._written(published.body, path)
            try:
                with FileLock(root.parent / f".{root.name}.lock", timeout=_LOCK_TIMEOUT_S):
                    found = self.find(published.key)
                    if found is None or found.tag != expected:
                        raise self._conflict(published.key)
                    Path(new).replace(path)
            finally:
                _discard(new)
        except Timeout as error:
            raise PublishConflictError("somebody else is publishing to this folder", where=str(root)) from error
        except OSError as error:
            raise _not_written(path, error) from error

    def _conflict(self, key: str) -> PublishConflictError:
        return PublishConflictError(
            "somebody else published meanwhile",
            where=self._path(key),
            hint="run the command again: it starts from what is there now",
        )

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield what is stored under every key that starts with `prefix`, in byte order."""
        files = (path for path in self.root.rglob("*") if path.is_file() and not path.name.startswith(_TEMPORARY))
        keys = (path.relative_to(self.root).as_posix() for path in files)
        found = (self.find(key) for key in sorted(key for key in keys if key.startswith(prefix) and is_key(key)))
        yield from (stored for stored in found if stored)

    def remove(self, key: str) -> None:
        """Remove an object, and the folders that it leaves empty."""
        path = Path(self._path(key))
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise TransportError("the object cannot be removed", where=str(path), why=str(error)) from error
        for folder in path.relative_to(self.root).parents[:-1]:
            with suppress(OSError):
                (self.root / folder).rmdir()

    def _path(self, key: str) -> str:
        parts = parts_of_key(key)
        if parts[-1].startswith(_TEMPORARY):
            raise TransportError("this name is kept for files that are being written", where=key)
        return f"{self.root}/{key}"

    def _written(self, body: bytes | Path, path: str) -> str:
        """Return the name of a temporary file with the `body`, beside `path`, its final place."""
        # Files without a name (O_TMPFILE) take as long on ext4 as this, and not every system has them.
        new = f"{path.rpartition('/')[0]}/{_TEMPORARY}{_RUN}-{os.getpid()}-{next(_numbers)}"
        handle = _begun(new)
        try:
            try:
                _fill(handle, body)
                mode = os.fstat(handle).st_mode & 0o777
            finally:
                os.close(handle)
            if mode != _MODE:
                os.chmod(new, _MODE)  # noqa: PTH101 - the umask of who publishes; Windows has no fchmod
        except BaseException:
            _discard(new)
            raise
        return new


def _share(file: str, size: int | None, path: str) -> bool:
    """Give `file`, if it has this `size`, the name `path` as well; return whether that was done."""
    try:
        found = os.lstat(file)
        if not stat.S_ISREG(found.st_mode) or size not in (None, found.st_size):
            return False
        if stat.S_IMODE(found.st_mode) != _MODE:
            os.chmod(file, _MODE)  # noqa: PTH101 - a string, as above
        try:
            os.link(file, path)
        except FileNotFoundError:
            os.makedirs(path.rpartition("/")[0], exist_ok=True)  # noqa: PTH103 - a string, as above
            os.link(file, path)
        os.utime(path)  # it came now, whatever the age of its content
    except OSError:  # the name is taken; or another file system, one without links, a file of somebody else, or gone
        return False
    return True


def _begun(new: str) -> int:
    """Open a file that is not there yet, in a folder that is made if it is not there."""
    try:
        return os.open(new, _NEW, _MODE)
    except FileNotFoundError:
        os.makedirs(new.rpartition("/")[0], exist_ok=True)  # noqa: PTH103 - a string, as above
        return os.open(new, _NEW, _MODE)


def _fill(handle: int, body: bytes | Path) -> None:
    """Write all of `body` to an open file; what is in memory needs no buffer on its way."""
    if isinstance(body, Path):
        with body.open("rb") as source, os.fdopen(handle, "wb", closefd=False) as stream:
            shutil.copyfileobj(source, stream, _PIECE_BYTES)
        return
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _discard(new: str) -> None:
    with suppress(FileNotFoundError):  # it has its final name
        os.unlink(new)  # noqa: PTH108 - a string, as above


def _not_written(path: str, error: OSError) -> TransportError:
    return TransportError("the object cannot be written", where=path, why=str(error))
