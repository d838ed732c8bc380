"""All releases that are not published yet, through building and *record*, and then *attest* for all that is unsigned.

In: a valid registry, the workspace, adapters. Out: new lines of the ledger, objects in the workspace's
store, and what had to be left out: one plugin that cannot be built never stops the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pluginry.encoding.ledger_files import append_events
from pluginry.errors import DocumentError, NotFoundError, TamperedError, TransportError
from pluginry.model.ledger import Ledger
from pluginry.model.quarantine import Fault, Quarantined, clipped
from pluginry.publisher.inventory import NOTHING_KNOWN, Inventory
from pluginry.publisher.kept_records import NOTHING_KEPT
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.outcome import SigningRun
from pluginry.publisher.package_deltas import with_deltas
from pluginry.publisher.provenance import ProvenanceDesk
from pluginry.publisher.quarantine_list import refused, unexpected
from pluginry.publisher.record import record, refuse_changed
from pluginry.publisher.release_build import ReleaseBuilder
from pluginry.publisher.signing_run import WORKERS, sign_packages, unsigned_packages
from pluginry.publisher.withdrawn import withdrawn_releases

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pluginry.encoding.ledger_files import Ledgers
    from pluginry.model.names import PluginId
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.release import Release
    from pluginry.model.versions import Version
    from pluginry.publisher.equipment import Equipment
    from pluginry.publisher.kept_records import KeptRecords
    from pluginry.publisher.record import BuiltRelease


_ENOUGH_FAILURES = 2


@dataclass(slots=True)
class _Reach:
    """Which upstream places do not answer in this run: without a network, one would wait for each release anew."""

    failures: dict[str, int] = field(default_factory=dict)

    def known_to_be_away(self, release: Release) -> str:
        """Return the place of `release` that failed several times in a row; empty when there is none."""
        return next((place for place in _places(release) if self.failures.get(place, 0) >= _ENOUGH_FAILURES), "")

    def came_from(self, release: Release) -> None:
        """Remember that the places of `release` answer."""
        self.failures.update(dict.fromkeys(_places(release), 0))

    def did_not_come_from(self, release: Release) -> None:
        """Remember that a place of `release` did not answer."""
        for place in _places(release):
            self.failures[place] = self.failures.get(place, 0) + 1


def _places(release: Release) -> list[str]:
    """Return where the artifacts of `release` come from: a host, or a package registry as a whole."""
    sources = (claim.source for claim in release.artifacts)
    return [urlsplit(source.url or source.git).hostname or source.kind for source in sources if not source.path]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRun:
    """What a run did: names of the releases ``built``, what was signed (``signing``), what is ``quarantined``."""

    built: tuple[str, ...]
    signing: SigningRun
    quarantined: tuple[Quarantined, ...]


def run_releases(
    equipment: Equipment,
    registry: Registry,
    ledgers: Ledgers,
    *,
    commit: str,
    now: datetime,
    backfill: bool = False,
    workers: int = WORKERS,
    advance: Callable[[str], None] = lambda _what: None,
    known: Inventory = NOTHING_KNOWN,
    frozen: frozenset[PluginId] = frozenset(),
    kept: KeptRecords = NOTHING_KEPT,
    debug: bool = False,
) -> ReleaseRun:
    """Build and record what is not yet, then sign it; `advance` hears of each release.

    `workers` statements are signed at a time; see `sign_packages` for `backfill`. Nothing new is built of plugins that
    are `frozen`, and nothing is to be done about those whose records can be `kept`. With `debug` a mistake of ours that
    a release brings to light ends the run.
    """
    workspace, fetchers, objects = equipment.workspace, equipment.fetchers, equipment.workspace.objects
    desk = ProvenanceDesk(
        verifier=equipment.verifier, trusted_root=workspace.trusted_root_bytes, fetchers=fetchers, objects=objects
    )
    builder = ReleaseBuilder(
        registry=registry,
        folder=workspace.registry,
        fetchers=fetchers,
        objects=objects,
        provenance=desk,
        scan_setup=workspace.scan_setup(registry),
    )
    for _ in range(kept.releases):
        advance("what stays")
    plugins = sorted(plugin for plugin in registry.plugins if plugin not in kept)
    withdrawn = withdrawn_releases(registry.advisories, (ledgers[plugin] for plugin in plugins if plugin in ledgers))
    access = ObjectAccess(objects, equipment.store, known, withdrawn)
    reach = _Reach()
    names: list[str] = []
    quarantined: list[Quarantined] = []
    recorded: list[Ledger] = []
    for plugin in plugins:
        entry = registry.plugins[plugin]
        ledger = ledgers.get(plugin, Ledger(id=plugin))
        built, failed = _build_new(
            entry, ledger, builder, access, reach, advance, is_frozen=plugin in frozen, debug=debug
        )
        built = with_deltas(built, ledger, access=access, settings=registry.config.deltas)
        events = record(entry, ledger, built, at=now, registry_commit=commit)
        append_events(workspace.ledger, plugin, events)
        recorded.append(replace(ledger, events=(*ledger.events, *events)))
        names += [f"{plugin} {version}" for version in built]
        quarantined += failed
    signing = SigningRun()
    if equipment.signer is not None:
        unsigned = tuple(unsigned_packages(recorded, access))
        signing = sign_packages(
            unsigned, workspace=workspace, signer=equipment.signer, backfill=backfill, workers=workers, at=now
        )
    return ReleaseRun(built=tuple(names), signing=signing, quarantined=tuple(quarantined))


def _build_new(
    entry: PluginEntry,
    ledger: Ledger,
    builder: ReleaseBuilder,
    access: ObjectAccess,
    reach: _Reach,
    advance: Callable[[str], None],
    *,
    is_frozen: bool,
    debug: bool,
) -> tuple[dict[Version, BuiltRelease], list[Quarantined]]:
    """Build every release of a plugin that is not in the ledger, or whose objects are nowhere any more."""
    built: dict[Version, BuiltRelease] = {}
    failed: list[Quarantined] = []
    lost = {version: access.missing_from(ledger, version) for version in entry.releases if version in ledger.releases}
    for version, release in sorted(entry.releases.items()):
        advance(f"{entry.id} {version}")
        known = ledger.releases.get(version)
        if is_frozen if known is None else not lost[version]:
            continue
        away = reach.known_to_be_away(release)
        if away:
            reason = f"{away} could not be reached for the releases before it"
            failed.append(Quarantined(id=entry.id, version=version, kind=Fault.INFRASTRUCTURE, reason=reason))
            continue
        try:
            made = builder.build(entry, release)
            reach.came_from(release)
            refuse_changed(ledger, known, made)
            built[version] = made
        except TransportError as error:
            reach.did_not_come_from(release)
            item = Quarantined(id=entry.id, version=version, kind=Fault.INFRASTRUCTURE, reason=clipped(error.what))
            failed.append(item)
        except (DocumentError, TamperedError, NotFoundError) as error:
            failed.append(refused(error, plugin=entry.id, version=version, kind=Fault.AUTHOR))
        except Exception as error:
            if debug:
                raise
            failed.append(unexpected(error, plugin=entry.id, version=version, doing="building"))
    return built, [_told_with(item, lost.get(item.version, "") if item.version else "") for item in failed]


def _told_with(item: Quarantined, lost: str) -> Quarantined:
    """Return the item for a release that was built again because something is `lost`, with what that is."""
    return replace(item, reason=clipped(f"{item.reason}; not at hand: {lost}")) if lost else item
