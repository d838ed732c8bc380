"""A krew manifest in our words: host profile, listing, release, README, and what none of them can say.

In: a manifest that was read without findings that block. Out: models and findings. Never touches a disk.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.importing import rules
from pluginry.importing.krew_selector import EVERY_LABELS, PLATFORMS
from pluginry.importing.licenses import UNKNOWN_LICENSE
from pluginry.importing.texts import MAX_SUMMARY, address_prefix, https_address, markdown_from_plain, one_line
from pluginry.model.channel import Channel
from pluginry.model.digest import Digest
from pluginry.model.host import Harm, HostProfile, IdMapping, PermissionMeaning, RuntimeKind, ScopeMeaning
from pluginry.model.listing import Account, Listing, ListingOrigin
from pluginry.model.manifest import Origin, Runtime
from pluginry.model.names import ANY_PLATFORM, Name, Platform
from pluginry.model.registry import Category
from pluginry.model.release import ArtifactClaim, Release, Source, Wrap
from pluginry.model.status import Status
from pluginry.model.versions import EVERY_VERSION, Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.importing.krew_manifest import KrewManifest, KrewPlatform
    from pluginry.model.finding import Finding

CATEGORY: Final = Category(id="kubernetes", title="Kubernetes", summary="Commands that extend kubectl")
_HOST: Final = Name("kubectl")
_STAGES: Final = (("-alpha.", Channel.EXPERIMENTAL), ("-beta.", Channel.BETA), ("-rc.", Channel.BETA))


def host_profile() -> HostProfile:
    """Return kubectl as a host: its plugins are programs with all rights of their user."""
    return HostProfile(
        id=_HOST,
        title="kubectl",
        summary="The command line of Kubernetes, which runs programs called kubectl-NAME as its commands",
        versions=tuple(Version(f"1.{minor}.0") for minor in range(26, 36)),
        runtimes=(RuntimeKind(kind="process", summary="A program with all rights of the user who starts it"),),
        permissions=(
            PermissionMeaning(
                type="user-rights",
                severity=Harm.HIGH,
                says="Runs {scope}",
                scopes=(ScopeMeaning(name="program", says="as a program of its own, with your rights and clusters"),),
                implied=True,
            ),
        ),
        id_mapping=IdMapping(pattern="[A-Za-z0-9]+([_-]+[A-Za-z0-9]+)*", example="view-secret", template="{name}"),
        platforms=tuple(PLATFORMS),
    )


def listing_of(manifest: KrewManifest, name: Name, owner: Account) -> Listing:
    """Return how the plugin is listed."""
    return Listing(
        name=manifest.name,
        summary=one_line(manifest.summary, MAX_SUMMARY),
        hosts=(_HOST,),
        categories=(CATEGORY.id,),
        license=UNKNOWN_LICENSE,
        owners=(owner,),
        sources=tuple(sorted({address_prefix(platform.uri) for platform in manifest.platforms})),
        status=Status.ACTIVE,
        homepage=https_address(manifest.homepage),
        aliases=() if manifest.name == name else (manifest.name,),
        origin=ListingOrigin(kind="krew", name=manifest.name),
    )


def release_of(manifest: KrewManifest, version: Version) -> Release:
    """Return the plugin's one release with an artifact for every platform that an archive is chosen for."""
    chosen = _chosen(manifest)
    if len(manifest.platforms) == 1 and len(chosen) == len(PLATFORMS):
        chosen = {ANY_PLATFORM: manifest.platforms[0]}
    return Release(
        version=version,
        channel=next((channel for stage, channel in _STAGES if stage in version.text), Channel.STABLE),
        artifacts=tuple(_artifact(manifest, name, platform) for name, platform in chosen.items()),
    )


def readme_of(manifest: KrewManifest) -> str:
    """Return the texts of the manifest as Markdown."""
    readme = markdown_from_plain(f"# {manifest.name}", manifest.description or manifest.summary)
    if manifest.caveats:
        readme += "\n" + markdown_from_plain("## Caveats", manifest.caveats)
    return readme


def losses_of(manifest: KrewManifest, listing: Listing, document: ParsedDocument) -> Iterator[Finding]:
    """Yield what `listing` does not say of what stands in `document`."""
    yield rules.LICENSE.finding(document.location_of_key(("spec",)), "a krew manifest does not state a licence")
    if manifest.homepage and not listing.homepage:
        yield rules.ADDRESS_LOST.finding(document.location_of(("spec", "homepage")), "the homepage is not https")
    if listing.summary != manifest.summary.strip():
        where = document.location_of(("spec", "shortDescription"))
        yield rules.TEXT_LOST.finding(where, "the summary was cut, or put on one line")


def left_out(manifest: KrewManifest, document: ParsedDocument) -> Iterator[Finding]:
    """Yield the archives that are installed nowhere: by mistake, or because their system is no longer supported."""
    chosen = {platform.path for platform in _chosen(manifest).values()}
    for at, platform in enumerate(manifest.platforms):
        if platform.path in chosen:
            continue
        before = [earlier.selector for earlier in manifest.platforms[:at]]
        wanted = [labels for labels in EVERY_LABELS if platform.selector.selects(labels)]
        outdated = any(not any(selector.selects(labels) for selector in before) for labels in wanted)
        rule = rules.PLATFORM_GONE if outdated else rules.NEVER_CHOSEN
        yield rule.finding(document.location_of(platform.path))


def _chosen(manifest: KrewManifest) -> dict[Platform, KrewPlatform]:
    """Return for each platform the archive that is installed there: the first that fits."""
    chosen = {}
    for name, labels in PLATFORMS.items():
        fitting = next((platform for platform in manifest.platforms if platform.selector.selects(labels)), None)
        if fitting:
            chosen[name] = fitting
    return chosen


def _artifact(manifest: KrewManifest, name: Platform, platform: KrewPlatform) -> ArtifactClaim:
    return ArtifactClaim(
        platform=name,
        source=Source(url=platform.uri),
        sha256=Digest(platform.sha256),
        wrap=Wrap(
            format=platform.format,
            hosts=MappingProxyType({_HOST: EVERY_VERSION}),
            runtime=Runtime(kind="process", entry_point=platform.program),
            files=platform.files,
            origin=Origin(kind="krew", name=manifest.name, version=manifest.version),
        ),
    )
