"""``pluginry import npm``: npm packages that are plugins of hosts we know, as listings and releases.

In: the names of packages, and npm behind `PackageRegistry`. Out: what `package_mirror` makes of their tarballs.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.encoding.npm_metadata import NpmMetadata, read_npm_metadata
from pluginry.encoding.tarball import unpack_tarball
from pluginry.importing import rules
from pluginry.importing.foreign_versions import ConvertedRange, version_from_semver
from pluginry.importing.licenses import UNKNOWN_LICENSE, spdx_expression
from pluginry.importing.npm_ranges import range_from_npm
from pluginry.importing.package_kind import Description
from pluginry.importing.texts import MAX_SUMMARY, https_address, markdown_from, one_line, tags_from
from pluginry.model.finding import Location
from pluginry.model.release import Source
from pluginry.model.versions import EVERY_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pluginry.importing.target import Target
    from pluginry.model.finding import Finding
    from pluginry.model.host import HostProfile
    from pluginry.model.names import Name
    from pluginry.model.versions import Version

_READMES: Final = ("README.md", "readme.md", "Readme.md")
_MAX_README_BYTES = 1 << 20


class NpmPackages:
    """The `PackageKind` of npm tarballs."""

    kind = "npm"
    wrap_format = "npm"

    def version_of(self, text: str) -> Version | None:
        """Return a semantic version in our form, or None; see `PackageKind`."""
        return version_from_semver(text)

    def source_of(self, name: str, version: str, file: str = "") -> Source:  # noqa: ARG002 - npm names files itself
        """Return the source of a tarball; see `PackageKind`."""
        return Source(npm=name, version=version)

    def describe(self, archive: Path, scratch: Path, *, target: Target, host: Name | None, file: str) -> Description:
        """Return what a package says of itself; see `PackageKind`."""
        unpack_tarball(archive, scratch)
        metadata = read_npm_metadata(scratch)
        found = spdx_expression(expression=metadata.license, text=metadata.license)
        source = https_address(metadata.repository)
        hosts = hosts_of(metadata, target.hosts)
        return Description(
            hosts=hosts if hosts or host is None else MappingProxyType({host: ConvertedRange(range=EVERY_VERSION)}),
            summary=one_line(metadata.description, MAX_SUMMARY) or f"A plugin called {metadata.name}",
            license=found or UNKNOWN_LICENSE,
            homepage=https_address(metadata.homepage) or source,
            source=source,
            issues=https_address(metadata.bugs),
            tags=tags_from(metadata.keywords),
            readme=_readme(scratch / metadata.folder),
            findings=tuple(_losses(metadata, found, file)),
        )


def hosts_of(metadata: NpmMetadata, profiles: Mapping[Name, HostProfile]) -> Mapping[Name, ConvertedRange]:
    """Return the hosts that a package is for, with their versions.

    The strongest sign counts: what it needs beside it, its engines, what it brings along, and at last its keywords,
    which say nothing of versions.
    """
    signs = {name: profile.upstream.npm.requires for name, profile in sorted(profiles.items()) if profile.upstream.npm}
    for stated in (metadata.peer_dependencies, metadata.engines, metadata.dependencies):
        found = {
            name: range_from_npm(next(stated[needed] for needed in requires if needed in stated))
            for name, requires in signs.items()
            if not stated.keys().isdisjoint(requires)
        }
        if found:
            return MappingProxyType(found)
    words = {keyword.casefold() for keyword in metadata.keywords}
    unversioned = ConvertedRange(range=EVERY_VERSION, lost=("no version is named",))
    return MappingProxyType({name: unversioned for name, requires in signs.items() if not words.isdisjoint(requires)})


def _losses(metadata: NpmMetadata, found_license: str, file: str) -> Iterator[Finding]:
    place = Location(file=file)
    if metadata.install_scripts:
        yield rules.INSTALL_SCRIPT.finding(place, f"it runs {', '.join(metadata.install_scripts)} at installation")
    if not found_license:
        said = one_line(metadata.license, 60) or "nothing"
        yield rules.LICENSE.finding(place, f"the package says {said!r} of its licence")


def _readme(folder: Path) -> str:
    for name in _READMES:
        path = folder / name
        if path.is_file() and path.stat().st_size <= _MAX_README_BYTES:
            return markdown_from(path.read_bytes().decode(errors="replace"))
    return ""
