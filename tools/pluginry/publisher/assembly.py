"""The stages *index* and *site*: from registry, ledger and objects to every file of a marketplace.

In: a valid registry, the workspace, the store that is published to. Out: values, and the objects that hold
them. Apart from reading objects by digest it is pure: who builds the same commit gets the same bytes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.revocation_file import published_parts, read_revocations
from pluginry.errors import ObjectMissingError, TamperedError
from pluginry.model import layout
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.facts import Facts
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.model.manifest import Manifest
from pluginry.model.published import CachePolicy, Phase, PublishedObject, json_node, media_type_of
from pluginry.publisher.acceptance import checked, not_accepted, releases_of, unavailable
from pluginry.publisher.catalogue_history import history_of
from pluginry.publisher.collector import uncollected
from pluginry.publisher.contract import contract_objects
from pluginry.publisher.fingerprint import ByDigest
from pluginry.publisher.friendly_objects import friendly_objects
from pluginry.publisher.index import IndexInput, advisories_body, build_index, node_objects
from pluginry.publisher.inventory import NOTHING_KNOWN, Inventory
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.pages.kept_pictures import NOT_KEPT, KeptPictures
from pluginry.publisher.quarantine_list import QuarantineList, published_items
from pluginry.publisher.reuse import AFRESH
from pluginry.publisher.scan import RULES as SCAN_RULES
from pluginry.publisher.site import CatalogueInput, site
from pluginry.publisher.validate import ALL_RULES
from pluginry.publisher.withdrawn import withdrawn_releases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.ledger import AttestationFact, Ledger, Released
    from pluginry.model.quarantine import Quarantined
    from pluginry.model.registry import Registry
    from pluginry.ports import ObjectStore, Verifier
    from pluginry.publisher.index import BuiltIndex
    from pluginry.publisher.reuse import Afresh
    from pluginry.publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A marketplace before it is published: values, and how to get the objects.

    What is in ``quarantine`` is known when all pages were made; ``refused`` is the part of it whose signatures count no
    more.
    """

    registry: Registry
    given: IndexInput
    index: BuiltIndex
    policy: TrustPolicy
    facts: Mapping[Digest, Facts]
    access: ObjectAccess
    signatures: Mapping[Digest, VerifiedStatement]
    quarantine: QuarantineList
    refused: tuple[Quarantined, ...] = ()
    drawing: KeptPictures = NOT_KEPT


@uncollected()
def build_marketplace(
    workspace: Workspace,
    registry: Registry,
    *,
    store: ObjectStore,
    previous_root: bytes | None,
    commit: str,
    now: datetime,
    verifier: Verifier | None,
    quarantined: tuple[Quarantined, ...] = (),
    not_built: tuple[Quarantined, ...] = (),
    known: Inventory = NOTHING_KNOWN,
    as_if_signed: bool = False,
    debug: bool = False,
) -> Built:
    """Return the marketplace that registry and ledger describe; pure but for reading objects by digest.

    Releases that were `not_built` are not offered; what else is `quarantined` is only told. With `as_if_signed` a
    signature may be still to come: for a plan. With `debug` a mistake of ours that a plugin brings to light ends the
    run.
    """
    policy = documents.decode(TrustPolicy, workspace.policy_bytes, what="policy.json")
    ledgers = {plugin: ledger for plugin, ledger in workspace.ledgers().items() if plugin in registry.plugins}
    withdrawn = withdrawn_releases(registry.advisories, ledgers.values())
    access = ObjectAccess(workspace.objects, store, known, withdrawn)
    is_strict = policy.publish_attestation == "required" and not as_if_signed
    left_out = (*not_built, *unavailable(ledgers, not_built, access, needs_signature=is_strict))
    skipped = releases_of(left_out)
    offered = [
        (ledger, released)
        for ledger in ledgers.values()
        for released in ledger.releases.values()
        if (ledger.id, released.version) not in skipped
    ]
    bundles = [known for ledger, released in offered for known in ledger.attestations_of(released.version)]
    withheld = frozenset(known.sha256 for known in bundles if not access.has_bundle(known))
    access.bring(_needed(offered, () if verifier is None else [one for one in bundles if one.sha256 not in withheld]))
    signatures, refused = checked(offered, access, policy, workspace.trusted_root_bytes, verifier)
    unsigned_now = tuple(not_accepted(offered, signatures, refused))
    left_out = (*left_out, *unsigned_now)
    skipped = releases_of(left_out)
    offered = [(ledger, released) for ledger, released in offered if (ledger.id, released.version) not in skipped]
    withheld |= refused.keys()
    manifests = ByDigest(
        (
            released.manifest.sha256,
            documents.decode(
                Manifest, access.node(released.manifest), what=f"manifest of {ledger.id} {released.version}"
            ),
        )
        for ledger, released in offered
    )
    facts = ByDigest(
        (ref.sha256, documents.decode(Facts, access.node(ref), what="facts"))
        for ref in (ledger.facts_of(released.version) for ledger, released in offered)
    )
    given = IndexInput(
        registry=registry,
        ledgers=ledgers,
        manifests=manifests,
        left_out=skipped,
        withheld=withheld,
        as_if_signed=as_if_signed,
    )
    previous = documents.decode(TreeRoot, previous_root, what="index/root.json") if previous_root else None
    index = build_index(
        given,
        previous=previous,
        previous_digest=Digest.of(previous_root) if previous_root else None,
        epoch=policy.epoch,
        now=now,
        commit=commit,
        follow=lambda catalogue: history_of(catalogue, previous=previous, access=access),
    )
    return Built(
        registry=registry,
        given=given,
        index=index,
        policy=policy,
        facts=facts,
        access=access,
        signatures=signatures,
        refused=unsigned_now,
        drawing=KeptPictures(workspace.pictures),
        quarantine=QuarantineList(
            now=now, items=[*quarantined, *left_out], earlier=published_items(store), raises=debug
        ),
    )


def objects_of(built: Built) -> Iterator[PublishedObject]:
    """Yield every object of the marketplace but its trust metadata, in the order of the phases."""
    yield from lasting_objects_of(built)
    yield from pages_of(built)


def lasting_objects_of(built: Built) -> Iterator[PublishedObject]:
    """Yield what is never changed: packages, attestations, and the nodes of the index with what they name."""
    access = built.access
    bundles: set[Digest] = set()
    for plugin, plugin_record in built.index.records.items():
        for release in plugin_record.releases:
            for artifact in () if (plugin, release.version) in access.withdrawn else release.artifacts:
                key = layout.package_key(plugin, release.version, artifact.platform)
                yield _immutable(key, access.to_publish(artifact.blob, key))
            for delta in () if (plugin, release.version) in access.withdrawn else release.deltas:
                key = layout.delta_key(plugin, release.version, delta.sha256)
                with suppress(ObjectMissingError, TamperedError):  # nothing depends on a delta
                    yield _immutable(key, access.to_publish(delta.blob, key))
            for attestation in release.attestations:
                if attestation.sha256 in bundles:
                    continue
                bundles.add(attestation.sha256)
                key = layout.attestation_key(attestation.sha256)
                yield _immutable(key, access.to_publish(attestation.blob, key))
    yield from node_objects(built.index, lambda ref: access.to_publish(ref, layout.node_key(ref.sha256)))
    if built.index.history:
        yield from (json_node(key, body) for key, body in built.index.history.objects(access))


def pages_of(built: Built, reuse: Afresh = AFRESH) -> Iterator[PublishedObject]:
    """Yield what is replaced: documents for simple clients, schemas, and the catalogue, but for what `reuse` knows."""
    yield from friendly_objects(built.given, built.index, built.signatures, reuse)
    yield from contract_objects(built.registry.config.name)
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
            refused=built.refused,
        ),
        rescuing=built.quarantine.rescuing,
        reuse=reuse,
        drawing=built.drawing,
    )
    yield built.quarantine.page(built.index.root, built.index.records)


def targets_of(built: Built, workspace: Workspace) -> dict[str, bytes]:
    """Return the targets of the trust metadata."""
    return {
        layout.INDEX_ROOT_TARGET: documents.encode(built.index.root),
        layout.INDEX_ADVISORIES_TARGET: advisories_body(built.registry),
        layout.POLICY_TARGET: workspace.policy_bytes,
        layout.TRUSTED_ROOT_TARGET: workspace.trusted_root_bytes,
        **published_parts(read_revocations(workspace.revocations)),
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


def _needed(
    offered: Iterable[tuple[Ledger, Released]], bundles: Iterable[AttestationFact]
) -> Iterator[tuple[BlobRef, str]]:
    """Yield what building reads: manifests and facts of what is offered, and bundles to be verified."""
    for ledger, released in offered:
        for ref in (released.manifest, ledger.facts_of(released.version)):
            yield ref, layout.node_key(ref.sha256)
    for known in bundles:
        yield known.blob, layout.attestation_key(known.sha256)


def _immutable(key: str, body: bytes | Path) -> PublishedObject:
    return PublishedObject(
        key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.IMMUTABLE, phase=Phase.ARTIFACT
    )
