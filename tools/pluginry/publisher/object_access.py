"""Objects by digest, wherever they are: kept by an earlier run here, or published already.

In: the local store of objects, the store that is published to, and what is known of it. Out: bytes that are what their
digest says, or an error. What was read from the store is kept locally; the store is not asked whether it has what it is
known to have, or known to lack.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pluginry.encoding.tree import checked
from pluginry.errors import ObjectMissingError, TamperedError
from pluginry.model import layout
from pluginry.publisher.concurrency import for_each
from pluginry.publisher.inventory import NOTHING_KNOWN, Inventory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pluginry.encoding.content_store import ContentStore
    from pluginry.model.digest import BlobRef
    from pluginry.model.ledger import AttestationFact, Ledger
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version
    from pluginry.ports import ObjectStore

_LARGE_BYTES: Final = 1 << 18
"""From here on an object that is to be published is not held in memory."""


@dataclass(frozen=True, slots=True)
class ObjectAccess:
    """Reads from ``local`` first, then from what is ``published``; packages of ``withdrawn`` releases nobody needs."""

    local: ContentStore
    published: ObjectStore
    known: Inventory = NOTHING_KNOWN
    withdrawn: frozenset[tuple[PluginId, Version]] = frozenset()

    def node(self, ref: BlobRef) -> bytes:
        """Return a manifest, facts or another JSON object.

        Raises:
            ObjectMissingError: it is nowhere.
            TamperedError: what is published under its name is something else.

        """
        return self._read(ref, layout.node_key(ref.sha256))

    def packed(self, ref: BlobRef) -> bytes:
        """Return an object that was packed for the way; the errors of `node`."""
        return self._read(ref, layout.packed_key(ref.sha256))

    def package(self, ref: BlobRef, key: str) -> bytes:
        """Return a package that is published under `key`; the errors of `node`."""
        return self._read(ref, key)

    def bundle(self, attestation: AttestationFact) -> bytes:
        """Return a sigstore bundle; the errors of `node`."""
        return self._read(attestation.blob, layout.attestation_key(attestation.sha256))

    def to_publish(self, ref: BlobRef, key: str) -> bytes | Path:
        """Return an object as bytes, or as a local file if it is large; the errors of `node`.

        What was hashed and what is published are the same bytes then, read once. What is known to be published is not
        looked at: there may be no such file, and nobody needs it.
        """
        if self.known.holds(key):
            return self.local.path_of(ref.sha256)
        kept = self.local.find(ref) if ref.size > _LARGE_BYTES else self.local.read(ref)
        return self._fetched(ref, key) if kept is None else kept

    def bring(self, wanted: Iterable[tuple[BlobRef, str]]) -> None:
        """Fetch what is not here yet, several at once; what fails is met again by whoever needs it."""

        def fetch(one: tuple[BlobRef, str]) -> None:
            with suppress(ObjectMissingError, TamperedError):
                self._read(*one)

        missing = {key: ref for ref, key in wanted if not self.local.has(ref.sha256)}
        for_each(((ref, key) for key, ref in missing.items()), fetch, at_once=self.published.parallelism)

    def missing_from(self, ledger: Ledger, version: Version) -> str:
        """Return what is nowhere of a recorded release, in words; empty when all is at hand."""
        return ", ".join(
            f"{name} {key}" for name, ref, key in self._parts(ledger, version) if not self.is_there(ref, key)
        )

    def damaged_in(self, ledger: Ledger, version: Version) -> str:
        """Return which documents of a recorded release nobody can read, in words; empty when all are sound.

        Raises:
            ObjectMissingError: one is nowhere, though the store was remembered to hold it.

        """
        return ", ".join(
            f"{name} {key}" for name, ref, key in _documents(ledger, version) if not self._is_sound(ref, key)
        )

    def has_bundle(self, attestation: AttestationFact) -> bool:
        """Return whether a bundle is at hand."""
        return self.is_there(attestation.blob, layout.attestation_key(attestation.sha256))

    def is_there(self, ref: BlobRef, key: str) -> bool:
        """Return whether an object is at hand: one that is only here was hashed, one in the store is not looked at."""
        if self.known.holds(key) or self.local.holds(ref):
            return True
        return not self.known.lacks(key) and self.published.find(key) is not None

    def _parts(self, ledger: Ledger, version: Version) -> Iterator[tuple[str, BlobRef, str]]:
        """Yield all that a recorded release is offered with, by name, reference and key."""
        yield from _documents(ledger, version)
        if (ledger.id, version) not in self.withdrawn:
            for artifact in ledger.releases[version].artifacts:
                key = layout.package_key(ledger.id, version, artifact.platform)
                yield f"{artifact.platform} package", artifact.blob, key

    def _is_sound(self, ref: BlobRef, key: str) -> bool:
        try:
            self._read(ref, key)
        except TamperedError:
            return False
        except ObjectMissingError:
            if self.known.is_remembered:
                raise
            return False
        return True

    def _read(self, ref: BlobRef, key: str) -> bytes:
        kept = self.local.read(ref)
        return self._fetched(ref, key) if kept is None else kept

    def _fetched(self, ref: BlobRef, key: str) -> bytes:
        try:
            data = checked(self.published.read(key), ref)
        except ObjectMissingError as error:
            raise ObjectMissingError("an object that the ledger names is nowhere", where=key) from error
        except TamperedError as error:
            raise TamperedError(error.what, where=key, hint=error.hint) from error
        self.local.add(data)
        return data


def _documents(ledger: Ledger, version: Version) -> Iterator[tuple[str, BlobRef, str]]:
    """Yield the documents that a recorded release is made known by: name, reference and key."""
    for name, ref in (("manifest", ledger.releases[version].manifest), ("scan results", ledger.facts_of(version))):
        yield name, ref, layout.node_key(ref.sha256)
