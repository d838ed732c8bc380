"""The stages *index* and *site*: from registry, ledger and objects to every file of a marketplace.

In: a valid registry, the workspace, the store that is published to. Out: values, and the objects that hold
them. Apart from reading objects by digest it is pure: who builds the same commit gets the same bytes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from pluginry.encoding import documents
from pluginry.encoding.revocation_file import published_parts, read_revocations
from pluginry.errors import ObjectMissingError, TamperedError
from pluginry.model import layout
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.facts import Facts
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.model.manifest import Manifest
from pluginry.model.published import CachePolicy, Phase, PublishedObject, json_node, media_type_of
from pluginry.publisher.catalogue_history import history_of
from pluginry.publisher.collector import uncollected
from pluginry.publisher.contract import contract_objects
from pluginry.publisher.fingerprint import ByDigest
from pluginry.publisher.friendly_objects import friendly_objects
from pluginry.publisher.glances import Glances
from pluginry.publisher.index import IndexInput, advisories_body, build_index, node_objects
from pluginry.publisher.inventory import NOTHING_KNOWN, Inventory, body_of
from pluginry.publisher.kept_records import NOTHING_KEPT
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.offer import offer_of
from pluginry.publisher.pages.kept_pictures import NOT_KEPT, KeptPictures
from pluginry.publisher.quarantine_list import QuarantineList, published_items
from pluginry.publisher.reuse import AFRESH
from pluginry.publisher.scan import RULES as SCAN_RULES
from pluginry.publisher.site import CatalogueInput, site
from pluginry.publisher.validate import ALL_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from pluginry.encoding.ledger_files import Ledgers
    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.names import PluginId
    from pluginry.model.quarantine import Quarantined
    from pluginry.model.registry import Registry
    from pluginry.ports import ObjectStore, Verifier
    from pluginry.publisher.glance import Glance
    from pluginry.publisher.index import BuiltIndex
    from pluginry.publisher.kept_records import KeptRecords
    from pluginry.publisher.reuse import Afresh
    from pluginry.publisher.workspace import Workspace

T = TypeVar("T")


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
    glances: Mapping[PluginId, Glance]
    quarantine: QuarantineList
    refused: tuple[Quarantined, ...] = ()
    drawing: KeptPictures = NOT_KEPT

    @property
    def incomplete(self) -> frozenset[PluginId]:
        """The plugins that lack something of what their ledgers say, which may be found again."""
        withheld, ledgers = self.given.withheld, self.given.ledgers
        return frozenset(plugin for plugin, ledger in ledgers.items() if withheld and ledger.has_any(withheld))


@uncollected()
def build_marketplace(
    workspace: Workspace,
    registry: Registry,
    ledgers: Ledgers,
    *,
    store: ObjectStore,
    previous_root: bytes | None,
    commit: str,
    now: datetime,
    verifier: Verifier | None,
    quarantined: tuple[Quarantined, ...] = (),
    not_built: tuple[Quarantined, ...] = (),
    known: Inventory = NOTHING_KNOWN,
    kept: KeptRecords = NOTHING_KEPT,
    made_of: Mapping[PluginId, str] = MappingProxyType({}),
    as_if_signed: bool = False,
    debug: bool = False,
) -> Built:
    """Return the marketplace that `registry` and `ledgers` describe; pure but for reading objects by digest.

    Releases that were `not_built` are not offered; what else is `quarantined` is only told. Where records are `kept`,
    nothing of a plugin is looked at. `made_of` names what plugins are made of, where that is known:
    then their pages are compared by these names. With `as_if_signed` a signature may be still to come: for a
    plan. With `debug` a mistake of ours that a plugin brings to light ends the run.
    """
    policy = documents.decode(TrustPolicy, workspace.policy_bytes, what="policy.json")
    offer = offer_of(
        registry,
        ledgers,
        trusted_root=workspace.trusted_root_bytes,
        access=ObjectAccess(workspace.objects, store, known),
        policy=policy,
        verifier=verifier,
        kept=kept.without({str(plugin) for plugin in kept if plugin not in registry.plugins}),
        not_built=not_built,
        as_if_signed=as_if_signed,
    )
    given = IndexInput(
        registry=registry,
        ledgers=offer.ledgers,
        manifests=_documents(Manifest, offer.manifests, offer.access),
        left_out=offer.skipped,
        withheld=offer.withheld,
        as_if_signed=as_if_signed,
        kept=offer.kept,
    )
    previous = documents.decode(TreeRoot, previous_root, what="index/root.json") if previous_root else None
    index = build_index(
        given,
        previous=previous,
        previous_digest=Digest.of(previous_root) if previous_root else None,
        epoch=policy.epoch,
        now=now,
        commit=commit,
        follow=lambda catalogue: history_of(
            catalogue, previous=previous, access=offer.access, before=offer.kept.published.catalogue
        ),
    )
    spoiled = {one.id for one in offer.refused}
    glances = Glances(
        registry=registry,
        index=index,
        kept=offer.kept,
        made_of={plugin: made for plugin, made in made_of.items() if plugin not in spoiled} if spoiled else made_of,
        checked_by=_rules_of(workspace) if verifier else "",
    )
    return Built(
        registry=registry,
        given=given,
        index=index,
        policy=policy,
        facts=_documents(Facts, offer.facts, offer.access),
        access=offer.access,
        signatures=offer.signatures,
        glances=glances.all(),
        refused=offer.refused,
        drawing=KeptPictures(workspace.pictures),
        quarantine=QuarantineList(
            now=now,
            items=[*quarantined, *offer.left_out],
            earlier=published_items(store),
            raises=debug,
            relies_on_objects=bool(offer.kept),
        ),
    )


def objects_of(built: Built) -> Iterator[PublishedObject]:
    """Yield every object of the marketplace but its trust metadata, in the order of the phases."""
    yield from lasting_objects_of(built)
    yield from pages_of(built)


def lasting_objects_of(built: Built) -> Iterator[PublishedObject]:
    """Yield what is never changed: packages, attestations, and the nodes of the index with what they name.

    What belongs to records that were kept is published already.
    """
    access = built.access
    bundles: set[Digest] = set()
    kept = built.given.kept
    for plugin in built.index.records:
        for release in () if plugin in kept else built.index.records[plugin].releases:
            for artifact in () if (plugin, release.version) in access.withdrawn else release.artifacts:
                key = layout.package_key(plugin, release.version, artifact.platform)
                yield _package(key, artifact.blob, access)
            for delta in () if (plugin, release.version) in access.withdrawn else release.deltas:
                key = layout.delta_key(plugin, release.version, delta.sha256)
                with suppress(ObjectMissingError, TamperedError):  # nothing depends on a delta
                    yield _package(key, delta.blob, access)
            for attestation in release.attestations:
                if attestation.sha256 in bundles:
                    continue
                bundles.add(attestation.sha256)
                key = layout.attestation_key(attestation.sha256)
                yield _immutable(key, access.to_publish(attestation.blob, key))
    yield from node_objects(built.index, lambda ref: access.to_publish(ref, layout.node_key(ref.sha256)), kept)
    if built.index.history:
        yield from (json_node(key, body) for key, body in built.index.history.objects(access))


def pages_of(built: Built, reuse: Afresh = AFRESH) -> Iterator[PublishedObject]:
    """Yield what is replaced: documents for simple clients, schemas, and the catalogue, but for what `reuse` knows."""
    yield from friendly_objects(built.given, built.index, built.glances, built.signatures, reuse)
    yield from contract_objects(built.registry.config.name)
    yield from site(
        CatalogueInput(
            registry=built.registry,
            records=built.index.records,
            manifests=built.given.manifests,
            facts=built.facts,
            summaries=built.index.summaries,
            glances=built.glances,
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
    expected = {layout.STATUS_KEY}
    for item in objects_of(built):
        if item.key in expected:
            continue
        expected.add(item.key)
        try:
            if published.read(item.key) != body_of(item):
                different.append(item.key)
        except ObjectMissingError:
            different.append(item.key)
    return (*sorted(different), *(found.key for found in published.list("v1/plugins/") if found.key not in expected))


def _documents(kind: type[T], refs: Mapping[Digest, BlobRef], access: ObjectAccess) -> Mapping[Digest, T]:
    """Return what stands in the objects `refs`, each read when somebody asks for it."""

    def read(digest: Digest) -> T:
        return documents.decode(kind, access.node(refs[digest]), what=layout.node_key(digest))

    def bring(digests: Iterable[Digest]) -> None:
        access.bring((refs[digest], layout.node_key(digest)) for digest in digests)

    return ByDigest(refs, read, bring)


def _rules_of(workspace: Workspace) -> str:
    """Return a name for whose signatures count, and how they are checked."""
    return f"{Digest.of(workspace.policy_bytes)} {Digest.of(workspace.trusted_root_bytes)}"


def _package(key: str, ref: BlobRef, access: ObjectAccess) -> PublishedObject:
    """Return a package or a delta, which may lie in a folder as the very file that is kept here."""
    return replace(_immutable(key, access.to_publish(ref, key)), file=access.local.place_of(ref.sha256))


def _immutable(key: str, body: bytes | Path) -> PublishedObject:
    return PublishedObject(
        key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.IMMUTABLE, phase=Phase.ARTIFACT
    )
