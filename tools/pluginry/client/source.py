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

from pluginry.client import verify
from pluginry.encoding import documents, tree
from pluginry.encoding.content_store import ContentStore
from pluginry.errors import NotFoundError, ObjectTooLargeError, PolicyError, TamperedError
from pluginry.model import layout
from pluginry.model.receipt import SourceState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from pluginry.client.verify import TrustedIndex
    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import BlobRef
    from pluginry.model.index import Catalogue, PluginRecord, ReleaseRecord
    from pluginry.model.ledger import ArtifactFact, AttestationFact
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import SourceConfig
    from pluginry.ports import Connector, Progress, Transport

STATE_FILE = "state.json"
ROOT_FILE = "root.json"
_STATE_MAX_BYTES = 32 << 20
_KEPT = (
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
    _transport: Transport | None = field(default=None, init=False)
    _index: TrustedIndex | None = field(default=None, init=False)

    @property
    def transport(self) -> Transport:
        """The connection, made when it is first needed."""
        if self._transport is None:
            self._transport = self.connector.transport(self.config.location)
        return self._transport

    @property
    def cache(self) -> ContentStore:
        """Objects that were fetched already."""
        return ContentStore(self.folder / "cache")

    def refresh(self, *, now: datetime) -> TrustedIndex:
        """Fetch and verify the current state, remember it, and return it.

        Raises:
            TrustError: something is wrong with it; what was trusted before stays in force.
            TransportError: the marketplace cannot be reached.

        """
        with self._remembering():
            state = self.state()
            verify.check_clock(state, now=now)
            metadata = self.connector.metadata(
                self.folder / "metadata", root=(self.folder / ROOT_FILE).read_bytes(), transport=self.transport
            )
            try:
                metadata.refresh(now=now)
                targets = {path: metadata.target(path) for path in _KEPT}
                index = self._accept(targets, state, as_of=now)
                new_state = verify.advance_state(
                    state, root=index.root, root_bytes=targets[layout.INDEX_ROOT_TARGET], now=now
                )
                self._keep_targets(targets)
                metadata.keep()
                self._write_state(new_state)
            finally:
                metadata.close()
        self._index = index
        return index

    def index(self) -> TrustedIndex:
        """Return the state of the last refresh, without any request.

        Raises:
            NotFoundError: there was no refresh yet.

        """
        if self._index is None:
            state = self.state()
            if state is None:
                raise NotFoundError(f"nothing is known of {self.config.name} yet", hint="run `pluginry source refresh`")
            targets = {path: (self.folder / "targets" / path).read_bytes() for path in _KEPT}
            self._index = self._accept(targets, state, as_of=state.last_ok)
        return self._index

    def catalogue(self) -> Catalogue:
        """Return the catalogue of the last refresh."""
        ref = self.index().root.catalogue
        return verify.accept_catalogue(self._read(ref), ref=ref)

    def record(self, plugin: PluginId) -> PluginRecord | None:
        """Return everything known of `plugin`; None when the marketplace has no such plugin."""
        ref = tree.lookup(self.index().root, plugin, self._read)
        if ref is None:
            return None
        record = verify.accept_record(self._read(ref), ref=ref, plugin=plugin, seen_seq=self._seen_seq(plugin))
        if record.seq > self._seen_seq(plugin):
            self._remember_seq(record)
        return record

    def manifest(self, plugin: PluginId, release: ReleaseRecord) -> Manifest:
        """Return the manifest of a release without downloading its package."""
        return verify.accept_manifest(
            self._read(release.manifest), ref=release.manifest, plugin=plugin, version=release.version
        )

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
                self.transport.download(key, stream, max_bytes=artifact.size, progress=progress)
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
        body = self._read(attestation.blob, key=layout.attestation_key(attestation.sha256))
        return self.connector.verifier().verify(
            body, trusted_root=index.trusted_root, identities=index.policy.registry_identities
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
        return documents.decode(SourceState, data, what=str(self.folder / STATE_FILE), max_bytes=_STATE_MAX_BYTES)

    def _accept(self, targets: dict[str, bytes], state: SourceState | None, as_of: datetime) -> TrustedIndex:
        policy = verify.accept_policy(targets[layout.POLICY_TARGET])
        root = verify.accept_root(targets[layout.INDEX_ROOT_TARGET], policy=policy, state=state)
        return verify.TrustedIndex(
            root=root,
            policy=policy,
            trusted_root=targets[layout.TRUSTED_ROOT_TARGET],
            advisories=verify.accept_advisories(targets[layout.INDEX_ADVISORIES_TARGET]),
            as_of=as_of,
        )

    def _read(self, ref: BlobRef, key: str | None = None) -> bytes:
        """Return an object by digest, from the cache or the marketplace; a missing one was withheld."""
        kept = self.cache.read(ref)
        if kept is not None:
            return kept
        with _refusing_larger(key := key or layout.node_key(ref.sha256)):
            data = self.transport.fetch(key, max_bytes=ref.size)
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

    def _keep_targets(self, targets: dict[str, bytes]) -> None:
        for path, body in targets.items():
            _replace(self.folder / "targets" / path, body)

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
