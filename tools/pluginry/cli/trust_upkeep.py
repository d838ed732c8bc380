"""``pluginry trust``, the upkeep: a fresh timestamp on a schedule, and how long everything is good for.

In: the public files, and what is published. Out: at most one object, or an exit status for monitoring.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.expiry import WARN_DAYS, Expiry, Outlook, expiry_data, expiry_lines, worst_outlook
from pluginry.cli.publish_target import reads_target, writes_target
from pluginry.cli.publisher_wiring import PublisherPlaces, online_key_options, repository_of
from pluginry.cli.trust_ceremony import ceremony_of
from pluginry.errors import NEEDS_REVIEW_EXIT_STATUS, StaleError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.cli.console import Console
    from pluginry.cli.publish_target import Target
    from pluginry.ports import ObjectStore

_FOLDER = click.Path(path_type=Path, file_okay=False)


@command("refresh")
@writes_target
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@online_key_options
def refresh(console: Console, target: Target, workspace: Path, keys: Path | None, online_key: str | None) -> None:
    """Sign a new timestamp over what is published in TARGET, and touch nothing else: for a schedule."""
    from pluginry.model.layout import TIMESTAMP_KEY
    from pluginry.publisher.publish import publish

    places = PublisherPlaces.at(workspace.resolve(), keys.resolve() if keys else None, online_key=online_key)
    now = datetime.now(UTC)
    with target.open(writes=True) as store:
        found = store.find(TIMESTAMP_KEY)
        timestamp = repository_of(places, signs_index=False).refresh(store, now=now)
        publish([timestamp], store, timestamp_tag=found.tag if found else None)
        expiries = list(_expiries(workspace, store, None))
    console.result(
        {"replaced": [TIMESTAMP_KEY], "roles": expiry_data(expiries, now)},
        [f"replaced {TIMESTAMP_KEY}", *expiry_lines(expiries, now)],
    )


@command("status")
@reads_target
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@click.option("--warn-days", type=click.IntRange(min=0), help="Warn so many days before. [default: by role, 5 to 60]")
def status(console: Console, target: Target, workspace: Path, warn_days: int | None) -> int:
    """Tell how long the metadata published in TARGET is good for, role by role.

    Exit status 0 when all is well, 10 when a role expires soon and somebody has to look, 5 when one has expired.
    """
    now = datetime.now(UTC)
    with target.open(writes=False) as store:
        expiries = list(_expiries(workspace, store, warn_days))
    outlook = worst_outlook(expiries, now)
    console.result({"verdict": outlook.value, "roles": expiry_data(expiries, now)}, expiry_lines(expiries, now))
    return {Outlook.EXPIRED: StaleError.exit_status, Outlook.SOON: NEEDS_REVIEW_EXIT_STATUS}.get(outlook, 0)


COMMANDS = (refresh, status)


def _expiries(workspace: Path, store: ObjectStore, warn_days: int | None) -> Iterator[Expiry]:
    """Yield what expires: what people signed, and what is published."""
    from pluginry.adapters.tuf_publication import published_now

    ceremony = ceremony_of(workspace)
    if not ceremony.chain:
        raise UsageError("this marketplace has no root of trust yet", hint="make one with `pluginry trust init`")
    is_hardened = ceremony.targets is not None
    current = published_now(store, ceremony.chain, ceremony.targets)
    if current is None:
        raise UsageError("nothing is published there yet", where=store.location, hint="run `pluginry publish`")
    documents: dict[str, Any] = {
        **{role: part.says for role, part in current.listed.items()},
        **({"targets": ceremony.targets} if ceremony.targets else {}),
        "root": ceremony.chain[-1],
        "snapshot": current.snapshot.says,
        "timestamp": current.timestamp.says,
    }
    for role in (role for role in WARN_DAYS if role in documents):
        says, is_offline = documents[role], role == "targets" and is_hardened
        yield Expiry.of(role, says.version, says.expires, is_offline=is_offline, warn_days=warn_days)
