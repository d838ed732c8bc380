"""Releases of an NVDA add-on store in our words: host profile, listing, release, and what none of them can say.

In: releases that were read without findings that block. Out: models and findings. Never touches a disk.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.importing import rules
from pluginry.importing.licenses import UNKNOWN_LICENSE, spdx_expression
from pluginry.importing.texts import MAX_SUMMARY, address_prefix, https_address, one_line
from pluginry.model.digest import Digest
from pluginry.model.finding import Location
from pluginry.model.host import Harm, HostProfile, IdMapping, PermissionMeaning, RuntimeKind, ScopeMeaning
from pluginry.model.listing import Account, Listing, ListingOrigin, LocalText
from pluginry.model.manifest import Change, Origin, Runtime
from pluginry.model.names import ANY_PLATFORM, Name
from pluginry.model.registry import Category
from pluginry.model.release import ArtifactClaim, Release, Source, Wrap
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pluginry.importing.nvda_release import NvdaRelease
    from pluginry.model.finding import Finding

CATEGORY: Final = Category(
    id="accessibility", title="Accessibility", summary="Hearing and feeling what is on the screen"
)
_HOST: Final = Name("nvda")
_RUNTIME: Final = "addon"
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
_MAX_NAME, _MAX_LOCAL_SUMMARY, _MIN_SUMMARY = 60, 120, 3
_MAX_CHANGES, _MAX_CHANGE = 50, 300
_BULLETS = " \t*-+#>:.\N{BULLET}\N{MIDDLE DOT}"
_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "added": "added",
        "new": "added",
        "new features": "added",
        "changed": "changed",
        "changes": "changed",
        "improved": "changed",
        "improvements": "changed",
        "deprecated": "deprecated",
        "removed": "removed",
        "fixed": "fixed",
        "fixes": "fixed",
        "bug fixes": "fixed",
        "security": "security",
    }
)


def host_profile(releases: Iterable[NvdaRelease]) -> HostProfile:
    """Return NVDA as a host, with the versions that `releases` mention: add-ons run inside of it."""
    mentioned = {triple for release in releases for triple in (release.oldest_host, release.newest_host) if any(triple)}
    return HostProfile(
        id=_HOST,
        title="NVDA",
        summary="A screen reader for Windows",
        homepage="https://www.nvaccess.org/",
        versions=tuple(Version(_dotted(triple)) for triple in sorted(mentioned)) or (Version("2019.3.0"),),
        runtimes=(RuntimeKind(kind=_RUNTIME, summary="An add-on that the screen reader loads when it starts"),),
        permissions=(
            PermissionMeaning(
                type="in-process",
                severity=Harm.HIGH,
                says="Runs inside {scope}",
                scopes=(ScopeMeaning(name="host", says="the screen reader, and sees all that it sees"),),
                implied=True,
            ),
        ),
        id_mapping=IdMapping(pattern="[A-Za-z0-9]+([._-]+[A-Za-z0-9]+)*", example="clipSpeak", template="{name}"),
    )


def listing_of(releases: Sequence[NvdaRelease], name: Name, owners: tuple[Account, ...]) -> Listing:
    """Return how the add-on is listed, by the newest (last) of its `releases`."""
    newest = releases[-1]
    return Listing(
        name=one_line(newest.name, _MAX_NAME),
        summary=_summary(newest, MAX_SUMMARY),
        hosts=(_HOST,),
        categories=(CATEGORY.id,),
        license=spdx_expression(text=newest.license) or UNKNOWN_LICENSE,
        owners=owners,
        sources=tuple(sorted({address_prefix(release.url) for release in releases})),
        status=Status.ACTIVE,
        homepage=https_address(newest.homepage),
        source=https_address(newest.source),
        aliases=() if newest.addon == name else (newest.addon,),
        locales=_locales(newest),
        origin=ListingOrigin(kind="nvda", name=newest.addon),
    )


def release_of(release: NvdaRelease) -> Release:
    """Return a release with its one artifact: add-ons are ZIP files for every platform that the host has."""
    wrap = Wrap(
        format="zip",
        hosts=MappingProxyType({_HOST: _host_range(release)}),
        runtime=Runtime(kind=_RUNTIME),
        origin=Origin(kind="nvda", name=release.addon, version=one_line(release.version_name, 100)),
        changes=tuple(_changes(release.changelog)),
    )
    claim = ArtifactClaim(
        platform=ANY_PLATFORM, source=Source(url=release.url), sha256=Digest(release.sha256), wrap=wrap
    )
    return Release(version=release.version, channel=release.channel, artifacts=(claim,))


def losses_of(newest: NvdaRelease, listing: Listing, *, file: str) -> Iterator[Finding]:
    """Yield what `listing` does not say of the release that it was made from, which stands in `file`."""
    if listing.license == UNKNOWN_LICENSE:
        where = Location(file=file, path=("license",))
        yield rules.LICENSE.finding(where, f"license: {newest.license!r} is no licence that is known")
    for key, given, kept in (
        ("homepage", newest.homepage, listing.homepage),
        ("sourceURL", newest.source, listing.source),
    ):
        if given and not kept:
            yield rules.ADDRESS_LOST.finding(Location(file=file, path=(key,)), f"{key}: {given[:80]!r} is not https")


def _host_range(release: NvdaRelease) -> VersionRange:
    """Return the host versions: the host changes its interface each year and then wants add-ons tested again."""
    return VersionRange(f">={_dotted(release.oldest_host)},<{release.newest_host[0] + 1}.0.0")


def _summary(release: NvdaRelease, limit: int) -> str:
    summary = one_line(release.description, limit)
    return summary if len(summary) >= _MIN_SUMMARY else f"{one_line(release.name, _MAX_NAME)} for NVDA"


def _locales(release: NvdaRelease) -> Mapping[str, LocalText]:
    locales = {}
    for translation in release.translations:
        language = translation.language.replace("_", "-")
        summary = one_line(translation.description, _MAX_LOCAL_SUMMARY)
        if _LANGUAGE.fullmatch(language) and len(summary) >= _MIN_SUMMARY:
            locales[language] = LocalText(name=one_line(translation.name, _MAX_NAME), summary=summary)
    return MappingProxyType(dict(sorted(locales.items())))


def _changes(changelog: str) -> Iterator[Change]:
    """Yield the lines of a change log; lines that are nothing but a kind of change say what follows."""
    kind, count = "changed", 0
    for line in changelog.splitlines():
        text = one_line(line.strip(_BULLETS), _MAX_CHANGE)
        if heading := _KINDS.get(text.casefold()):
            kind = heading
        elif text and count < _MAX_CHANGES:
            count += 1
            yield Change(kind=kind, text=text)


def _dotted(triple: tuple[int, int, int]) -> str:
    return ".".join(map(str, triple))
