"""``pluginry advisories``: revoke plugins at once, without building anything; see what is revoked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.console import printable
from pluginry.cli.publish_target import writes_target
from pluginry.cli.publisher_wiring import (
    PublisherPlaces,
    index_key_option,
    ledger_branch_option,
    ledger_of,
    online_key_options,
    repository_of,
    verifier_of,
)
from pluginry.cli.table import counted, table

if TYPE_CHECKING:
    from pluginry.cli.console import Console
    from pluginry.cli.publish_target import Target
    from pluginry.model.revocation import Revocation

_FOLDER = click.Path(path_type=Path, file_okay=False)
_workspace_option = click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")


@click.group("advisories")
def advisories() -> None:
    """Warn of plugins, block them, or disable them everywhere."""


@command("publish")
@writes_target
@_workspace_option
@online_key_options
@index_key_option
@ledger_branch_option
def publish(
    console: Console,
    target: Target,
    workspace: Path,
    keys: Path | None,
    ledger_branch: str | None,
    **references: str | None,
) -> None:
    """Make the advisories of the registry current in TARGET, with the pages and the feed about them.

    Packages, index and all other pages stay as they are, and so a broken plugin elsewhere in the registry is no
    obstacle. What is revoked is appended to index/revocations.jsonl: commit that file, clients refuse a list that lost
    an entry.
    """
    from pluginry.publisher.advisory_publication import publish_advisories

    places = PublisherPlaces.at(workspace.resolve(), keys.resolve() if keys else None, **references)
    with target.open(writes=True) as store:
        outcome = publish_advisories(
            places.workspace,
            repository=repository_of(places),
            store=store,
            now=datetime.now(UTC),
            verifier=verifier_of(places),
            keep=ledger_of(places, ledger_branch),
        )
    data = {
        "added": [_data(entry) for entry in outcome.added],
        "entries": outcome.entries,
        "written": outcome.report.written,
        "target": str(target),
        "pages_failed": str(outcome.pages_failed or ""),
    }
    lines = [
        *(
            f"{entry.n}: {entry.advisory} {entry.action}: {printable(entry.summary) or 'withdrawn'}"
            for entry in outcome.added
        ),
        f"{counted(len(outcome.added), 'new revocation')}, {outcome.entries} in all",
        f"{counted(outcome.report.written, 'object')} written",
        *([f"the pages about advisories are still the old ones: {failed}"] if (failed := outcome.pages_failed) else []),
    ]
    console.result(data, lines)


@command("list")
@_workspace_option
def list_advisories(console: Console, workspace: Path) -> None:
    """List the advisories of the registry, and which entry of the list of revocations clients know them by.

    NEXT stands for what `pluginry advisories publish` would add.
    """
    from pluginry.encoding.revocation_file import parse_revocations, read_revocations
    from pluginry.publisher.advisory_publication import load_sound_advisories
    from pluginry.publisher.revoke import new_revocations

    ours = PublisherPlaces.at(workspace.resolve(), None).workspace
    known = parse_revocations(read_revocations(ours.revocations), what=str(ours.revocations))
    waiting = new_revocations(load_sound_advisories(ours).advisories, known)
    last = {entry.advisory: entry for entry in (*known, *waiting)}
    entries = sorted(last.values(), key=lambda entry: entry.advisory)
    data = [{**_data(entry), "published": entry not in waiting} for entry in entries]
    rows = (
        (
            "NEXT" if entry in waiting else str(entry.n),
            entry.advisory,
            entry.action,
            printable(entry.summary) or "withdrawn",
        )
        for entry in entries
    )
    console.result(data, table(("ENTRY", "ID", "ACTION", ""), rows) if entries else "There are no advisories.")


def _data(entry: Revocation) -> dict[str, Any]:
    from pluginry.encoding import documents

    plain: dict[str, Any] = documents.to_plain(entry)
    return plain


for _command in (publish, list_advisories):
    advisories.add_command(_command)
