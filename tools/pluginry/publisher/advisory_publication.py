"""The fast way out for advisories: revocations become current in one step, and nothing else is built or changed.

In: a `Workspace`, whatever is published now. Out: the list of revocations, the advisories for everybody with the pages
and the feed about them, and the trust metadata over them. Index, packages and all other pages stay as they are, to the
byte: nothing is fetched, packed or signed anew. A page that cannot be made holds up nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.ledger_files import load_ledgers
from pluginry.encoding.revocation_file import joined_parts, parse_revocations, published_parts, read_revocations
from pluginry.errors import DocumentError, PluginryError, UsageError
from pluginry.model import layout
from pluginry.model.finding import Severity
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.publisher.advisory_input import advisory_input
from pluginry.publisher.index import advisories_body, advisory_objects
from pluginry.publisher.index_attestation import index_desk_of
from pluginry.publisher.inventory import InventoryFile
from pluginry.publisher.load import load_registry
from pluginry.publisher.publication import publish_in_turn
from pluginry.publisher.revoke import revoke
from pluginry.publisher.site import advisory_site
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pluginry.model.published import PublishedObject
    from pluginry.model.registry import Registry
    from pluginry.model.revocation import Revocation
    from pluginry.ports import MetadataRepository, ObjectStore, Verifier
    from pluginry.publisher.inventory import Inventory
    from pluginry.publisher.outcome import PublishReport
    from pluginry.publisher.workspace import Workspace

ADVISORIES_FOLDER = "advisories/"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryOutcome:
    """What became known: the entries that are new to clients, how many there are, what was written.

    ``pages_failed`` says why the pages about advisories are still those from before.
    """

    added: tuple[Revocation, ...]
    entries: int
    report: PublishReport
    pages_failed: PluginryError | None = None


def publish_advisories(
    workspace: Workspace,
    *,
    repository: MetadataRepository,
    store: ObjectStore,
    now: datetime,
    verifier: Verifier | None = None,
    keep: Callable[[], None] = lambda: None,
) -> AdvisoryOutcome:
    """Make the registry's advisories current in `store`, for clients and on their pages, and nothing else.

    `keep` is called when the list of revocations is complete, before anybody can read of it.

    Raises:
        DocumentError: an advisory has findings that block; what is wrong elsewhere in the registry does not.
        UsageError: nothing was published there yet, or today's policy does not accept the index that was.
        PublishConflictError: somebody else published meanwhile; run again.

    """
    registry = load_sound_advisories(workspace)
    desk = index_desk_of(workspace, verifier=verifier)

    def prepare(
        _known: Inventory, view: ObjectStore
    ) -> tuple[tuple[bytes, bytes, PluginryError | None], list[PublishedObject]]:
        root = repository.current_target(layout.INDEX_ROOT_TARGET, view)
        if root is None:
            raise UsageError("nothing is published there yet", where=store.location, hint="run `pluginry publish`")
        bundle = repository.current_target(layout.INDEX_BUNDLE_TARGET, view)
        index = desk.carried_over(root, bundle)
        if index is None:
            raise UsageError(
                "the policy changed, and clients would not accept the index that is published",
                where=store.location,
                hint="run `pluginry publish`: it makes an index under this policy, and publishes the advisories too",
            )
        published = joined_parts(lambda path: repository.current_target(path, view))
        revoke(workspace, registry, repository=repository, store=view)
        keep()
        ours = read_revocations(workspace.revocations)
        # Policy and root certificates as the last ceremony left them: offline keys may not sign older ones any more.
        targets = {
            **index,
            layout.POLICY_TARGET: workspace.policy_bytes,
            layout.TRUSTED_ROOT_TARGET: workspace.trusted_root_bytes,
            layout.INDEX_ADVISORIES_TARGET: advisories_body(registry),
            **published_parts(ours),
        }
        pages, failed = _pages(workspace, registry, root=root, store=view)
        objects = [*advisory_objects(registry), *pages, *repository.sign(targets, store=view, now=now).objects]
        return (published, ours, failed), objects

    kept = InventoryFile.within(workspace.inventories, store)
    (published, ours, failed), report = publish_in_turn(prepare, store, kept=kept, now=now, may_list=False)
    entries = parse_revocations(ours, what=str(workspace.revocations))
    known = published.count(b"\n")
    return AdvisoryOutcome(added=entries[known:], entries=len(entries), report=report, pages_failed=failed)


def _pages(
    workspace: Workspace, registry: Registry, *, root: bytes, store: ObjectStore
) -> tuple[tuple[PublishedObject, ...], PluginryError | None]:
    """Return the pages about advisories, or why there are none: what people read must not hold up what clients do."""
    try:
        given = advisory_input(
            registry,
            policy=documents.decode(TrustPolicy, workspace.policy_bytes, what="policy.json"),
            root=documents.decode(TreeRoot, root, what="index/root.json"),
            ledgers=lambda: load_ledgers(workspace.ledger),
            store=store,
        )
        return tuple(advisory_site(given)), None
    except PluginryError as error:
        return (), error


def load_sound_advisories(workspace: Workspace) -> Registry:
    """Return the registry, of which only the advisories were looked at closely.

    Raises:
        DocumentError: a finding about an advisory blocks.

    """
    loaded = load_registry(workspace.registry)
    findings = [
        finding
        for finding in (*loaded.findings, *validate(loaded))
        if finding.severity is Severity.BLOCKS and finding.where.file.startswith(ADVISORIES_FOLDER)
    ]
    if findings:
        raise DocumentError(
            f"the advisories have {len(findings)} findings that block",
            where=str(findings[0].where),
            why=findings[0].message,
            hint=f"see all of them with `pluginry check {workspace.registry}`",
        )
    return loaded.registry
