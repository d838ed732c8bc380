"""Mirrors packages of a language's registry: which versions, which host, which files; the same for every language.

In: the name of a package, what its registry offers, and a `PackageKind` that knows its formats. Out: release files and
a listing in our registry, and an outcome. Releases that are there are left alone and not even fetched.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.errors import DocumentError, NotFoundError
from pluginry.importing import rules
from pluginry.importing.listing_files import has_release, problems_of, write_plugin, write_release
from pluginry.importing.report import Outcome
from pluginry.importing.shelves import categories_for
from pluginry.importing.texts import markdown_without_description, plugin_name
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, blob_ref_of_stream
from pluginry.model.finding import Location, Severity
from pluginry.model.listing import Listing, ListingOrigin
from pluginry.model.manifest import Origin
from pluginry.model.names import ANY_PLATFORM, Name, PluginId
from pluginry.model.release import ArtifactClaim, Release, Wrap
from pluginry.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.importing.package_kind import Description, PackageKind, PackageRegistry, Wanted
    from pluginry.importing.target import Target
    from pluginry.model.finding import Finding
    from pluginry.model.versions import Version

_EXTRA_ATTEMPTS = 5  # for versions that turn out to have no file that can be wrapped
_MAX_SHOWN = 12
_STAGES = (("-alpha.", Channel.EXPERIMENTAL), ("-beta.", Channel.BETA), ("-rc.", Channel.BETA))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A release that can be written."""

    release: Release
    description: Description


def mirror_package(
    name: str, *, kind: PackageKind, registry: PackageRegistry, target: Target, wanted: Wanted
) -> Outcome:
    """Bring releases of the package `name` from `registry` to the registry of `target`.

    Raises:
        TransportError: the other registry cannot be reached.
        OSError: the disk refused.
    """
    place = Location(file=f"{kind.kind}:{name}")
    short = plugin_name(name)
    if short is None:
        return Outcome(subject=name, findings=(rules.NAME.finding(place),))
    try:
        offered = registry.versions(name)
    except NotFoundError as error:
        return Outcome(subject=name, findings=(rules.NO_ARTIFACT.finding(place, error.what),))
    plugin = PluginId(target.namespace, short)
    mirror = _Mirror(name, plugin, kind=kind, registry=registry, target=target, host=wanted.host)
    candidates = mirror.candidates(offered, wanted)
    count = len(candidates) if wanted.versions else wanted.count
    read = mirror.read(candidates, count)
    return mirror.write(read)


class _Mirror:
    """One package on its way; collects findings."""

    def __init__(
        self,
        name: str,
        plugin: PluginId,
        *,
        kind: PackageKind,
        registry: PackageRegistry,
        target: Target,
        host: Name | None,
    ) -> None:
        self._name = name
        self._plugin = plugin
        self._kind = kind
        self._registry = registry
        self._target = target
        self._host = host
        self._kept: list[Version] = []
        self._left_out: list[str] = []
        self._findings: list[Finding] = []

    def candidates(self, offered: Iterable[str], wanted: Wanted) -> dict[Version, str]:
        """Return the versions that may be brought in, newest first, with their text in the other registry."""
        texts = tuple(offered)
        for missing in sorted(set(wanted.versions) - set(texts)):
            self._leave_out(missing, rules.NO_ARTIFACT.finding(self._place(missing), "there is no such version"))
        chosen = [text for text in texts if text in wanted.versions] if wanted.versions else texts
        versions = {version: text for text in chosen if (version := self._kind.version_of(text))}
        strange = [text for text in chosen if text not in versions.values()]
        self._left_out += strange
        if strange:
            shown = ", ".join(strange[:_MAX_SHOWN]) + (", ..." if len(strange) > _MAX_SHOWN else "")
            self._findings.append(rules.VERSION_FORM.finding(self._place(), f"no portable form: {shown}"))
        newest_first = sorted(versions.items(), reverse=True)
        return {version: text for version, text in newest_first if wanted.versions or not version.is_prerelease}

    def read(self, candidates: Mapping[Version, str], count: int) -> list[_Read]:
        """Return the newest `count` of `candidates` that can be wrapped and are not there yet."""
        read: list[_Read] = []
        for version, text in list(candidates.items())[: count + _EXTRA_ATTEMPTS]:
            if len(read) + len(self._kept) >= count:
                break
            if has_release(self._target.folder, self._plugin, version):
                self._kept.append(version)
                continue
            with tempfile.TemporaryDirectory(prefix="pluginry-import-") as scratch:
                try:
                    release = self._read_release(version, text, Path(scratch))
                    read += [release] if release else []
                except NotFoundError as error:
                    self._leave_out(text, rules.NO_ARTIFACT.finding(self._place(text), error.what))
                except DocumentError as error:
                    self._leave_out(text, rules.UNREADABLE.finding(self._place(text), str(error), hint=error.hint))
        return read

    def write(self, read: list[_Read]) -> Outcome:
        """Write what was read, unless its listing would not be valid."""
        added: list[Version] = []
        if read:
            description = read[0].description
            listing = self._listing(description)
            self._findings += description.findings
            problems = problems_of("listing", listing, file=self._place().file)
            self._findings += problems
            if not problems:
                added = list(self._write_releases(read))
            if added:
                least = markdown_without_description(f"# {listing.name}", listing.summary, listing.homepage)
                write_plugin(self._target.folder, self._plugin, listing, description.readme or least)
        return Outcome(
            subject=self._name,
            plugin=self._plugin,
            added=tuple(added),
            kept=tuple(self._kept),
            left_out=tuple(self._left_out),
            artifacts=len(added),
            findings=tuple(self._findings),
        )

    def _write_releases(self, read: list[_Read]) -> Iterator[Version]:
        for one in read:
            version = one.release.version
            problems = problems_of("release", one.release, file=self._place(str(version)).file)
            self._findings += problems
            if not problems:
                write_release(self._target.folder, self._plugin, one.release)
                yield version

    def _read_release(self, version: Version, text: str, scratch: Path) -> _Read | None:
        fetched = scratch / "fetched"
        fetched.mkdir()
        source = self._kind.source_of(self._name, text)
        archive = self._registry.fetch(source, fetched, expected=None, max_bytes=self._target.max_bytes)
        place = self._place(text)
        description = self._kind.describe(
            archive, scratch / "unpacked", target=self._target, host=self._host, file=place.file
        )
        blocking = [finding for finding in description.findings if finding.severity is Severity.BLOCKS]
        if not description.hosts:
            blocking.append(rules.NO_HOST.finding(place))
        if blocking:
            self._leave_out(text, *blocking)
            return None
        for host, converted in description.hosts.items():
            if converted.lost:
                message = f"the range for {host} became {converted.range} ({', '.join(converted.lost)})"
                self._findings.append(rules.RANGE_WIDENED.finding(place, message))
        with archive.open("rb") as stream:
            ref = blob_ref_of_stream(stream)
        release = self._release(version, text, archive.name, ref, description)
        return _Read(release=release, description=description)

    def _release(self, version: Version, text: str, file: str, ref: BlobRef, description: Description) -> Release:
        claim = ArtifactClaim(
            platform=ANY_PLATFORM,
            source=self._kind.source_of(self._name, text, file),
            sha256=ref.sha256,
            size=ref.size,
            wrap=Wrap(
                format=self._kind.wrap_format,
                hosts=MappingProxyType({host: found.range for host, found in description.hosts.items()}),
                origin=Origin(kind=self._kind.kind, name=self._name, version=text),
            ),
        )
        channel = next((channel for stage, channel in _STAGES if stage in version.text), Channel.STABLE)
        return Release(version=version, channel=channel, artifacts=(claim,))

    def _listing(self, description: Description) -> Listing:
        return Listing(
            name=self._name,
            summary=description.summary,
            hosts=tuple(description.hosts),
            categories=categories_for(description.hosts, self._target.categories),
            license=description.license,
            owners=self._target.owners,
            sources=(f"{self._kind.kind}:{self._name}",),
            status=Status.ACTIVE,
            tags=description.tags,
            homepage=description.homepage,
            source=description.source,
            issues=description.issues,
            aliases=() if self._name == self._plugin.name else (self._name,),
            origin=ListingOrigin(kind=self._kind.kind, name=self._name),
        )

    def _place(self, version: str = "") -> Location:
        return Location(
            file=str(self._kind.source_of(self._name, version)) if version else f"{self._kind.kind}:{self._name}"
        )

    def _leave_out(self, version: str, *findings: Finding) -> None:
        self._left_out.append(version)
        self._findings += findings
