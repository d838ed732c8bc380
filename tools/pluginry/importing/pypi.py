"""``pluginry import pypi``: Python packages that are plugins of hosts we know, as listings and releases.

In: the names of distributions, and pip behind `PackageRegistry`. Out: what `package_mirror` makes of their wheels.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from pluginry.encoding.foreign_zip import unpack_zip
from pluginry.encoding.wheel_metadata import WheelMetadata, read_wheel_metadata
from pluginry.importing import rules
from pluginry.importing.foreign_versions import ConvertedRange, range_from_pep440, version_from_pep440
from pluginry.importing.licenses import UNKNOWN_LICENSE, spdx_expression
from pluginry.importing.package_kind import Description
from pluginry.importing.texts import MAX_SUMMARY, https_address, markdown_from, one_line, tags_from
from pluginry.model.finding import Location
from pluginry.model.release import Source
from pluginry.model.versions import EVERY_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pluginry.importing.target import Target
    from pluginry.model.finding import Finding
    from pluginry.model.host import HostProfile
    from pluginry.model.names import Name
    from pluginry.model.versions import Version

_HOMEPAGE: Final = ("homepage", "home", "home-page", "documentation", "docs", "website")
_SOURCE: Final = ("source", "source code", "repository", "code", "github", "sources", "homepage", "home")
_ISSUES: Final = ("issues", "issue tracker", "bug tracker", "bug reports", "tracker", "bugs", "issue-tracker")
_MARKDOWN: Final = "text/markdown"


class PypiPackages:
    """The `PackageKind` of Python wheels."""

    kind = "pypi"
    wrap_format = "wheel"

    def version_of(self, text: str) -> Version | None:
        """Return a Python version in our form, or None; see `PackageKind`."""
        return version_from_pep440(text)

    def source_of(self, name: str, version: str, file: str = "") -> Source:
        """Return the source of a wheel; see `PackageKind`."""
        return Source(pypi=name, version=version, file=file)

    def describe(self, archive: Path, scratch: Path, *, target: Target, host: Name | None, file: str) -> Description:
        """Return what a wheel says of itself; see `PackageKind`."""
        unpack_zip(archive, scratch)
        metadata = read_wheel_metadata(scratch)
        urls = {label.strip().casefold(): https_address(url) for label, url in metadata.urls.items()}
        found = spdx_expression(
            expression=metadata.license_expression, classifiers=metadata.classifiers, text=metadata.license
        )
        is_markdown = metadata.description_type.split(";")[0].strip().lower() == _MARKDOWN
        hosts = hosts_of(metadata, target.hosts)
        return Description(
            hosts=hosts if hosts or host is None else MappingProxyType({host: ConvertedRange(range=EVERY_VERSION)}),
            summary=one_line(metadata.summary, MAX_SUMMARY) or f"A plugin called {metadata.name}",
            license=found or UNKNOWN_LICENSE,
            homepage=_first(urls, _HOMEPAGE),
            source=_first(urls, _SOURCE),
            issues=_first(urls, _ISSUES),
            tags=tags_from(metadata.keywords),
            readme=markdown_from(metadata.description) if is_markdown else "",
            findings=tuple(_losses(metadata, found, is_markdown=is_markdown, file=file)),
        )


def hosts_of(metadata: WheelMetadata, profiles: Mapping[Name, HostProfile]) -> Mapping[Name, ConvertedRange]:
    """Return the hosts that a wheel is for, with their versions: by its entry points, else by what it requires."""
    signs = [(name, profile.upstream.pypi) for name, profile in sorted(profiles.items()) if profile.upstream.pypi]
    offered = [
        (name, sign) for name, sign in signs if not metadata.entry_points.keys().isdisjoint(sign.entry_point_groups)
    ]
    required = {str(canonicalize_name(requirement.name)): requirement for requirement in metadata.requires}
    found = offered or [(name, sign) for name, sign in signs if not required.keys().isdisjoint(sign.requires)]
    hosts = {}
    for name, sign in found:
        specifiers = [str(required[needed].specifier) for needed in sign.requires if needed in required]
        hosts[name] = range_from_pep440(specifiers[0]) if specifiers else ConvertedRange(range=EVERY_VERSION)
    return MappingProxyType(hosts)


def _losses(metadata: WheelMetadata, found_license: str, *, is_markdown: bool, file: str) -> Iterator[Finding]:
    place = Location(file=file)
    if not found_license:
        said = metadata.license_expression or one_line(metadata.license, 60) or "nothing"
        yield rules.LICENSE.finding(place, f"the package says {said!r} of its licence")
    if metadata.description and not is_markdown:
        kind = metadata.description_type.split(";")[0] or "of no stated format"
        yield rules.TEXT_LOST.finding(place, f"the description is {kind}, not Markdown")


def _first(urls: Mapping[str, str], labels: Iterable[str]) -> str:
    return next((urls[label] for label in labels if urls.get(label)), "")
