"""Drafts listing and release of a plugin from what its developer released at a forge.

In: a release, a registry, fetchers. Out: models, whose ids, hosts and digests come from the packages themselves. The
forge's digests have to agree; its other words are drafts for a person to look at.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluginry.errors import ArchiveError, DocumentError, NotFoundError, TamperedError
from pluginry.importing.licenses import UNKNOWN_LICENSE, spdx_expression
from pluginry.importing.texts import https_address, one_line, tags_from
from pluginry.model.channel import Channel
from pluginry.model.digest import blob_ref_of_stream
from pluginry.model.listing import Account, Listing, ReleaseFeed
from pluginry.model.names import ANY_PLATFORM, Platform
from pluginry.model.release import ArtifactClaim, Release, Source
from pluginry.model.status import Status
from pluginry.publisher.pack import adopt, digest_of_plan, plan_package

if TYPE_CHECKING:
    from pluginry.contribution.next_release import Upstream
    from pluginry.model.forge_release import ForgeRelease, ReleaseFile
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId

_PACKAGE: Final = ".zip"
_OF_PLATFORM: Final = re.compile(r"-([a-z]+-[a-z0-9_]+)\.zip\Z")
_MAX_SUMMARY: Final = 80
_MAX_TAGS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What could be written into the registry; ``left_out`` are files that are no packages."""

    plugin: PluginId
    listing: Listing
    release: Release
    left_out: tuple[str, ...] = ()


def draft_of(found: ForgeRelease, upstream: Upstream, *, category: str, owner: Account | None = None) -> Draft:
    """Return the draft for a release; without packages among its files the tag's own sources are packed.

    Raises:
        NotFoundError: neither is a plugin.
        DocumentError: the files are of different plugins or versions, or cannot be packed.
        TamperedError: a file is not the one that the forge names.
        TransportError: something cannot be fetched.

    """
    read = [(file, _package(file, upstream)) for file in found.files if file.name.endswith(_PACKAGE)]
    packages = [package for _, package in read if package is not None]
    left_out = tuple(file.name for file, package in read if package is None)
    if not packages:
        packages = [_sources(found, upstream)]
    manifest = packages[0][0]
    if any((other.id, other.version) != (manifest.id, manifest.version) for other, _ in packages):
        raise DocumentError("the files of the release are of different plugins or versions", where=found.name)
    release = Release(
        version=manifest.version,
        channel=Channel.BETA if manifest.version.is_prerelease else Channel.STABLE,
        artifacts=tuple(claim for _, claim in packages),
    )
    listing = _listing(found, manifest, release, category, owner or found.owner)
    return Draft(plugin=manifest.id, listing=listing, release=release, left_out=left_out)


def _package(file: ReleaseFile, upstream: Upstream) -> tuple[Manifest, ArtifactClaim] | None:
    """Return the package that a file is, or None when it is another archive."""
    source = Source(url=file.address)
    with tempfile.TemporaryDirectory(prefix="pluginry-import-") as scratch:
        path = upstream.fetchers["url"].fetch(source, Path(scratch), expected=None, max_bytes=upstream.max_bytes)
        with path.open("rb") as stream:
            ref = blob_ref_of_stream(stream)
        if file.sha256 not in (None, ref.sha256):
            raise TamperedError("a file is not the one that the forge names", where=file.name)
        try:
            manifest = adopt(path).manifest
        except (ArchiveError, DocumentError):  # an archive of something else, which releases have too
            return None
    return manifest, ArtifactClaim(platform=platform_in(file.name), source=source, sha256=ref.sha256, size=ref.size)


def platform_in(file_name: str) -> Platform:
    """Return the platform that a package is for by its name, as ``pluginry pack`` writes it."""
    named = _OF_PLATFORM.search(file_name)
    try:
        return Platform(named[1]) if named else ANY_PLATFORM
    except DocumentError:
        return ANY_PLATFORM


def _sources(found: ForgeRelease, upstream: Upstream) -> tuple[Manifest, ArtifactClaim]:
    """Return what the sources of the tag give when they are packed."""
    source = Source(git=found.address, commit=found.commit)
    with tempfile.TemporaryDirectory(prefix="pluginry-import-") as scratch:
        path = upstream.fetchers["git"].fetch(source, Path(scratch), expected=None, max_bytes=upstream.max_bytes)
        plan = plan_package(path)
        if plan.manifest is None:
            hint = "its developer adds a plugin.yaml, or releases a package made with `pluginry pack`"
            raise NotFoundError("neither the files nor the sources are a plugin", where=found.name, hint=hint)
        ref = digest_of_plan(plan)
    return plan.manifest, ArtifactClaim(platform=ANY_PLATFORM, source=source, sha256=ref.sha256)


def _listing(found: ForgeRelease, manifest: Manifest, release: Release, category: str, owner: Account) -> Listing:
    name = str(manifest.id.name).replace("-", " ").capitalize()
    places = {f"git:{found.address}" if one.source.git else f"{found.address}/releases/" for one in release.artifacts}
    before, version, after = found.tag.partition(str(manifest.version))
    feed = ReleaseFeed(source="tags", pattern=f"{before}{{version}}{after}") if version else None
    return Listing(
        name=name,
        summary=one_line(found.summary, _MAX_SUMMARY) or f"{name}.",
        hosts=tuple(manifest.hosts),
        categories=(category,),
        tags=tags_from(found.topics)[:_MAX_TAGS],
        license=spdx_expression(expression=found.license) or UNKNOWN_LICENSE,
        owners=(owner,),
        sources=tuple(sorted(places)),
        status=Status.ACTIVE,
        homepage=https_address(found.homepage),
        source=found.address,
        releases=feed,
    )
