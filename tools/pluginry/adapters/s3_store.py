"""An object store in an S3 bucket: AWS, or anything that speaks its protocol.

In: a client, a bucket with a prefix, and whether the operator says that only one publisher ever runs. Out: an
`ObjectStore`, safe for threads, whose tags are ETags. What makes two publishers harmless depends on the store, and is
found out before the first write (s3_probe.py):

1. it keeps to ``If-None-Match`` and ``If-Match``: both are all that is needed;
2. only to the first: objects are replaced by looking and writing under a lock (store_lock.py);
3. to neither: it is refused, unless there is only one publisher.

Below ``v1/.store/`` it keeps objects of its own, which it does not list.
"""

from __future__ import annotations

import io
import secrets
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from pluginry.adapters.s3_client import S3Location, is_amazon, open_client
from pluginry.adapters.s3_failures import ConditionFailedError, s3_errors
from pluginry.adapters.s3_probe import probe
from pluginry.adapters.s3_upload import is_large, upload
from pluginry.adapters.store_lock import PublisherLock
from pluginry.adapters.turnstiles import Turnstiles
from pluginry.errors import ObjectMissingError, PublishConflictError, TransportError, UsageError
from pluginry.model.layout import is_key
from pluginry.model.published import StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

    from pluginry.adapters.s3_probe import Conditions
    from pluginry.model.published import PublishedObject

PARALLELISM = 16
OWN_PREFIX = "v1/.store/"
_CHUNK_BYTES = 1 << 18
_READS = 3


@dataclass(slots=True, kw_only=True)
class S3Store:
    """Objects in the bucket and below the prefix of ``at``; there is no ``lock`` if only one publisher ever runs."""

    client: S3Client
    at: S3Location
    lock: PublisherLock | None
    _conditions: Conditions | None = field(default=None, init=False)
    _guard: Lock = field(default_factory=Lock, init=False, repr=False)
    _turnstiles: Turnstiles = field(default_factory=Turnstiles, init=False, repr=False)

    @classmethod
    def open(cls, address: str, *, endpoint_url: str | None = None, is_only_publisher: bool = False) -> S3Store:
        """Return the store at ``s3://BUCKET/PREFIX``; see `open_client`."""
        at = S3Location.parse(address)
        client = open_client(endpoint_url, connections=PARALLELISM)
        lock = None if is_only_publisher else PublisherLock(client=client, at=at, key=f"{OWN_PREFIX}lock")
        return cls(client=client, at=at, lock=lock)

    @property
    def location(self) -> str:
        """The bucket and prefix, and the endpoint unless it is that of AWS."""
        return str(self.at) if is_amazon(self.client) else f"{self.at} at {self.client.meta.endpoint_url}"

    @property
    def parallelism(self) -> int:
        """Requests at once: they mostly wait for the network."""
        return PARALLELISM

    def check(self) -> Conditions:
        """Return what the store makes of conditional writes, found out once.

        Raises:
            UsageError: it ignores them, and nobody said that there is only one publisher.

        """
        with self._guard:
            if self._conditions is None:
                found = probe(self.client, self.at, f"{OWN_PREFIX}{secrets.token_hex(16)}")
                if self.lock is not None and not found.create:
                    raise UsageError(
                        "this store ignores conditional writes: two publishers could overwrite each other's objects",
                        where=self.location,
                        hint="make sure that only one publisher ever runs, and say so with --single-publisher",
                    )
                self._conditions = found
            return self._conditions

    def close(self) -> None:
        """Give back the lock, if there is one; the store can still be used, and would take it again."""
        if self.lock is not None:
            self.lock.release()

    def read(self, key: str) -> bytes:
        """Return the object; see `ObjectStore`."""
        for _ in range(_READS - 1):
            stream = self._stream(key)
            with suppress(TransportError), self._errors(key):  # the client repeats requests, but not half answers
                return stream.read()
        with self._errors(key):
            return self._stream(key).read()

    def find(self, key: str) -> StoredObject | None:
        """Return what is stored; the tag is the ETag."""
        try:
            with self._errors(key):
                found = self.client.head_object(**self.at.name_of(key))
        except ObjectMissingError:
            return None
        modified_at = found["LastModified"].astimezone(UTC)
        return StoredObject(key=key, tag=found["ETag"], size=found["ContentLength"], modified_at=modified_at)

    def create(self, published: PublishedObject) -> bool:
        """Store an object unless its key is taken; see `ObjectStore`."""
        if not self.check().create:
            with self._turnstiles.of(published.key):
                return self._create_after_looking(published)
        if is_large(published) and self.find(published.key):  # radosgw forgets the condition of large ones
            return False
        try:
            self._put(published, IfNoneMatch="*")
        except ConditionFailedError as refusal:
            return refusal.was_repeated and self._holds(published)
        return True

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        """Overwrite an object whose tag is `expected`; see `ObjectStore`."""
        if not self.check().replace:
            with self._turnstiles.of(published.key):
                self._replace_after_looking(published, expected)
            return
        try:
            self._put(published, **({"IfMatch": expected} if expected else {"IfNoneMatch": "*"}))
        except ConditionFailedError as refusal:
            if not (refusal.was_repeated and self._holds(published)):
                raise self._conflict(published.key) from refusal
        except ObjectMissingError as error:
            raise self._conflict(published.key) from error

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield what is stored under every key that starts with `prefix`, in byte order: 1,000 for a request."""
        start = self.at.prefix
        with s3_errors(self.at.address_of(prefix)):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.at.bucket, Prefix=start + prefix)
            for found in (found for page in pages for found in page.get("Contents", ())):
                key = found["Key"].removeprefix(start)
                if is_key(key) and not key.startswith(OWN_PREFIX):
                    modified_at = found["LastModified"].astimezone(UTC)
                    yield StoredObject(key=key, tag=found["ETag"], size=found["Size"], modified_at=modified_at)

    def remove(self, key: str) -> None:
        """Remove an object; see `ObjectStore`."""
        with self._errors(key):
            self.client.delete_object(**self.at.name_of(key))

    def _create_after_looking(self, published: PublishedObject) -> bool:
        if self.find(published.key):
            return False
        self._put(published)
        return True

    def _replace_after_looking(self, published: PublishedObject, expected: str | None) -> None:
        if self.lock is not None:
            self.lock.hold()
        found = self.find(published.key)
        if (found.tag if found else None) != expected:
            raise self._conflict(published.key)
        self._put(published)

    def _put(self, published: PublishedObject, **condition: str) -> None:
        upload(self.client, self.at, published, condition)

    def _holds(self, published: PublishedObject) -> bool:
        """Return whether exactly this is stored: an answer was lost, and the object may be our own."""
        with ExitStack() as stack:
            body = published.body
            ours = stack.enter_context(body.open("rb") if isinstance(body, Path) else io.BytesIO(body))
            stored = self._stream(published.key)
            stack.enter_context(self._errors(published.key))
            while chunk := stored.read(_CHUNK_BYTES):
                if ours.read(len(chunk)) != chunk:
                    return False
            return not ours.read(1)

    def _stream(self, key: str) -> StreamingBody:
        with self._errors(key):
            return self.client.get_object(**self.at.name_of(key))["Body"]

    def _errors(self, key: str) -> AbstractContextManager[None]:
        return s3_errors(self.at.address_of(key))

    def _conflict(self, key: str) -> PublishConflictError:
        return PublishConflictError(
            "somebody else published meanwhile",
            where=self.at.address_of(key),
            hint="run the command again: it starts from what is there now",
        )
