"""The outside world as Protocols, named by role. Adapters implement them; nothing inside knows more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from pluginry.model.attestation import SignerIdentity, VerifiedStatement
    from pluginry.model.digest import BlobRef
    from pluginry.model.published import PublishedObject, StoredObject
    from pluginry.model.release import Source

Progress = Callable[[int], None]
"""Called with the number of bytes that arrived since the last call."""


class Transport(Protocol):
    """Reads what a marketplace published. Keys are relative, as in ``v1/index.json``."""

    @property
    def location(self) -> str:
        """Where from, for people: never holds credentials."""

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole object.

        Raises:
            ObjectMissingError: there is no such object.
            ObjectTooLargeError: it is larger than `max_bytes`.
            TransportError: it did not arrive.

        """

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        """Append the whole object to `into`; the same errors as `fetch`."""


class ObjectStore(Protocol):
    """Where a marketplace is published to."""

    @property
    def location(self) -> str:
        """Where to, for people: never holds credentials."""

    def read(self, key: str) -> bytes:
        """Return the object.

        Raises:
            ObjectMissingError: there is no such object.

        """

    def find(self, key: str) -> StoredObject | None:
        """Return what is stored under `key`, or None."""

    def create(self, published: PublishedObject) -> bool:
        """Store an object unless its key is taken; return whether it was stored. Never overwrites."""

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        """Overwrite an object whose version tag is `expected` (None: it must not exist).

        Raises:
            PublishConflictError: somebody else changed it meanwhile.

        """

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield what is stored under every key that starts with `prefix`, in byte order of the keys."""

    def remove(self, key: str) -> None:
        """Remove an object, if it is there. Publishing never does; only collecting garbage and taking down do."""


class SourceFetcher(Protocol):
    """Brings the upstream bytes of a release here. One implementation for each kind of source."""

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        """Put what `source` names below the empty folder `into` and return its path.

        A file is returned for archives, a folder for source trees. `expected` is checked while reading.

        Raises:
            TransportError: not reachable, or larger than `max_bytes`.
            TamperedError: the bytes are not the expected ones.

        """


class Signer(Protocol):
    """Signs in-toto statements under one identity."""

    @property
    def identity(self) -> SignerIdentity:
        """Who signs."""

    def attest(self, statement: bytes) -> bytes:
        """Return a sigstore bundle (v0.3 JSON) that holds `statement` in a signed DSSE envelope."""


class Verifier(Protocol):
    """Checks sigstore bundles without touching the network."""

    def verify(self, bundle: bytes, *, trusted_root: bytes, identities: Iterable[SignerIdentity]) -> VerifiedStatement:
        """Return the statement in `bundle`, signed by one of `identities`.

        Raises:
            TamperedError: anything at all is wrong with it.

        """


class MetadataRepository(Protocol):
    """Signs the trust metadata (TUF) of a marketplace."""

    def sign(self, targets: Mapping[str, bytes], *, store: ObjectStore, now: datetime) -> Iterable[PublishedObject]:
        """Return the metadata and target objects that make `targets` the current state of `store`."""

    def current_target(self, path: str, store: ObjectStore) -> bytes | None:
        """Return the target that is published in `store` now, checked; None before the first publication."""


class TrustedMetadata(Protocol):
    """The client's end of the trust metadata: knows which targets are current."""

    def refresh(self, *, now: datetime) -> None:
        """Bring the metadata up to date.

        Raises:
            TamperedError: a signature, hash or version is wrong.
            RolledBackError: genuine, but older than what was seen before.
            StaleError: genuine but expired.
            TransportError: not reachable.

        """

    def names(self, path: str) -> bool:
        """Return whether there is such a target."""

    def target(self, path: str, *, max_bytes: int, kept: bytes | None = None) -> bytes:
        """Return the current bytes of a target, checked; without a request when they are those of `kept`.

        Raises:
            TamperedError: not the promised bytes, larger than `max_bytes`, or no such target.

        """

    def keep(self) -> None:
        """Make what was refreshed the truth: called once all that hangs on it was accepted."""

    def close(self) -> None:
        """Forget what was refreshed and not kept."""


class Connector(Protocol):
    """Makes the client's connections: the one thing a host hands over to let the client reach the world."""

    def transport(self, location: str) -> Transport:
        """Return the transport for an address or folder.

        Raises:
            UsageError: no such kind of location.

        """

    def time_limit(self, seconds: float) -> AbstractContextManager[None]:
        """While it is entered, all reads of this thread together end after `seconds`, with a `TransportError`."""

    def metadata(self, folder: Path, *, root: bytes, transport: Transport) -> TrustedMetadata:
        """Return the trusted metadata that is kept in `folder` and began with `root`."""

    def verifier(self) -> Verifier:
        """Return what checks sigstore bundles.

        Raises:
            PolicyError: the ``verify`` extra is not installed.

        """


class GitHistory(Protocol):
    """What the build asks of git."""

    def head_commit(self) -> str | None:
        """Return the commit that is checked out, or None when the files are not a clean checkout."""
