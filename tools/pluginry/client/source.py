"""One marketplace as the client sees it: reads it, and hands out only what verify.py accepted.

In: a transport, the trusted metadata, a folder for what is remembered (formats: ``sources/<name>/``). Out:
`TrustedIndex`, records, manifests, packages. Everything fetched once is kept by digest, so most reads
cost no request, and all of them work without a network. It decides nothing: see verify.py.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginry.client import limits, verify, verify_release
from pluginry.client.disk_trouble import told_of_disk_trouble, unless_read_only
from pluginry.client.index_proof import prove_index
from pluginry.client.locations import Locations
from pluginry.client.source_memory import SourceMemory
from pluginry.encoding import tree
from pluginry.encoding.content_store import ContentStore
from pluginry.encoding.revocation_file import joined_parts
from pluginry.encoding.whole_file import replace_file
from pluginry.errors import NotFoundError, ObjectMissingError, ObjectTooLargeError, PolicyError, TamperedError
from pluginry.model import layout
from pluginry.model.index import Catalogue, PluginRecord, TreeShard
from pluginry.model.manifest import Manifest
from pluginry.model.revocation import in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from pluginry.client.search_table import SearchTable
    from pluginry.client.verify import TrustedIndex
    from pluginry.model.attestation import AcceptedSigner, VerifiedStatement
    from pluginry.model.digest import BlobRef, Digest
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.ledger import ArtifactFact, AttestationFact
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import SourceConfig, SourceState
    from pluginry.ports import Connector, Progress, Transport

ROOT_FILE = "root.json"
_ALWAYS_THERE = (
    layout.POLICY_TARGET,
    layout.INDEX_ROOT_TARGET,
    layout.INDEX_ADVISORIES_TARGET,
    layout.TRUSTED_ROOT_TARGET,
)


@dataclass(slots=True, kw_only=True)
class Source:
    """A marketplace named ``config.name``; ``folder`` is the client's memory of it."""

    config: SourceConfig
    folder: Path
    connector: Connector
    locations: Locations = field(init=False)
    saved_bytes: int = field(default=0, init=False)
    """What deltas of packages spared since this source was opened."""
    _index: TrustedIndex | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.locations = Locations(config=self.config, connector=self.connector)

    @property
    def transport(self) -> Transport:
        """The connection to the marketplace itself, not to a mirror."""
        return self.locations.transport(self.config.location)

    @property
    def memory(self) -> SourceMemory:
        """What is remembered of the marketplace."""
        return SourceMemory(self.folder)

    @property
    def cache(self) -> ContentStore:
        """Objects that were fetched already."""
        return ContentStore(self.folder / "cache")

    def refresh(self, *, now: datetime) -> TrustedIndex:
        """Fetch and verify the current state, from a mirror if need be, remember it, and return it.

        Raises:
            TrustError: something is wrong with it; what was trusted before stays in force.
            TransportError: the marketplace cannot be reached, or takes too long.

        """
        with self.memory.changing():
            state = self.state()
            verify.check_clock(state, now=now)
            self.locations.refresh(lambda transport: self._refresh_from(transport, state, now))
        return self.index()

    def index(self) -> TrustedIndex:
        """Return the state of the last refresh, without any request.

        Raises:
            NotFoundError: there was no refresh yet.

        """
        if self._index is None:
            state, kept = self.state(), self.memory.targets()
            if state is None or not kept.keys() >= set(_ALWAYS_THERE):
                raise NotFoundError(f"nothing is known of {self.config.name} yet", hint="run `pluginry source refresh`")
            self._index = self._accept(kept, state, as_of=state.last_ok)
        return self._index

    def catalogue(self) -> Catalogue:
        """Return the catalogue of the last refresh."""
        return verify.accept_catalogue(self._catalogue_bytes(), ref=self.index().root.catalogue)

    def search_table(self) -> SearchTable:
        """Return the catalogue of the last refresh as it is searched; it is made once and kept until the next one."""
        from pluginry.client.search_table import SearchTable

        ref = self.index().root.catalogue
        folder = self.folder / "search"
        lines, summaries = folder / f"{ref.sha256.hex}.lines", folder / f"{ref.sha256.hex}.summaries"
        with suppress(FileNotFoundError):
            kept = SearchTable.parse(lines.read_text("utf-8"), summaries.read_bytes())
            if kept is not None:
                return kept
        max_bytes = limits.DOCUMENTS[Catalogue]
        table = SearchTable.of(self._catalogue_bytes(), max_bytes=max_bytes)
        # Another process may do the same in this moment: what it takes away is made again by whoever needs it.
        with told_of_disk_trouble(folder), unless_read_only(), suppress(FileNotFoundError):
            shutil.rmtree(folder, ignore_errors=True)
            replace_file(summaries, table.summaries)
            replace_file(lines, table.text().encode())
        return table

    def plugins(self) -> tuple[PluginId, ...]:
        """Return every plugin of the last refresh, having read the whole tree of the index."""
        return tuple(tree.every_record(self.index().root, lambda node: self._read(node, limits.DOCUMENTS[TreeShard])))

    def record(self, plugin: PluginId) -> PluginRecord | None:
        """Return everything known of `plugin`; None when the marketplace has no such plugin."""
        ref = tree.lookup(self.index().root, plugin, lambda node: self._read(node, limits.DOCUMENTS[TreeShard]))
        if ref is None:
            return None
        data = self._read(ref, limits.DOCUMENTS[PluginRecord])
        record = verify_release.accept_record(data, ref=ref, plugin=plugin, seen_seq=self.memory.seen_seq(plugin))
        self.memory.note_seq(record)
        return record

    def manifest(self, plugin: PluginId, release: ReleaseRecord) -> Manifest:
        """Return the manifest of a release without downloading its package."""
        data = self._read(release.manifest, limits.DOCUMENTS[Manifest])
        return verify_release.accept_manifest(data, ref=release.manifest, plugin=plugin, version=release.version)

    def package(
        self,
        plugin: PluginId,
        release: ReleaseRecord,
        artifact: ArtifactFact,
        progress: Progress | None = None,
        earlier: Callable[[Digest], bytes | None] = lambda _digest: None,
    ) -> Path:
        """Return the path of a package with the promised size and digest, downloaded if need be.

        Where a delta leads to it from a package that is kept, or that `earlier` returns, only the delta is downloaded.

        Raises:
            TamperedError: other bytes arrived.

        """
        _require_honest_size(artifact.blob, limits.PACKAGE)
        found = self.cache.find(artifact.blob)
        if found is not None:
            return found
        key = layout.package_key(plugin, release.version, artifact.platform)
        with told_of_disk_trouble(self.folder):
            less = self._make_by_delta(plugin, release, artifact, earlier)
        if less:
            self.saved_bytes += less
            return self.cache.path_of(artifact.sha256)
        with told_of_disk_trouble(self.folder), self.cache.incoming() as path:
            with path.open("wb") as stream, _refusing_larger(key):
                self.locations.download(key, stream, max_bytes=artifact.size, progress=progress)
            if self.cache.add_file(path) != artifact.blob:
                raise TamperedError(
                    "the package is not the one that the index names",
                    where=f"{self.transport.location} {key}",
                    hint="do not install it from anywhere; tell the marketplace's owner",
                )
        return self.cache.path_of(artifact.sha256)

    def _make_by_delta(
        self,
        plugin: PluginId,
        release: ReleaseRecord,
        artifact: ArtifactFact,
        earlier: Callable[[Digest], bytes | None],
    ) -> int:
        """Make a package, if a delta leads to it, and return how many bytes that saved; see `made_by_delta`."""
        if not release.deltas:
            return 0
        from pluginry.client.package_delta import made_by_delta

        return made_by_delta(plugin, release, artifact, cache=self.cache, earlier=earlier, fetch=self.locations.fetch)

    def bundle(self, attestation: AttestationFact) -> bytes:
        """Return the sigstore bundle of an attestation.

        Raises:
            TamperedError: it is withheld, or another one.

        """
        try:
            return self._read(attestation.blob, limits.BUNDLE, key=layout.attestation_key(attestation.sha256))
        except ObjectMissingError as error:
            raise TamperedError("an attestation that the index names is withheld", where=error.where) from error

    def statement(
        self, attestation: AttestationFact, *, signers: tuple[AcceptedSigner, ...] | None = None
    ) -> VerifiedStatement:
        """Return the statement of an attestation, signed by one of `signers`: those whom the policy names for its type.

        Raises:
            TamperedError: the bundle is withheld, another one, or not validly signed.
            PolicyError: it cannot be checked here, or nobody may sign statements of this type.

        """
        index = self.index()
        return self.connector.verifier().verify(
            self.bundle(attestation),
            trusted_root=index.trusted_root,
            identities=index.policy.signers_of(attestation.type) if signers is None else signers,
        )

    def can_verify(self) -> bool:
        """Return whether attestations can be checked here: the ``verify`` extra is installed."""
        try:
            self.connector.verifier()
        except PolicyError:
            return False
        return True

    def state(self) -> SourceState | None:
        """Return what was remembered, or None before the first refresh."""
        return self.memory.state()

    def pin(self, plugin: PluginId, *, proven: bool) -> None:
        """Remember of a plugin that is installed now who its publisher is, and whether its build is proven.

        Later releases are held to be the same.
        """
        record = self.record(plugin)
        self.memory.pin(plugin, publisher=record.publisher if record else None, proven=proven)

    def _refresh_from(self, transport: Transport, state: SourceState | None, now: datetime) -> None:
        """Bring everything up to date through `transport`, and remember it only after all of it was accepted."""
        metadata = self.connector.metadata(
            self.folder / "metadata", root=(self.folder / ROOT_FILE).read_bytes(), transport=transport
        )
        try:
            metadata.refresh(now=now)
            kept = self.memory.targets()
            targets = {
                path: metadata.target(path, max_bytes=max_bytes, kept=kept.get(path))
                for path, max_bytes in limits.targets(lambda path: path in _ALWAYS_THERE or metadata.names(path))
            }
            index = self._accept(targets, state, as_of=now)
            prove_index(index, targets, kept=kept, connector=self.connector)
            new_state = verify.advance_state(
                state,
                root=index.root,
                root_bytes=targets[layout.INDEX_ROOT_TARGET],
                now=now,
                revocations=joined_parts(targets.get),
            )
            self.memory.keep_targets(targets, instead_of=kept)
            metadata.keep()
            self.memory.write_state(new_state)
        finally:
            metadata.close()
        self._index = index

    def _accept(self, targets: Mapping[str, bytes], state: SourceState | None, as_of: datetime) -> TrustedIndex:
        policy = verify.accept_policy(targets[layout.POLICY_TARGET])
        root = verify.accept_root(targets[layout.INDEX_ROOT_TARGET], policy=policy, state=state)
        advisories = verify.accept_advisories(targets[layout.INDEX_ADVISORIES_TARGET])
        entries = verify.accept_revocations(joined_parts(targets.get), epoch=root.epoch, state=state)
        return verify.TrustedIndex(
            root=root,
            policy=policy,
            trusted_root=targets[layout.TRUSTED_ROOT_TARGET],
            advisories=advisories,
            as_of=as_of,
            revocations=in_force(entries, advisories),
        )

    def _catalogue_bytes(self) -> bytes:
        """Return the catalogue of the last refresh: what is kept of it and what changed since, or else all of it."""
        root = self.index().root
        if root.catalogue_log is not None and self.cache.read(root.catalogue) is None:
            from pluginry.client.catalogue_steps import catalogue_by_log

            with told_of_disk_trouble(self.folder), unless_read_only():
                body = catalogue_by_log(root.catalogue, root.catalogue_log, self.cache, fetch=self.locations.fetch)
                if body is not None:
                    self.cache.add(body)
                    return body
        return self._read(root.catalogue, limits.DOCUMENTS[Catalogue])

    def _read(self, ref: BlobRef, max_bytes: int, key: str | None = None) -> bytes:
        """Return an object by digest, from the cache or the marketplace; a missing one was withheld."""
        _require_honest_size(ref, max_bytes)
        kept = self.cache.read(ref)
        if kept is not None:
            return kept
        with _refusing_larger(key := key or layout.node_key(ref.sha256)):
            data = self.locations.fetch(key, max_bytes=ref.size)
        tree.checked(data, ref)
        with told_of_disk_trouble(self.folder), unless_read_only():
            self.cache.add(data)
        return data


def _require_honest_size(ref: BlobRef, max_bytes: int) -> None:
    if ref.size > max_bytes:
        raise TamperedError("the index names an object that is larger than any honest one", where=str(ref.sha256))


@contextmanager
def _refusing_larger(key: str) -> Iterator[None]:
    """Who knows the exact size of an object knows that a larger one is another object."""
    try:
        yield
    except ObjectTooLargeError as error:
        raise TamperedError("an object is larger than the index says", where=key) from error
