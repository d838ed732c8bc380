"""A whole small marketplace in memory, published by the real stages and signed by a real (lab) sigstore.

    market = Simulator()
    market.release("acme/demo", "1.0.0", permissions=[("mail.headers", "inbound")])
    market.publish()
    client = a_client(tmp_path, market)                                    # simulated_client.py
    client.apply(client.plan_install([Wanted(plugin=PluginId.parse("acme/demo"))]))

`market.store` is the client's `Transport`, and `market.objects` holds every published object by key: change, swap or
delete whatever an attacker on the way could. `publish(change_record=..., change_root=...)` makes the marketplace itself
lie, with valid signatures. Time stands still at `market.now` until a test moves it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from securesystemslib.signer import CryptoSigner

from authority import first_root, signed
from claims import Claims, ranges
from github_builds import provenance
from index_objects import index_objects
from memory_store import MemoryStore
from notary import Notary, accepted, lab
from packages import package
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.adapters.tuf_publication import root_chain
from pluginry.adapters.tuf_repository import TufRepository
from pluginry.adapters.tuf_roles import next_version, replace_key
from pluginry.encoding import canonical_json, documents
from pluginry.encoding.revocation_file import parse_revocations, published_parts
from pluginry.model import layout
from pluginry.model.advisory import Action, Advisory, Affected, AffectedPackage, AffectedRange, Directive, RangeEvent
from pluginry.model.attestation import PROVENANCE_PREDICATE, Demand
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.host import Harm, HostProfile, PermissionMeaning, RuntimeKind, ScopeMeaning
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.model.ledger import AttestationFact, Ledger, Released
from pluginry.model.manifest import (
    Change,
    EntryPoint,
    Manifest,
    Permission,
    Runtime,
)
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.published import CachePolicy, Phase, PublishedObject, json_node
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.attest import attest
from pluginry.publisher.index import IndexInput, advisories_body, build_index
from pluginry.publisher.index_attestation import index_statement
from pluginry.publisher.publish import publish
from pluginry.publisher.record import BuiltRelease, attested, record
from pluginry.publisher.revoke import new_revocations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from pluginry.model.attestation import SignerIdentity
    from pluginry.model.index import PluginRecord

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MAIL_HOST = HostProfile(
    id=Name("mairust"),
    title="MaiRust",
    summary="A mail server",
    versions=(Version("0.4.0"), Version("0.5.0")),
    runtimes=(RuntimeKind(kind="python", summary="Python"), RuntimeKind(kind="files", summary="Files")),
    permissions=(
        PermissionMeaning(
            type="mail.headers",
            severity=Harm.MEDIUM,
            says="Reads {scope}",
            scopes=(ScopeMeaning(name="inbound", says="the headers of incoming messages"),),
        ),
        PermissionMeaning(type="network", severity=Harm.HIGH, says="Connects to {scope}"),
    ),
)
PANEL_HOST = replace(MAIL_HOST, id=Name("panel"), title="Panel", summary="A control panel")


@dataclass(slots=True, kw_only=True)
class Simulator(Claims):
    """One marketplace. `entries` and `advisories` are what people claim; `publish` does the rest.

    `attest_index` makes the bundle over the root of an index, or none, in place of what the policy asks for.
    """

    location: str = "https://market.test"
    now: datetime = START
    policy: TrustPolicy = field(
        default_factory=lambda: TrustPolicy(
            epoch=1, publish_attestation="required", registry_identities=(accepted(LAB_IDENTITY),), instance="lab"
        )
    )
    hosts: tuple[HostProfile, ...] = (MAIL_HOST, PANEL_HOST)
    advisories: list[Advisory] = field(default_factory=list)
    revocations: bytes = b""
    attest_index: Callable[[bytes], bytes | None] | None = None
    owner: CryptoSigner = field(default_factory=CryptoSigner.generate_ed25519)
    store: MemoryStore = field(init=False)
    repository: TufRepository = field(init=False)
    _ledgers: dict[PluginId, Ledger] = field(default_factory=dict)
    _waiting: dict[PluginId, dict[Version, BuiltRelease]] = field(default_factory=lambda: defaultdict(dict))
    _signers: dict[tuple[PluginId, Version], SignerIdentity | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        online = CryptoSigner.generate_ed25519()
        self.store = MemoryStore(location=self.location)
        self.repository = TufRepository(online=online, roots=(first_root(self.owner, online, now=self.now),))

    @property
    def objects(self) -> dict[str, bytes]:
        """Every published object by key, to be tampered with."""
        return self.store.objects

    @property
    def fingerprint(self) -> Digest:
        """What a user compares before trusting this marketplace."""
        return Digest.of(self.repository.roots[0])

    # What people claim

    def release(
        self,
        plugin: str,
        version: str = "1.0.0",
        *,
        files: Mapping[str, bytes] | None = None,
        hosts: Mapping[str, str] | None = None,
        permissions: Iterable[tuple[str, str]] = (),
        dependencies: Mapping[str, str] | None = None,
        conflicts: Mapping[str, str] | None = None,
        channel: str = "stable",
        platforms: Iterable[str] = ("any",),
        runtime: Runtime | None = None,
        hooks: Mapping[str, str] | None = None,
        changes: Iterable[tuple[str, str]] = (),
        data_version: int = 0,
        signed_by: SignerIdentity | None = LAB_IDENTITY,
        built_by: Mapping[str, str] | None = None,
    ) -> Manifest:
        """Add a release with `files`, to be published next; `signed_by` None leaves it unsigned.

        `built_by` are claims of the developer's build (`github_builds.claims_of`) that answers for the packages.
        """
        manifest = Manifest(
            id=PluginId.parse(plugin),
            version=Version(version),
            hosts={Name(host): VersionRange(span) for host, span in (hosts or {"mairust": "*"}).items()},
            runtime=runtime or Runtime(kind="files"),
            permissions=tuple(Permission(type=t, scope=s, reason=f"Needs {t}") for t, s in permissions),
            dependencies=ranges(dependencies),
            conflicts=ranges(conflicts),
            entry_points={"hooks": tuple(EntryPoint(name=n, target=t) for n, t in hooks.items())} if hooks else {},
            changes=tuple(Change(kind=kind, text=text) for kind, text in changes),
            data_version=data_version,
        )
        bodies = {Platform(name): package(manifest, files or {}, platform=name) for name in platforms}
        self._waiting[manifest.id][manifest.version] = self.claim(manifest, Channel(channel), bodies)
        if built_by is not None:
            self.prove(plugin, version, built_by)
        self._signers[manifest.id, manifest.version] = signed_by
        return manifest

    def prove(self, plugin: str, version: str, built_by: Mapping[str, str], **subject: Any) -> None:
        """Let a build answer for the packages of a release that is not published yet, or for another ``subject``."""
        waiting = self._waiting[PluginId.parse(plugin)]
        built = waiting[Version(version)]
        facts = []
        for artifact in built.artifacts:
            name = layout.package_file(PluginId.parse(plugin), Version(version), artifact.platform)
            named = {"name": name, "digest": {"sha256": artifact.sha256.hex}, **subject}
            bundle = self.keep(provenance([named], **built_by))
            facts.append(
                AttestationFact(
                    artifact=artifact.sha256, type=PROVENANCE_PREDICATE, sha256=bundle.sha256, size=bundle.size
                )
            )
        waiting[Version(version)] = replace(built, provenance=tuple(facts))

    def advise(self, name: str, plugin: str, *, action: Action = Action.WARN, fixed: str = "") -> None:
        """Add an advisory about all versions of a plugin, or those before `fixed`."""
        events = (RangeEvent(introduced="0"), *([RangeEvent(fixed=fixed)] if fixed else []))
        affected = Affected(
            package=AffectedPackage(ecosystem="pluginry", name=PluginId.parse(plugin)),
            ranges=(AffectedRange(type="SEMVER", events=events),),
        )
        self.advisories.append(
            Advisory(
                schema_version="1.6.0",
                id=name,
                modified=self.now,
                published=self.now,
                summary=f"Something is wrong with {plugin}",
                affected=(affected,),
                database_specific=Directive(action=action),
            )
        )

    # What the build makes of it

    def publish(
        self,
        *,
        change_record: Mapping[str, Callable[[PluginRecord], PluginRecord]] | None = None,
        change_root: Callable[[TreeRoot], TreeRoot] = lambda root: root,
    ) -> TreeRoot:
        """Make everything that was claimed current and return the root; the two changes make it lie, validly signed."""
        for plugin in self.entries:
            self._record(plugin)
        given = IndexInput(
            registry=self.registry(self.hosts, self.advisories), ledgers=self._ledgers, manifests=self.manifests
        )
        before = self.repository.newest_target(layout.INDEX_ROOT_TARGET, self.store)
        built = build_index(
            given,
            previous=documents.decode(TreeRoot, before, what="root") if before else None,
            previous_digest=Digest.of(before) if before else None,
            epoch=self.policy.epoch,
            now=self.now,
            commit="",
        )
        root = built.root
        for name, change in (change_record or {}).items():
            ref = self.keep_node(documents.encode(change(built.records[PluginId.parse(name)])))
            root = replace(root, shard={**root.shard, PluginId.parse(name): (ref.sha256, ref.size)})
        root = change_root(root)
        body = documents.encode(root)
        bundle = (self.attest_index or self._signed_as_demanded)(body)
        targets = {
            layout.POLICY_TARGET: documents.encode(self.policy),
            layout.INDEX_ROOT_TARGET: body,
            **({layout.INDEX_BUNDLE_TARGET: bundle} if bundle else {}),
            layout.INDEX_ADVISORIES_TARGET: advisories_body(given.registry),
            layout.TRUSTED_ROOT_TARGET: lab().trusted_root,
        }
        known = parse_revocations(self.revocations, what="revocations")
        for entry in new_revocations(self.advisories, known):
            self.revocations += canonical_json.encode_line(documents.to_plain(entry))
        targets |= published_parts(self.revocations)
        timestamp = self.store.find(layout.TIMESTAMP_KEY)
        publish(
            [
                *self._artifacts(),
                *index_objects(given, built, lambda ref: self.blobs[ref.sha256]),
                *self.repository.sign(targets, store=self.store, now=self.now).objects,
            ],
            self.store,
            timestamp_tag=timestamp.tag if timestamp else None,
        )
        return root

    def replace_online_key(self) -> CryptoSigner:
        """Let another key sign from the next publication on, as the owner says, and return the one before."""
        old, online = self.repository, CryptoSigner.generate_ed25519()
        body = next_version(root_chain(old.roots)[-1], now=self.now)
        replace_key(body, "timestamp", old.online.public_key.keyid, online.public_key)
        self.repository = TufRepository(online=online, roots=(*old.roots, signed(body, self.owner)))
        return old.online

    def keep_node(self, body: bytes) -> BlobRef:
        """Put `body` among the content-addressed objects, whatever it is, and return its reference."""
        ref = BlobRef.of(body)
        self.objects[layout.node_key(ref.sha256)] = body
        return ref

    def package_key(self, plugin: str, version: str, platform: str = "any") -> str:
        """Return the key of a package."""
        return layout.package_key(PluginId.parse(plugin), Version(version), Platform(platform))

    def write_to(self, folder: Path) -> Path:
        """Write every object below `folder`, for clients that read a folder."""
        for key, body in self.objects.items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        return folder

    def _record(self, plugin: PluginId) -> None:
        ledger = self._ledgers.get(plugin, Ledger(id=plugin))
        built = self._waiting.pop(plugin, {})
        events = [*record(self.entries[plugin], ledger, built, at=self.now, registry_commit="")]
        for event in tuple(events):
            signed_by = self._signers[plugin, event.version] if isinstance(event, Released) else None
            if isinstance(event, Released) and signed_by is not None:
                signed = [attest(plugin, event, artifact, signer=Notary(signed_by)) for artifact in event.artifacts]
                for bundle, _ in signed:
                    self.keep(bundle)
                events.append(attested(event.version, [fact for _, fact in signed], at=self.now))
        self._ledgers[plugin] = replace(ledger, events=(*ledger.events, *events))

    def _artifacts(self) -> Iterator[PublishedObject]:
        for plugin, ledger in self._ledgers.items():
            for released in ledger.releases.values():
                for artifact in released.artifacts:
                    key = layout.package_key(plugin, released.version, artifact.platform)
                    yield PublishedObject(
                        key=key,
                        body=self.blobs[artifact.sha256],
                        media_type="application/zip",
                        cache=CachePolicy.IMMUTABLE,
                        phase=Phase.ARTIFACT,
                    )
                for fact in ledger.attestations_of(released.version):
                    yield json_node(layout.attestation_key(fact.sha256), self.blobs[fact.sha256])

    def _signed_as_demanded(self, body: bytes) -> bytes | None:
        return Notary().attest(index_statement(body)) if self.policy.index_attestation == Demand.REQUIRED else None
