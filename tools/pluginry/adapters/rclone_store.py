"""An object store in whatever rclone can write to: WebDAV, SFTP, Google Cloud Storage, Azure, and dozens more.

In: ``rclone:REMOTE:PATH``, a remote that rclone is configured for. Out: an `ObjectStore`. rclone has no conditional
writes: it looks first and then writes, which is safe only if one publisher ever runs. Where a remote knows no hashes,
what has the same size and was written within its smallest unit of time (a second, for FTP a minute) looks the same: it
is no reason to leave anything as it is, and who publishes reads the turn itself (publisher/turn.py). Type and cache
life go along to remotes that keep them. Some remotes (local, SFTP) show a reader half an object while it is written.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pluginry.adapters.rclone_daemon import RcloneDaemon
from pluginry.adapters.turnstiles import Turnstiles
from pluginry.errors import ObjectMissingError, PublishConflictError, TransportError, UsageError
from pluginry.model.layout import is_key, parts_of_key
from pluginry.model.published import StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.published import PublishedObject

SCHEME = "rclone:"
_REMOTE = re.compile(r"(?P<name>[A-Za-z0-9_.+@][A-Za-z0-9_.+@ -]*):(?P<path>[^\0-\x1f]*)\Z")
_PARALLELISM = 8
_HASHES = ("sha256", "md5", "sha1")
"""What serves as a tag, if the remote knows it: the first two are also recognised by who knows the content."""
_BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class RcloneStore:
    """Objects below ``remote``, as in ``shelf:market``; ``digest`` is the kind of hash that it knows, or empty."""

    daemon: RcloneDaemon
    remote: str
    digest: str
    is_only_publisher: bool
    _turnstiles: Turnstiles = field(default_factory=Turnstiles)

    @classmethod
    @contextmanager
    def open(cls, address: str, *, is_only_publisher: bool = False) -> Iterator[RcloneStore]:
        """Yield the store at ``rclone:REMOTE:PATH``, while rclone runs.

        Raises:
            UsageError: this is no such address, or rclone is not installed.
            TransportError: rclone does not know the remote, or cannot reach it.

        """
        remote = address.removeprefix(SCHEME)
        if not (address.startswith(SCHEME) and _REMOTE.match(remote)):
            # Not shown: remotes that are described on the spot may hold passwords.
            raise UsageError(
                "this is not a remote of rclone", hint="rclone:REMOTE:PATH, with the name of a configured remote"
            )
        with RcloneDaemon.running(at_once=_PARALLELISM) as daemon:
            known = daemon.call("fsinfo", where=address, fs=remote).get("Hashes") or ()
            digest = next((name for name in _HASHES if name in known), "")
            yield cls(daemon=daemon, remote=remote, digest=digest, is_only_publisher=is_only_publisher)

    @property
    def location(self) -> str:
        """The remote and the path."""
        return f"{SCHEME}{self.remote}"

    @property
    def parallelism(self) -> int:
        """Requests at once."""
        return _PARALLELISM

    def check(self) -> None:
        """Return if it may be written to.

        Raises:
            UsageError: nobody said that there is only one publisher.

        """
        if not self.is_only_publisher:
            raise UsageError(
                "rclone knows no conditional writes: two publishers could overwrite each other's objects",
                where=self.location,
                hint="make sure that only one publisher ever runs, and say so with --single-publisher",
            )

    def read(self, key: str) -> bytes:
        """Return the object; see `ObjectStore`."""
        with tempfile.TemporaryDirectory() as folder:
            there = {"srcFs": self.remote, "srcRemote": _checked(key)}
            self._call("copyfile", key, **there, dstFs=folder, dstRemote=_BODY)
            return Path(folder, _BODY).read_bytes()

    def find(self, key: str) -> StoredObject | None:
        """Return what is stored; the tag is a digest, or tells size and time where the remote knows none."""
        try:
            found = self._call("stat", key, fs=self.remote, remote=_checked(key), opt=self._options)["item"]
        except ObjectMissingError:
            return None
        return self._stored(found) if found and not found["IsDir"] else None

    def create(self, published: PublishedObject) -> bool:
        """Store an object unless its key is taken; see `ObjectStore`."""
        self.check()
        with self._turnstiles.of(published.key):
            if self.find(published.key):
                return False
            self._put(published)
            return True

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        """Overwrite an object whose tag is `expected`; see `ObjectStore`."""
        self.check()
        with self._turnstiles.of(published.key):
            found = self.find(published.key)
            if (found.tag if found else None) != expected:
                raise PublishConflictError("somebody else published meanwhile", where=self._where(published.key))
            self._put(published)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield what is stored under every key that starts with `prefix`, in byte order: all of it in one answer."""
        folder = prefix.rpartition("/")[0]
        options = {**self._options, "recurse": True, "noMimeType": True}
        try:
            found = self._call("list", prefix, fs=self.remote, remote=folder, opt=options)["list"]
        except ObjectMissingError:
            return
        ours = (item for item in found or () if item["Path"].startswith(prefix) and is_key(item["Path"]))
        yield from map(self._stored, sorted(ours, key=lambda item: str(item["Path"])))

    def remove(self, key: str) -> None:
        """Remove an object; see `ObjectStore`."""
        try:
            self._call("deletefile", key, fs=self.remote, remote=_checked(key))
        except ObjectMissingError:
            return

    @property
    def _options(self) -> dict[str, Any]:
        hashes = {"showHash": True, "hashTypes": [self.digest]} if self.digest else {}
        return {"filesOnly": True, **hashes}

    def _stored(self, item: dict[str, Any]) -> StoredObject:
        tag = item.get("Hashes", {}).get(self.digest) or f"{item['Size']}-{item['ModTime']}"
        modified_at = datetime.fromisoformat(item["ModTime"]).astimezone(UTC)
        return StoredObject(key=item["Path"], tag=tag, size=item["Size"], modified_at=modified_at)

    def _put(self, published: PublishedObject) -> None:
        """Write an object from a new file: rclone takes its time for that of the object."""
        says = {"Content-Type": published.media_type, "Cache-Control": published.cache.value}
        headers = [{"Key": name, "Value": value} for name, value in says.items()]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, _BODY)
            try:
                if isinstance(published.body, Path):
                    shutil.copyfile(published.body, file)
                else:
                    file.write_bytes(published.body)
            except OSError as error:
                raise TransportError("the file cannot be read", where=published.key, why=str(error)) from error
            self._call(
                "copyfile",
                published.key,
                srcFs=folder,
                srcRemote=_BODY,
                dstFs=self.remote,
                dstRemote=_checked(published.key),
                _config={"IgnoreTimes": True, "UploadHeaders": headers},
            )

    def _call(self, operation: str, key: str, **parameters: Any) -> dict[str, Any]:
        return self.daemon.call(operation, where=self._where(key), **parameters)

    def _where(self, key: str) -> str:
        return f"{self.location.rstrip('/')}/{key}"


def _checked(key: str) -> str:
    return "/".join(parts_of_key(key))
