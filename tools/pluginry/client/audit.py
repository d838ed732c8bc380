"""What should be looked at among installed plugins: what was revoked, withdrawn, abandoned, unproven or left behind.

In: the home, the sources, what was last heard of them. Out: concerns, worst first, and facts for a report: licences and
permissions in use. It needs no network, changes nothing, and says so when a thing cannot be known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pluginry.client.fitness import revocations_of
from pluginry.errors import DocumentError, NotFoundError, TransportError
from pluginry.model.revocation import Verdict
from pluginry.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.client.offers import Offers
    from pluginry.model.index import PluginRecord
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import InstalledPlugin
    from pluginry.model.versions import Version


class Concern(StrEnum):
    """What may be wrong with an installed plugin, worst first."""

    REVOKED = "revoked"
    ADVISORY = "advisory"
    REMOVED = "removed"
    YANKED = "yanked"
    UNSIGNED = "unsigned"
    DEPRECATED = "deprecated"
    UNKNOWN = "unknown"
    HELD_BACK = "held-back"
    OUTDATED = "outdated"

    @property
    def is_pressing(self) -> bool:
        """Whether somebody has to act, and not only to know."""
        return self in (Concern.REVOKED, Concern.ADVISORY, Concern.REMOVED, Concern.YANKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A ``concern`` about an installed release, in a sentence, and what can be done."""

    plugin: PluginId
    version: Version
    concern: Concern
    says: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Remarks, and for each installed plugin its licence and the permissions that were granted to it."""

    remarks: tuple[Remark, ...]
    licences: dict[PluginId, str]
    permissions: dict[PluginId, tuple[str, ...]]


def audit(offers: Offers) -> Audit:
    """Return what is worth knowing about everything that is installed."""
    current = sorted(offers.current.items())
    order = tuple(Concern)
    remarks = [remark for _, installed in current for remark in _remarks(installed, offers)]
    licences = {
        summary.id: summary.license for source in offers.sources.all() for summary in source.catalogue().plugins
    }
    return Audit(
        remarks=tuple(sorted(remarks, key=lambda one: (order.index(one.concern), one.plugin))),
        licences={plugin: licences.get(plugin, "") for plugin, _ in current},
        permissions={plugin: installed.granted for plugin, installed in current},
    )


def _remarks(installed: InstalledPlugin, offers: Offers) -> Iterator[Remark]:
    for concern, says, hint in _concerns(installed, offers):
        yield Remark(plugin=installed.id, version=installed.version, concern=concern, says=says, hint=hint)


def _concerns(installed: InstalledPlugin, offers: Offers) -> Iterator[tuple[Concern, str, str]]:
    newer = offers.newer(installed)
    update = f"pluginry update {installed.id}" if newer and not installed.held else ""
    for one in revocations_of(installed, home=offers.home, sources=offers.sources):
        word = Concern.REVOKED if one.action is Verdict.DISABLE else Concern.ADVISORY
        yield word, f"{one.advisory}: {one.summary}", update or f"pluginry remove {installed.id}"
    record = _record(installed, offers)
    if record is None:
        yield Concern.UNKNOWN, "no source offers it any more, so nobody hears of its faults", ""
    else:
        yield from _standing(record)
        release = next((one for one in record.releases if one.version == installed.version), None)
        if release is None and record.status is not Status.REMOVED:
            yield Concern.REMOVED, f"version {installed.version} is not offered any more", update
        elif release is not None and release.yanked is not None:
            yield Concern.YANKED, f"version {installed.version} was yanked: {release.yanked}", update
    if not _is_signed(installed, offers):
        yield Concern.UNSIGNED, "it was installed without a signature of the marketplace", ""
    if newer and installed.held:
        yield Concern.HELD_BACK, f"{newer} is there, and it is held", f"pluginry install {installed.id}"
    elif newer:
        yield Concern.OUTDATED, f"{newer} is there", update


def _standing(record: PluginRecord) -> Iterator[tuple[Concern, str, str]]:
    instead = f"; {record.replaced_by} takes its place" if record.replaced_by else ""
    if record.status is Status.REMOVED:
        yield Concern.REMOVED, f"the marketplace removed it{instead}", f"pluginry remove {record.id}"
    elif record.status is Status.DEPRECATED:
        yield Concern.DEPRECATED, f"it is deprecated{instead}", ""


def _record(installed: InstalledPlugin, offers: Offers) -> PluginRecord | None:
    try:
        return offers.sources.record(installed.id)
    except (NotFoundError, TransportError):
        return None


def _is_signed(installed: InstalledPlugin, offers: Offers) -> bool:
    try:
        return offers.home.receipt(installed).signer is not None
    except (NotFoundError, DocumentError):
        return True  # its files are gone: `verify` says so
