"""One marketplace as the client sees it: reads it, and hands out only what verify.py accepted.

In: a transport, the trusted metadata, a folder for what is remembered (formats: ``sources/<name>/``). Out:
`TrustedIndex`, records, manifests, packages. Everything fetched once is kept by digest, so most reads
cost no request, and all of them work without a network. It decides nothing: see verify.py.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from filelock import FileLock

from pluginry.client import limits, verify
from pluginry.client.locations import Locations
from pluginry.client.publisher_pins import publisher_change
from pluginry.encoding import documents, tree
from pluginry.encoding.content_store import ContentStore
from pluginry.errors import NotFoundError, ObjectTooLargeError, PolicyError, TamperedError
from pluginry.model import layout
from pluginry.model.index import Catalogue, PluginRecord, TreeShard
from pluginry.model.manifest import Manifest
from pluginry.model.receipt import SourceState
from pluginry.model.revocation import in_force

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from pluginry.client.publisher_pins import PublisherChange
    from pluginry.client.verify import TrustedIndex
    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import BlobRef
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.ledger import ArtifactFact, AttestationFact
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import SourceConfig
    from pluginry.ports import Connector, Progress, Transport

STATE_FILE = "state.json"
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
    _index: TrustedIndex | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.locations = Locations(config=self.config, connector=self.connector)

    @property
    def transport(self) -> Transport:
        """The connection to the marketplace itself, not to a mirror."""
        return self.locations.transport(self.config.location)

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
        with self._remembering():
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
            state, kept = self.state(), self._kept_targets()
            if state is None or not kept.keys() >= set(_ALWAYS_THERE):
                raise NotFoundError(f"nothing is known of {self.config.name} yet", hint="run `pluginry source refresh`")
            self._index = self._accept(kept, state, as_of=state.last_ok)
        return self._index

    def catalogue(self) -> Catalogue:
        """Return the catalogue of the last refresh."""
        ref = self.index().root.catalogue
        return verify.accept_catalogue(self._read(ref, limits.DOCUMENTS[Catalogue]), ref=ref)

    def record(self, plugin: PluginId) -> PluginRecord | None:
        """Return everything known of `plugin`; None when the marketplace has no such plugin."""
        ref = tree.lookup(self.index().root, plugin, lambda node: self._read(node, limits.DOCUMENTS[TreeShard]))
        if ref is None:
            return None
        data = self._read(ref, limits.DOCUMENTS[PluginRecord])
        record = verify.accept_record(data, ref=ref, plugin=plugin, seen_seq=self._seen_seq(plugin))
        if record.seq > self._seen_seq(plugin):
            self._remember_seq(record)
        return record

    def manifest(self, plugin: PluginId, release: ReleaseRecord) -> Manifest:
        """Return the manifest of a release without downloading its package."""
        data = self._read(release.manifest, limits.DOCUMENTS[Manifest])
        return verify.accept_manifest(data, ref=release.manifest, plugin=plugin, version=release.version)

    def package(
        self, plugin: PluginId, release: ReleaseRecord, artifact: ArtifactFact, progress: Progress | None = None
    ) -> Path:
        """Return the path of a package with the promised size and digest, downloaded if need be.

        Raises:
            TamperedError: other bytes arrived.

        """
        found = self.cache.find(artifact.blob)
        if found is not None:
            return found
        key = layout.package_key(plugin, release.version, artifact.platform)
        with self.cache.incoming() as path:
            with path.open("wb") as stream, _refusing_larger(key):
                self.locations.download(key, stream, max_bytes=artifact.size, progress=progress)
            if self.cache.add_file(path) != artifact.blob:
                raise TamperedError(
                    "the package is not the one that the index names",
                    where=f"{self.transport.location} {key}",
                    hint="do not install it from anywhere; tell the marketplace's owner",
                )
        return self.cache.path_of(artifact.sha256)

    def statement(self, attestation: AttestationFact) -> VerifiedStatement:
        """Return the statement of an attestation, signed by one of the identities that the policy names.

        Raises:
            TamperedError: the bundle is missing, another one, or not validly signed.

        """
        index = self.index()
        body = self._read(attestation.blob, limits.BUNDLE, key=layout.attestation_key(attestation.sha256))
        return self.connector.verifier().verify(
            body, trusted_root=index.trusted_root, identities=index.policy.release_signers
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
        try:
            data = (self.folder / STATE_FILE).read_bytes()
        except FileNotFoundError:
            return None
        what = str(self.folder / STATE_FILE)
        return documents.decode(SourceState, data, what=what, max_bytes=limits.DOCUMENTS[SourceState])

    def publisher_change(self, plugin: PluginId) -> PublisherChange | None:
        """Return how the publisher of `plugin` differs from the one that it was last installed from; None if not."""
        state, record = self.state(), self.record(plugin)
        return publisher_change(record, state.publishers.get(plugin)) if state and record else None

    def pin_publisher(self, plugin: PluginId) -> None:
        """Remember the publisher of a plugin that is installed now: those of later releases are held to be the same."""
        record = self.record(plugin)
        with self._remembering():
            state = self.state()
            if state and record and record.publisher and record.publisher != state.publishers.get(plugin):
                self._write_state(replace(state, publishers={**state.publishers, plugin: record.publisher}))

    def _refresh_from(self, transport: Transport, state: SourceState | None, now: datetime) -> None:
        """Bring everything up to date through `transport`, and remember it only after all of it was accepted."""
        metadata = self.connector.metadata(
            self.folder / "metadata", root=(self.folder / ROOT_FILE).read_bytes(), transport=transport
        )
        try:
            metadata.refresh(now=now)
            kept = self._kept_targets()
            targets = {
                path: metadata.target(path, max_bytes=max_bytes, kept=kept.get(path))
                for path, max_bytes in limits.TARGETS.items()
                if path in _ALWAYS_THERE or metadata.names(path)
            }
            index = self._accept(targets, state, as_of=now)
            new_state = verify.advance_state(
                state,
                root=index.root,
                root_bytes=targets[layout.INDEX_ROOT_TARGET],
                now=now,
                revocations=targets.get(layout.REVOCATIONS_TARGET, b""),
            )
            self._keep_targets(targets)
            metadata.keep()
            self._write_state(new_state)
        finally:
            metadata.close()
        self._index = index

    def _accept(self, targets: Mapping[str, bytes], state: SourceState | None, as_of: datetime) -> TrustedIndex:
        policy = verify.accept_policy(targets[layout.POLICY_TARGET])
        root = verify.accept_root(targets[layout.INDEX_ROOT_TARGET], policy=policy, state=state)
        advisories = verify.accept_advisories(targets[layout.INDEX_ADVISORIES_TARGET])
        entries = verify.accept_revocations(targets.get(layout.REVOCATIONS_TARGET, b""), epoch=root.epoch, state=state)
        return verify.TrustedIndex(
            root=root,
            policy=policy,
            trusted_root=targets[layout.TRUSTED_ROOT_TARGET],
            advisories=advisories,
            as_of=as_of,
            revocations=in_force(entries, advisories),
        )

    def _read(self, ref: BlobRef, max_bytes: int, key: str | None = None) -> bytes:
        """Return an object by digest, from the cache or the marketplace; a missing one was withheld."""
        if ref.size > max_bytes:
            raise TamperedError("the index names an object that is larger than any honest one", where=str(ref.sha256))
        kept = self.cache.read(ref)
        if kept is not None:
            return kept
        with _refusing_larger(key := key or layout.node_key(ref.sha256)):
            data = self.locations.fetch(key, max_bytes=ref.size)
        self.cache.add(tree.checked(data, ref))
        return data

    def _seen_seq(self, plugin: PluginId) -> int:
        state = self.state()
        return state.plugins.get(plugin, 0) if state else 0

    def _remember_seq(self, record: PluginRecord) -> None:
        """Remember how new a record is; another process may have refreshed meanwhile, so the state is read again."""
        with self._remembering():
            state = self.state()
            if state is not None and record.seq > state.plugins.get(record.id, 0):
                self._write_state(replace(state, plugins={**state.plugins, record.id: record.seq}))

    def _remembering(self) -> FileLock:
        """Exclude other processes while what is remembered changes: it must never go back."""
        return FileLock(self.folder / ".lock")

    def _kept_targets(self) -> dict[str, bytes]:
        """Return the targets of the last refresh, as they lie on the disk: they are checked again like new ones."""
        files = {path: self.folder / "targets" / path for path in limits.TARGETS}
        return {path: file.read_bytes() for path, file in files.items() if file.is_file()}

    def _keep_targets(self, targets: Mapping[str, bytes]) -> None:
        for path in limits.TARGETS:
            if path in targets:
                _replace(self.folder / "targets" / path, targets[path])
            else:
                (self.folder / "targets" / path).unlink(missing_ok=True)

    def _write_state(self, state: SourceState) -> None:
        _replace(self.folder / STATE_FILE, documents.encode(state))


@contextmanager
def _refusing_larger(key: str) -> Iterator[None]:
    """Who knows the exact size of an object knows that a larger one is another object."""
    try:
        yield
    except ObjectTooLargeError as error:
        raise TamperedError("an object is larger than the index says", where=key) from error


def _replace(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(body)
    new.replace(path)
