"""``pluginry gc``: a store without what no client can reach any more, and without packages that were taken down."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.publish_target import writes_target
from pluginry.cli.publisher_wiring import PublisherPlaces, metadata_reader_of
from pluginry.cli.table import counted
from pluginry.errors import UsageError
from pluginry.model import layout
from pluginry.model.names import PluginId
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.cli.console import Console
    from pluginry.cli.publish_target import Target
    from pluginry.model.published import StoredObject
    from pluginry.publisher.garbage import Collection

_FOLDER = click.Path(path_type=Path, file_okay=False)
_KINDS = {
    layout.NODE_PREFIX: "index node",
    layout.ATTESTATION_PREFIX: "attestation",
    layout.METADATA_PREFIX: "metadata file",
    layout.TARGETS_PREFIX: "target",
    layout.PACKAGES_PREFIX: "package",
}


@command("gc")
@writes_target
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with index/.")
@click.option(
    "--keep-days",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="Keep what clients may read that came by in so many days.",
)
@click.option("--plan", "only_plan", is_flag=True, help="Show what would be removed; remove nothing.")
@click.option(
    "--take-down", metavar="PLUGIN@VERSION", multiple=True, help="Remove the packages of a release that is not offered."
)
def gc(
    console: Console, target: Target, workspace: Path, keep_days: int, only_plan: bool, take_down: tuple[str, ...]
) -> None:
    """Remove what earlier states left in TARGET, and no client can reach any more.

    Nodes of the index, attestations, trust metadata and targets go when no index of the last days leads to them. Roots
    of trust, policies, packages and pages always stay; the packages of a release go with --take-down, and then nothing
    else does. Needs no key. Exit status 5 when what is published is not whole: then nothing is removed. Exit status 6
    when a release that is to be taken down can still be installed; 9 when somebody publishes there.
    """
    from pluginry.publisher.garbage import plan_collection, sweep
    from pluginry.publisher.take_down import plan_take_down
    from pluginry.publisher.take_down import take_down as remove_packages

    places = PublisherPlaces.at(workspace.resolve(), None)
    reader, now = metadata_reader_of(places), datetime.now(UTC)
    with target.open(writes=not only_plan) as store:
        if take_down:
            planned = plan_take_down(map(_release, take_down), store, reader=reader, now=now)
            if not only_plan:
                remove_packages(planned)
            _tell(console, planned.packages, {"taken_down": list(take_down), "removed": not only_plan}, ())
            return
        collection = plan_collection(store, reader=reader, now=now, keep=timedelta(days=keep_days))
        if not only_plan:
            with console.progress("removing", total=len(collection.garbage)) as advance:
                sweep(collection, advance=advance)
        data = {"kept": collection.kept, "states": collection.roots, "keep_days": keep_days, "removed": not only_plan}
        _tell(console, collection.garbage, data, _kept(collection, keep_days))


def _release(named: str) -> tuple[PluginId, Version]:
    plugin, at, version = named.partition("@")
    if not at:
        raise UsageError(f"{named} is not a release", hint="write it as namespace/name@1.2.3")
    return PluginId.parse(plugin), Version(version)


def _kept(collection: Collection, keep_days: int) -> Iterator[str]:
    states = counted(collection.roots, "state")
    yield f"kept {counted(collection.kept, 'object')}, for {states} of the index of the last {keep_days} days"


def _tell(console: Console, gone: tuple[StoredObject, ...], data: dict[str, Any], more: Iterable[str]) -> None:
    size = sum(stored.size for stored in gone)
    kinds = Counter(next(kind for prefix, kind in _KINDS.items() if stored.key.startswith(prefix)) for stored in gone)
    verb = "removed" if data["removed"] else "would remove"
    console.result(
        {**data, "objects": [stored.key for stored in gone], "bytes": size},
        [
            f"{verb} {counted(len(gone), 'object')} ({size:,} bytes)",
            *(f"  {counted(count, kind)}" for kind, count in sorted(kinds.items())),
            *more,
        ],
    )
