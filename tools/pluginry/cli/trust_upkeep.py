"""``pluginry trust``, the upkeep: a fresh timestamp on a schedule, and how long everything is good for.

In: the public files, and what is published. Out: at most one object, or an exit status for monitoring.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.publisher_wiring import PublisherPlaces, online_key_options, repository_of
from pluginry.cli.trust_ceremony import ceremony_of
from pluginry.errors import NEEDS_REVIEW_EXIT_STATUS, StaleError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.cli.console import Console

_FOLDER = click.Path(path_type=Path, file_okay=False)
_WARN_DAYS = {"root": 60, "targets": 30, "index": 7, "snapshot": 7, "timestamp": 5}
_OFFLINE_WARN_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """How long a metadata file is good for, and from when on somebody should look."""

    role: str
    version: int
    expires: datetime
    warn_days: int

    def left(self, now: datetime) -> timedelta:
        """Return how long it still is."""
        return self.expires - now


@command("refresh")
@click.argument("target", type=_FOLDER, default=Path("dist"))
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@online_key_options
def refresh(console: Console, target: Path, workspace: Path, keys: Path | None, online_key: str | None) -> None:
    """Sign a new timestamp over what is published in the folder TARGET, and touch nothing else: for a schedule."""
    from pluginry.adapters.folder_store import FolderStore
    from pluginry.model.layout import TIMESTAMP_KEY
    from pluginry.publisher.publish import publish

    places = PublisherPlaces.at(workspace.resolve(), keys.resolve() if keys else None, online_key=online_key)
    store, now = FolderStore(target), datetime.now(UTC)
    found = store.find(TIMESTAMP_KEY)
    timestamp = repository_of(places, signs_index=False).refresh(store, now=now)
    publish([timestamp], store, timestamp_tag=found.tag if found else None)
    expiries = list(_expiries(workspace, target, None))
    console.result(
        {"replaced": [TIMESTAMP_KEY], "roles": _data(expiries, now)},
        [f"replaced {TIMESTAMP_KEY}", *_lines(expiries, now)],
    )


@command("status")
@click.argument("target", type=_FOLDER, default=Path("dist"))
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@click.option("--warn-days", type=click.IntRange(min=0), help="Warn so many days before. [default: by role, 5 to 60]")
def status(console: Console, target: Path, workspace: Path, warn_days: int | None) -> int:
    """Tell how long the metadata published in the folder TARGET is good for, role by role.

    Exit status 0 when all is well, 10 when a role expires soon and somebody has to look, 5 when one has expired.
    """
    now = datetime.now(UTC)
    expiries = list(_expiries(workspace, target, warn_days))
    expired = [expiry for expiry in expiries if expiry.left(now) <= timedelta(0)]
    soon = [expiry for expiry in expiries if expiry.left(now) < timedelta(days=expiry.warn_days)]
    verdict = "expired" if expired else "soon" if soon else "fine"
    console.result({"verdict": verdict, "roles": _data(expiries, now)}, _lines(expiries, now))
    return StaleError.exit_status if expired else NEEDS_REVIEW_EXIT_STATUS if soon else 0


COMMANDS = (refresh, status)


def _expiries(workspace: Path, target: Path, warn_days: int | None) -> Iterator[Expiry]:
    """Yield what expires: what people signed, and what is published."""
    from pluginry.adapters.folder_store import FolderStore
    from pluginry.adapters.tuf_publication import published_now

    ceremony = ceremony_of(workspace)
    if not ceremony.chain:
        raise UsageError("this marketplace has no root of trust yet", hint="make one with `pluginry trust init`")
    is_hardened = ceremony.targets is not None
    current = published_now(FolderStore(target), ceremony.chain, ceremony.targets)
    if current is None:
        raise UsageError("nothing is published there yet", where=str(target), hint="run `pluginry publish`")
    documents: dict[str, Any] = {
        **{role: part.says for role, part in current.listed.items()},
        **({"targets": ceremony.targets} if ceremony.targets else {}),
        "root": ceremony.chain[-1],
        "snapshot": current.snapshot.says,
        "timestamp": current.timestamp.says,
    }
    for role in (role for role in _WARN_DAYS if role in documents):
        default = _OFFLINE_WARN_DAYS if role == "targets" and is_hardened else _WARN_DAYS[role]
        yield Expiry(
            role=role,
            version=documents[role].version,
            expires=documents[role].expires,
            warn_days=default if warn_days is None else warn_days,
        )


def _data(expiries: list[Expiry], now: datetime) -> dict[str, Any]:
    return {
        expiry.role: {
            "version": expiry.version,
            "expires": expiry.expires.isoformat(),
            "days_left": expiry.left(now).days,
            "warn_days": expiry.warn_days,
        }
        for expiry in expiries
    }


def _lines(expiries: list[Expiry], now: datetime) -> Iterator[str]:
    for expiry in expiries:
        left = expiry.left(now)
        mark = "EXPIRED" if left <= timedelta(0) else "soon" if left < timedelta(days=expiry.warn_days) else ""
        yield f"{expiry.role:<10} version {expiry.version:<4} {left.days:>4} days left  {mark}".rstrip()
