"""``pluginry import krew``: an index of kubectl plugins becomes a registry of ours.

In: the folder of a krew index (one YAML manifest for each plugin), and an account that owns what comes out. Out: files
below the target registry, and a report. Nothing is downloaded: archives stay where they are and are wrapped when the
marketplace is built. Refused manifests leave no trace but their findings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding import strict_yaml
from pluginry.errors import DocumentError
from pluginry.importing import krew_conversion, rules
from pluginry.importing.foreign_versions import version_from_semver
from pluginry.importing.krew_manifest import KrewManifest, read_krew_manifest
from pluginry.importing.listing_files import has_release, problems_of, write_plugin, write_release
from pluginry.importing.new_registry import write_registry
from pluginry.importing.report import ImportReport, Outcome
from pluginry.importing.texts import plugin_name
from pluginry.model.finding import Location, Severity
from pluginry.model.names import Name, PluginId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.model.finding import Finding
    from pluginry.model.listing import Account

NAMESPACE: Final = Name("krew")
_PLACE = re.compile(r"plugins/(?P<name>[^/]+)\.yaml")
_YAML = re.compile(r"\.ya?ml$")
_SIGN: Final = "apiVersion: krew."


def import_krew(index: Path, registry: Path, *, owner: Account) -> ImportReport:
    """Convert the krew index in the folder `index` (its ``plugins/``, or itself) into files below `registry`.

    Raises:
        DocumentError: there is no manifest in `index`.
        OSError: the disk refused.
    """
    folder = index / "plugins" if (index / "plugins").is_dir() else index
    files = sorted(path for path in folder.glob("*") if _YAML.search(path.name))
    if not files:
        raise DocumentError("this is no krew index", where=str(index), why="there is no plugins/<name>.yaml in it")
    write_registry(
        registry,
        title="Plugins of a krew index",
        categories=(krew_conversion.CATEGORY,),
        host=krew_conversion.host_profile(),
        namespace=NAMESPACE,
        owner=owner,
    )
    taken: dict[PluginId, str] = {}
    return ImportReport(kind="krew", outcomes=tuple(_import_file(path, registry, owner, taken) for path in files))


def judge_submission(changes: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Return what is wrong with a submission to a krew index, given as its changed files.

    Each change has ``path``, ``new`` text (None: deleted) and ``old`` text (None: added). Files that are no manifests
    are not judged. Never raises for content.
    """
    return tuple(finding for change in changes for finding in _judge_change(change))


def _import_file(path: Path, registry: Path, owner: Account, taken: dict[PluginId, str]) -> Outcome:
    document = strict_yaml.parse(path.read_bytes(), file=f"plugins/{path.name}")
    manifest, findings = _read(document)
    name = plugin_name(path.stem)
    if name is None:
        findings.append(rules.NAME.finding(Location(file=document.file)))
    version = version_from_semver(manifest.version) if manifest else None
    if manifest is None or version is None or name is None:
        return Outcome(subject=path.stem, findings=tuple(findings))
    plugin = PluginId(NAMESPACE, name)
    if taken.setdefault(plugin, document.file) != document.file:
        message = f"{taken[plugin]} is {plugin} already"
        findings.append(rules.TAKEN.finding(document.location_of_key(("metadata", "name")), message))
        return Outcome(subject=path.stem, findings=tuple(findings))
    if has_release(registry, plugin, version):
        return Outcome(subject=path.stem, plugin=plugin, kept=(version,), findings=tuple(findings))
    listing = krew_conversion.listing_of(manifest, name, owner)
    release = krew_conversion.release_of(manifest, version)
    findings += krew_conversion.losses_of(manifest, listing, document)
    findings += problems_of("listing", listing, file=document.file)
    findings += problems_of("release", release, file=document.file)
    if _blocked(findings):
        return Outcome(subject=path.stem, plugin=plugin, findings=tuple(findings))
    write_plugin(registry, plugin, listing, krew_conversion.readme_of(manifest))
    write_release(registry, plugin, release)
    return Outcome(
        subject=path.stem,
        plugin=plugin,
        added=(version,),
        artifacts=len(release.artifacts),
        findings=tuple(findings),
    )


def _judge_change(change: Mapping[str, Any]) -> Iterator[Finding]:
    path, new, old = change.get("path"), change.get("new"), change.get("old")
    if not isinstance(path, str) or not isinstance(new, str):
        return
    if _PLACE.fullmatch(path):
        manifest, findings = _read(_parse(new, path))
        yield from findings
        if manifest and isinstance(old, str):
            yield from _changed_without_version(old, manifest, path)
    elif _YAML.search(path) and _SIGN in new:
        yield rules.PLACE.finding(Location(file=path), "a plugin's manifest is plugins/<name>.yaml")


def _read(document: ParsedDocument) -> tuple[KrewManifest | None, list[Finding]]:
    """Return the manifest in `document`, and everything that is wrong with it; None when something blocks."""
    place = _PLACE.fullmatch(document.file)
    manifest, found = read_krew_manifest(document, name=place["name"] if place else "")
    findings = [*found]
    if place is None:
        findings.append(rules.PLACE.finding(Location(file=document.file), "a manifest ends in .yaml"))
    if manifest and version_from_semver(manifest.version) is None:
        where = document.location_of(("spec", "version"))
        findings.append(rules.VERSION_FORM.finding(where, f"{manifest.version} has no portable form"))
    if manifest:
        findings += krew_conversion.left_out(manifest, document)
    return (None if _blocked(findings) else manifest), findings


def _changed_without_version(old: str, manifest: KrewManifest, path: str) -> Iterator[Finding]:
    before, _ = read_krew_manifest(_parse(old, path), name=manifest.name)
    if before and before.version == manifest.version and before.digests - manifest.digests:
        yield rules.SAME_VERSION.finding(Location(file=path), f"{manifest.version} was published with other files")


def _parse(text: str, path: str) -> ParsedDocument:
    return strict_yaml.parse(text.encode(errors="surrogatepass"), file=path)


def _blocked(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.BLOCKS for finding in findings)
