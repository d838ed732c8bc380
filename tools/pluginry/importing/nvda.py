"""``pluginry import nvda``: an add-on store of the screen reader NVDA becomes a registry of ours.

In: the folder of an add-on store (``addons/<id>/<version>.json``, ``submitters.json``), and an account that owns what
nobody else does. Out: files below the target registry, and a report. Nothing is downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding import strict_json
from pluginry.errors import DocumentError
from pluginry.importing import nvda_conversion, rules
from pluginry.importing.listing_files import has_release, problems_of, write_plugin, write_release
from pluginry.importing.new_registry import write_registry
from pluginry.importing.nvda_release import NvdaRelease, read_nvda_release
from pluginry.importing.report import ImportReport, Outcome
from pluginry.importing.texts import markdown_from_plain, plugin_name
from pluginry.model.finding import Location
from pluginry.model.listing import Account
from pluginry.model.names import Name, PluginId

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.finding import Finding

NAMESPACE: Final = Name("nvda")
_MAX_SUBMITTERS_BYTES = 4 << 20


@dataclass(slots=True, kw_only=True)
class _Addon:
    """An add-on with its releases, oldest first, and what is wrong with them."""

    id: str
    releases: list[NvdaRelease]
    refused: list[str]
    findings: list[Finding]


def import_nvda(store: Path, registry: Path, *, owner: Account) -> ImportReport:
    """Convert the add-on store in the folder `store` into files below `registry`.

    Raises:
        DocumentError: there is no add-on in `store`, or ``submitters.json`` cannot be read.
        OSError: the disk refused.
    """
    folder = store / "addons" if (store / "addons").is_dir() else store
    addons = [_read_addon(path) for path in sorted(folder.iterdir()) if path.is_dir()]
    if not any(addon.releases or addon.refused for addon in addons):
        raise DocumentError(
            "this is no add-on store", where=str(store), why="there is no addons/<id>/<version>.json in it"
        )
    submitters = _submitters(store / "submitters.json")
    write_registry(
        registry,
        title="Add-ons of an NVDA store",
        categories=(nvda_conversion.CATEGORY,),
        host=nvda_conversion.host_profile(release for addon in addons for release in addon.releases),
        namespace=NAMESPACE,
        owner=owner,
    )
    taken: dict[PluginId, str] = {}
    outcomes = [_import_addon(addon, registry, _owners(owner, submitters.get(addon.id, ())), taken) for addon in addons]
    return ImportReport(kind="nvda", outcomes=tuple(outcomes))


def _read_addon(folder: Path) -> _Addon:
    addon = _Addon(id=folder.name, releases=[], refused=[], findings=[])
    for path in sorted(folder.glob("*.json")):
        file = f"addons/{folder.name}/{path.name}"
        release, findings = read_nvda_release(path.read_bytes(), file=file, addon=folder.name, version=path.stem)
        addon.findings += findings
        if release:
            addon.releases.append(release)
        else:
            addon.refused.append(path.stem)
    addon.releases.sort(key=lambda release: release.version)
    return addon


def _import_addon(addon: _Addon, registry: Path, owners: tuple[Account, ...], taken: dict[PluginId, str]) -> Outcome:
    name = plugin_name(addon.id)
    place = Location(file=f"addons/{addon.id}")
    if name is None:
        addon.findings.append(rules.NAME.finding(place))
    elif taken.setdefault(PluginId(NAMESPACE, name), addon.id) != addon.id:
        other = taken[PluginId(NAMESPACE, name)]
        addon.findings.append(rules.TAKEN.finding(place, f"the add-on {other} is {NAMESPACE}/{name} already"))
        name = None
    if name is None or not addon.releases:
        refused = (*addon.refused, *(str(release.version) for release in addon.releases))
        return Outcome(subject=addon.id, left_out=refused, findings=tuple(addon.findings))
    return _write_addon(addon, registry, PluginId(NAMESPACE, name), owners)


def _write_addon(addon: _Addon, registry: Path, plugin: PluginId, owners: tuple[Account, ...]) -> Outcome:
    newest = addon.releases[-1]
    file = f"addons/{addon.id}/{newest.version}.json"
    listing = nvda_conversion.listing_of(addon.releases, plugin.name, owners)
    addon.findings += nvda_conversion.losses_of(newest, listing, file=file)
    if problems := problems_of("listing", listing, file=file):
        refused = (*addon.refused, *(str(release.version) for release in addon.releases))
        return Outcome(subject=addon.id, plugin=plugin, left_out=refused, findings=(*addon.findings, *problems))
    added, kept = [], []
    for found in addon.releases:
        release = nvda_conversion.release_of(found)
        problems = problems_of("release", release, file=f"addons/{addon.id}/{found.version}.json")
        addon.findings += problems
        if problems:
            addon.refused.append(str(found.version))
        elif has_release(registry, plugin, found.version):
            kept.append(found.version)
        else:
            write_release(registry, plugin, release)
            added.append(found.version)
    if added:
        write_plugin(registry, plugin, listing, markdown_from_plain(f"# {listing.name}", newest.description))
    return Outcome(
        subject=addon.id,
        plugin=plugin,
        added=tuple(added),
        kept=tuple(kept),
        left_out=tuple(addon.refused),
        artifacts=len(added),
        findings=tuple(addon.findings),
    )


def _owners(owner: Account, submitters: tuple[Account, ...]) -> tuple[Account, ...]:
    """Return who may change a listing: the namespace's owner, and who may submit the add-on to its store."""
    return (owner, *(account for account in submitters if account != owner))


def _submitters(path: Path) -> dict[str, tuple[Account, ...]]:
    """Return the accounts that may submit each add-on."""
    if not path.exists():
        return {}
    value: Any = strict_json.parse(path.read_bytes(), what=path.name, max_bytes=_MAX_SUBMITTERS_BYTES)
    owners: dict[str, list[Account]] = {}
    for number, submitter in value.items() if isinstance(value, dict) else ():
        known = isinstance(submitter, dict) and isinstance(submitter.get("githubName"), str)
        addons = submitter.get("addons") if known else None
        for addon in addons if isinstance(addons, list) and number.isdecimal() else ():
            owners.setdefault(str(addon), []).append(Account(login=submitter["githubName"], id=int(number)))
    return {addon: tuple(sorted(accounts)) for addon, accounts in owners.items()}
