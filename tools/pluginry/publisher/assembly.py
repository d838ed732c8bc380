"""The stages *index* and *site*: from registry, ledger and objects to every file of a marketplace.

In: a valid registry, the workspace, the store that is published to. Out: values, and the objects that hold
them. Apart from reading objects by digest it is pure: who builds the same commit gets the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.data_folder import data_folder
from pluginry.encoding.ledger_files import load_ledgers
from pluginry.encoding.revocation_file import read_revocations
from pluginry.errors import ObjectMissingError, TamperedError
from pluginry.model import layout
from pluginry.model.attestation import PROVENANCE_PREDICATE, PUBLISH_PREDICATE
from pluginry.model.digest import Digest
from pluginry.model.facts import Facts
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.model.ledger import Listed
from pluginry.model.manifest import Manifest
from pluginry.model.published import CachePolicy, Phase, PublishedObject, json_page
from pluginry.publisher.index import IndexInput, LeftOut, advisories_body, build_index, index_objects
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.provenance import developer
from pluginry.publisher.scan import RULES as SCAN_RULES
from pluginry.publisher.site import CatalogueInput, site
from pluginry.publisher.validate import ALL_RULES

PACKAGE_TYPE = "application/zip"
BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from pluginry.model.attestation import AcceptedSigner, VerifiedStatement
    from pluginry.model.ledger import AttestationFact, Ledger, Released
    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry
    from pluginry.ports import ObjectStore, Verifier
    from pluginry.publisher.index import BuiltIndex
    from pluginry.publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A marketplace before it is published: values, and how to get the objects."""

    registry: Registry
    given: IndexInput
    index: BuiltIndex
    policy: TrustPolicy
    facts: Mapping[Digest, Facts]
    access: ObjectAccess
    signatures: Mapping[Digest, VerifiedStatement]


def build_marketplace(
    workspace: Workspace,
    registry: Registry,
    *,
    store: ObjectStore,
    previous_root: bytes | None,
    left_out: tuple[LeftOut, ...],
    commit: str,
    now: datetime,
    verifier: Verifier | None,
) -> Built:
    """Return the marketplace that registry and ledger describe; pure but for reading objects by digest."""
    policy = documents.decode(TrustPolicy, workspace.policy_bytes, what="policy.json")
    access = ObjectAccess(workspace.objects, store)
    ledgers = {
        plugin: ledger for plugin, ledger in load_ledgers(workspace.ledger).items() if plugin in registry.plugins
    }
    left_out = (*left_out, *_unavailable(ledgers, left_out, policy, access))
    skipped = {(item.id, item.version) for item in left_out}
    offered = [
        (ledger, released)
        for ledger in ledgers.values()
        for released in ledger.releases.values()
        if (ledger.id, released.version) not in skipped
    ]
    bundles = [known for ledger, released in offered for known in ledger.attestations_of(released.version)]
    withheld = frozenset(known.sha256 for known in bundles if not access.has_bundle(known))
    signatures, refused = _checked(offered, access, policy, workspace.trusted_root_bytes, verifier)
    not_accepted = tuple(_not_accepted(offered, signatures, refused))
    left_out = (*left_out, *not_accepted)
    skipped = {(item.id, item.version) for item in not_accepted}
    offered = [(ledger, released) for ledger, released in offered if (ledger.id, released.version) not in skipped]
    withheld |= refused.keys()
    manifests = {
        released.manifest.sha256: documents.decode(
            Manifest, access.node(released.manifest), what=f"manifest of {ledger.id} {released.version}"
        )
        for ledger, released in offered
    }
    facts = {
        ref.sha256: documents.decode(Facts, access.node(ref), what="facts")
        for ref in (ledger.facts_of(released.version) for ledger, released in offered)
    }
    given = IndexInput(registry=registry, ledgers=ledgers, manifests=manifests, left_out=left_out, withheld=withheld)
    previous = documents.decode(TreeRoot, previous_root, what="index/root.json") if previous_root else None
    index = build_index(
        given,
        previous=previous,
        previous_digest=Digest.of(previous_root) if previous_root else None,
        epoch=policy.epoch,
        now=now,
        commit=commit,
    )
    return Built(
        registry=registry,
        given=given,
        index=index,
        policy=policy,
        facts=facts,
        access=access,
        signatures=signatures,
    )


def objects_of(built: Built) -> Iterator[PublishedObject]:
    """Yield every object of the marketplace but its trust metadata."""
    access = built.access
    for plugin, plugin_record in built.index.records.items():
        for release in plugin_record.releases:
            for artifact in release.artifacts:
                yield _immutable(
                    layout.package_key(plugin, release.version, artifact.platform),
                    access.package(plugin, release.version, artifact),
                    PACKAGE_TYPE,
                )
            for attestation in release.attestations:
                yield _immutable(layout.attestation_key(attestation.sha256), access.bundle(attestation), BUNDLE_TYPE)
    yield from index_objects(built.given, built.index, access.node)
    for schema in sorted(data_folder("schemas").iterdir(), key=lambda path: path.name):
        yield json_page(layout.schema_key(schema.name), schema.read_bytes())
    yield from site(
        CatalogueInput(
            registry=built.registry,
            records=built.index.records,
            manifests=built.given.manifests,
            facts=built.facts,
            catalogue=built.index.catalogue,
            advisories=built.registry.advisories,
            policy=built.policy,
            serial=built.index.root.serial,
            generated=built.index.root.generated,
            rules=(*ALL_RULES, *SCAN_RULES),
            signatures=built.signatures,
        )
    )


def targets_of(built: Built, workspace: Workspace) -> dict[str, bytes]:
    """Return the targets of the trust metadata."""
    revocations = read_revocations(workspace.revocations)
    return {
        layout.INDEX_ROOT_TARGET: documents.encode(built.index.root),
        layout.INDEX_ADVISORIES_TARGET: advisories_body(built.registry),
        layout.POLICY_TARGET: workspace.policy_bytes,
        layout.TRUSTED_ROOT_TARGET: workspace.trusted_root_bytes,
        **({layout.REVOCATIONS_TARGET: revocations} if revocations else {}),
    }


def differences(built: Built, published: ObjectStore) -> tuple[str, ...]:
    """Return the keys of `published` whose bytes are not those of `built`, or that are missing there.

    ``status.json`` tells how that publication went (what could not be reached then), which nobody can build again.
    """
    different = []
    expected = {item.key: item for item in objects_of(built) if item.key != layout.STATUS_KEY}
    for key, item in sorted(expected.items()):
        body = item.body if isinstance(item.body, bytes) else item.body.read_bytes()
        try:
            if published.read(key) != body:
                different.append(key)
        except ObjectMissingError:
            different.append(key)
    return (*different, *(found.key for found in published.list("v1/plugins/") if found.key not in expected))


def _checked(
    offered: Iterable[tuple[Ledger, Released]],
    access: ObjectAccess,
    policy: TrustPolicy,
    trusted_root: bytes,
    verifier: Verifier | None,
) -> tuple[dict[Digest, VerifiedStatement], dict[Digest, str]]:
    """Return what the bundles prove, and why others are refused: under a new policy they may count no more."""
    proved: dict[Digest, VerifiedStatement] = {}
    refused: dict[Digest, str] = {}
    if verifier is None:
        return proved, refused
    for ledger, released in offered:
        signers = {PUBLISH_PREDICATE: policy.release_signers, PROVENANCE_PREDICATE: _developers(ledger)}
        for known in ledger.attestations_of(released.version):
            if known.type in signers and access.has_bundle(known):
                try:
                    proved[known.sha256] = verifier.verify(
                        access.bundle(known), trusted_root=trusted_root, identities=signers[known.type]
                    )
                except TamperedError as error:
                    refused[known.sha256] = str(error)
    return proved, refused


def _developers(ledger: Ledger) -> tuple[AcceptedSigner, ...]:
    """Return everybody who was the publisher of a plugin: a release stays the work of whoever made it."""
    known = (event.publisher for event in ledger.events if isinstance(event, Listed))
    return tuple(developer(publisher) for publisher in dict.fromkeys(known) if publisher)


def _not_accepted(
    offered: Iterable[tuple[Ledger, Released]],
    signatures: Mapping[Digest, VerifiedStatement],
    refused: Mapping[Digest, str],
) -> Iterator[LeftOut]:
    """Yield releases with a package whose signatures are all refused: signing it again would hide that."""
    for ledger, released in offered:
        known = ledger.attestations_of(released.version)
        good = {(fact.artifact, fact.type) for fact in known if fact.sha256 in signatures}
        bad = (fact for fact in known if fact.sha256 in refused and (fact.artifact, fact.type) not in good)
        reasons = [refused[fact.sha256] for fact in bad]
        if reasons:
            yield LeftOut(id=ledger.id, version=released.version, reason=reasons[0], kind="infrastructure")


def _unavailable(
    ledgers: Mapping[PluginId, Ledger], left_out: tuple[LeftOut, ...], policy: TrustPolicy, access: ObjectAccess
) -> Iterator[LeftOut]:
    """Yield recorded releases that cannot be offered: bytes that are nowhere, or a signature still to come."""
    known = {(item.id, item.version) for item in left_out}
    for plugin, ledger in ledgers.items():
        for version, released in ledger.releases.items():
            if (plugin, version) in known:
                continue
            missing = access.missing_from(ledger, version)
            at_hand = [known for known in ledger.attestations_of(version) if access.has_bundle(known)]
            signed = {fact.artifact for fact in at_hand if fact.type == PUBLISH_PREDICATE}
            missing = missing or _lost_provenance(ledger.attestations_of(version), at_hand)
            if missing:
                yield LeftOut(id=plugin, version=version, reason=f"not at hand: {missing}", kind="infrastructure")
            elif policy.publish_attestation == "required" and not {a.sha256 for a in released.artifacts} <= signed:
                yield LeftOut(id=plugin, version=version, reason="not signed yet", kind="infrastructure")


def _lost_provenance(known: Iterable[AttestationFact], at_hand: Iterable[AttestationFact]) -> str:
    """Return what is missing when provenance that was published is nowhere any more: nobody goes on with less proof."""
    lost = {fact for fact in known if fact.type == PROVENANCE_PREDICATE} - {*at_hand}
    return "provenance" if lost else ""


def _immutable(key: str, body: bytes | Path, media_type: str) -> PublishedObject:
    return PublishedObject(key=key, body=body, media_type=media_type, cache=CachePolicy.IMMUTABLE, phase=Phase.ARTIFACT)
