"""The fast way out for advisories: revocations become current in one step, and nothing else is built or changed.

In: a `Workspace`, whatever is published now. Out: the list of revocations, the advisories for everybody, and the trust
metadata over them. Index, packages and pages stay as they are, to the byte: nothing is fetched, packed or signed anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding.revocation_file import parse_revocations, read_revocations
from pluginry.errors import DocumentError, UsageError
from pluginry.model import layout
from pluginry.model.finding import Severity
from pluginry.publisher.index import advisories_body, advisory_objects
from pluginry.publisher.load import load_registry
from pluginry.publisher.pipeline import revoke
from pluginry.publisher.publish import publish
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from datetime import datetime

    from pluginry.model.registry import Registry
    from pluginry.model.revocation import Revocation
    from pluginry.ports import MetadataRepository, ObjectStore
    from pluginry.publisher.publish import PublishReport
    from pluginry.publisher.workspace import Workspace

ADVISORIES_FOLDER = "advisories/"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryOutcome:
    """What became known: the entries that are new to clients, how many there are, what was written."""

    added: tuple[Revocation, ...]
    entries: int
    report: PublishReport


def publish_advisories(
    workspace: Workspace, *, repository: MetadataRepository, store: ObjectStore, now: datetime
) -> AdvisoryOutcome:
    """Make the registry's advisories current in `store`, and nothing else.

    Raises:
        DocumentError: an advisory has findings that block; what is wrong elsewhere in the registry does not.
        UsageError: nothing was published there yet.
        PublishConflictError: somebody else published meanwhile; run again.

    """
    registry = load_sound_advisories(workspace)
    timestamp = store.find(layout.TIMESTAMP_KEY)
    root = repository.current_target(layout.INDEX_ROOT_TARGET, store)
    if root is None:
        raise UsageError("nothing is published there yet", where=store.location, hint="run `pluginry publish`")
    # Policy and root certificates as the last ceremony left them: offline keys may not sign older ones any more.
    targets = {
        layout.INDEX_ROOT_TARGET: root,
        layout.POLICY_TARGET: workspace.policy_bytes,
        layout.TRUSTED_ROOT_TARGET: workspace.trusted_root_bytes,
    }
    published = repository.current_target(layout.REVOCATIONS_TARGET, store) or b""
    revoke(workspace, registry, repository=repository, store=store)
    ours = read_revocations(workspace.revocations)
    targets[layout.INDEX_ADVISORIES_TARGET] = advisories_body(registry)
    if ours:
        targets[layout.REVOCATIONS_TARGET] = ours
    objects = [*advisory_objects(registry), *repository.sign(targets, store=store, now=now)]
    report = publish(objects, store, timestamp_tag=timestamp.tag if timestamp else None)
    entries = parse_revocations(ours, what=str(workspace.revocations))
    known = published.count(b"\n")
    return AdvisoryOutcome(added=entries[known:], entries=len(entries), report=report)


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
