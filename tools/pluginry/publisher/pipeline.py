"""The publisher's stages in order: from ``registry/`` and ``index/`` to a store that clients read.

    load -> validate -> [acquire -> wrap -> pack -> scan] -> record -> attest -> index -> site -> publish

In: a `Workspace` (folders) and adapters. Out: what was published and what was left out. Each run does only
what the last one did not: releases in the ledger whose objects are at hand are not built or signed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.revocation_file import read_revocations
from pluginry.errors import DocumentError
from pluginry.model import layout
from pluginry.model.finding import Severity
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.publisher.assembly import build_marketplace, objects_of, targets_of
from pluginry.publisher.load import load_registry
from pluginry.publisher.publish import publish
from pluginry.publisher.release_run import run_releases
from pluginry.publisher.revoke import record_revocations, refuse_rewritten
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from pluginry.model.finding import Finding
    from pluginry.model.registry import Registry
    from pluginry.ports import GitHistory, MetadataRepository, ObjectStore, Signer, SourceFetcher, Verifier
    from pluginry.publisher.index import LeftOut
    from pluginry.publisher.publish import PublishReport
    from pluginry.publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a publication did: releases ``built`` and ``signed`` in this run, what was left out, what was written."""

    built: tuple[str, ...]
    signed: int
    left_out: tuple[LeftOut, ...]
    serial: int
    plugins: int
    releases: int
    report: PublishReport


def load_valid_registry(folder: Path) -> tuple[Registry, tuple[Finding, ...]]:
    """Return the registry in `folder` and the findings about it.

    Raises:
        DocumentError: a finding blocks.

    """
    loaded = load_registry(folder)
    findings = (*loaded.findings, *validate(loaded))
    blocking = [finding for finding in findings if finding.severity is Severity.BLOCKS]
    if blocking:
        raise DocumentError(
            f"the registry has {len(blocking)} findings that block",
            where=str(blocking[0].where),
            why=blocking[0].message,
            hint=f"see all of them with `pluginry check {folder}`",
        )
    return loaded.registry, findings


def publish_marketplace(
    workspace: Workspace,
    *,
    fetchers: Mapping[str, SourceFetcher],
    repository: MetadataRepository,
    signer: Signer | None,
    verifier: Verifier | None,
    store: ObjectStore,
    history: GitHistory,
    now: datetime,
    advance: Callable[[str], None] = lambda _what: None,
) -> Outcome:
    """Do the whole work once, and return what was done.

    Raises:
        DocumentError: the registry has findings that block; nothing was built.
        PublishConflictError: somebody else published meanwhile; run again.
        TransportError: the store failed; the next run goes on from here.

    """
    registry, _ = load_valid_registry(workspace.registry)
    timestamp = store.find(layout.TIMESTAMP_KEY)
    commit = history.head_commit() or ""
    run = run_releases(
        workspace,
        registry,
        fetchers=fetchers,
        store=store,
        signer=signer,
        verifier=verifier,
        commit=commit,
        now=now,
        advance=advance,
    )
    advance("index and catalogue")
    revoke(workspace, registry, repository=repository, store=store)
    built = build_marketplace(
        workspace,
        registry,
        store=store,
        previous_root=repository.current_target(layout.INDEX_ROOT_TARGET, store),
        left_out=run.left_out,
        commit=commit,
        now=now,
        verifier=verifier,
    )
    advance("publish")
    objects = [
        *objects_of(built),
        *repository.sign(targets_of(built, workspace), store=store, now=now),
    ]
    report = publish(objects, store, timestamp_tag=timestamp.tag if timestamp else None)
    return Outcome(
        built=run.built,
        signed=run.signed,
        left_out=built.given.left_out,
        serial=built.index.root.serial,
        plugins=built.index.root.plugins,
        releases=built.index.root.releases,
        report=report,
    )


def revoke(workspace: Workspace, registry: Registry, *, repository: MetadataRepository, store: ObjectStore) -> None:
    """Bring the list of revocations up to the registry's advisories, and see that clients will accept it.

    Raises:
        TamperedError: the list was rewritten since it was published.

    """
    record_revocations(workspace, registry.advisories)
    root = repository.current_target(layout.INDEX_ROOT_TARGET, store)
    policy = documents.decode(TrustPolicy, workspace.policy_bytes, what="policy.json")
    refuse_rewritten(
        read_revocations(workspace.revocations),
        published=repository.current_target(layout.REVOCATIONS_TARGET, store),
        is_new_epoch=root is None or documents.decode(TreeRoot, root, what="root.json").epoch != policy.epoch,
    )
