"""The first release of a plugin, from its developer's project: listing, README, release, and a namespace if need be.

In: a plan of the package, or the package itself, and what people say of the plugin. Out: models, and the files of the
registry by name. Ids, versions, hosts and digests come from what is packed, never from anybody's word.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluginry.contribution.github_import import Draft, platform_in
from pluginry.contribution.next_release import channel_of
from pluginry.encoding import documents
from pluginry.encoding.yaml_writer import write_yaml
from pluginry.errors import DocumentError, NotFoundError
from pluginry.importing.texts import MAX_SUMMARY, address_prefix, one_line
from pluginry.model.listing import Listing
from pluginry.model.release import ArtifactClaim, Release, Source
from pluginry.model.status import Status
from pluginry.publisher.pack import adopt, digest_of_plan
from pluginry.publisher.packing.ignore_patterns import IGNORE_FILE
from pluginry.publisher.packing.manifest_file import AUTHORS_FILE
from pluginry.publisher.scanners.licences import licences_in

if TYPE_CHECKING:
    from pluginry.contribution.next_release import Upstream
    from pluginry.model.listing import Account, Namespace
    from pluginry.model.manifest import Manifest
    from pluginry.model.versions import Version
    from pluginry.publisher.pack import PackagePlan

_NO_PROSE: Final = ("#", "!", "[", "<", "-", "*", ">", "|", "`", "=", "    ", "\t")
"""What lines of Markdown begin with that are no sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a manifest does not say of its plugin; ``license`` is an SPDX expression."""

    name: str
    summary: str
    category: str
    license: str
    owners: tuple[Account, ...]


def claim_of_tree(plan: PackagePlan, version: Version) -> ArtifactClaim:
    """Return the artifact that is packed from a copy of the planned sources in the plugin's folder.

    Raises:
        DocumentError: the plan is refused, or a file changed meanwhile.
    """
    source = Source(path=f"source/{version}")
    return ArtifactClaim(platform=plan.platform, source=source, sha256=digest_of_plan(plan).sha256)


def claim_of_package(package: Path, url: str, manifest: Manifest) -> ArtifactClaim:
    """Return the artifact that is the finished `package`, which is or will be at `url`.

    Raises:
        DocumentError: it is no package, or not of the plugin and version of `manifest`.
        OSError: it cannot be read.
    """
    packed = adopt(package)
    if packed.manifest != manifest:
        found, wanted = (f"{one.id} {one.version}" for one in (packed.manifest, manifest))
        why = f"it holds {found}, the project is {wanted}" if found != wanted else "their manifests differ"
        raise DocumentError("the package is not that of the project", where=url, why=why, hint="pack the project anew")
    platform = platform_in(url.rpartition("/")[2])
    return ArtifactClaim(platform=platform, source=Source(url=url), sha256=packed.blob.sha256, size=packed.blob.size)


def claim_of_address(url: str, upstream: Upstream, manifest: Manifest) -> ArtifactClaim:
    """Return the artifact that is the package at `url`; as `claim_of_package`.

    Raises:
        TransportError: it cannot be fetched.
    """
    with tempfile.TemporaryDirectory(prefix="pluginry-add-") as scratch:
        fetch = upstream.fetchers["url"].fetch
        package = fetch(Source(url=url), Path(scratch), expected=None, max_bytes=upstream.max_bytes)
        return claim_of_package(package, url, manifest)


def first_draft(manifest: Manifest, claim: ArtifactClaim, words: Words) -> Draft:
    """Return listing and release of a plugin that the registry does not know."""
    release = Release(version=manifest.version, channel=channel_of(manifest.version), artifacts=(claim,))
    listing = Listing(
        name=words.name,
        summary=words.summary,
        hosts=tuple(manifest.hosts),
        categories=(words.category,),
        license=words.license,
        owners=words.owners,
        sources=(address_prefix(claim.source.url) if claim.source.url else "path:source/",),
        status=Status.ACTIVE,
    )
    return Draft(plugin=manifest.id, listing=listing, release=release)


def files_of(
    draft: Draft, readme: str, *, sources: PackagePlan, namespace: Namespace | None
) -> dict[str, bytes | Path]:
    """Return the files that the draft adds to a registry, by name; what is not made here is the file to copy.

    Raises:
        NotFoundError: the release is to be packed from sources that have no plugin.yaml.
    """
    folder = f"plugins/{draft.plugin}"
    models = {f"{folder}/listing.yaml": draft.listing, f"{folder}/releases/{draft.release.version}.yaml": draft.release}
    if namespace:
        models[f"namespaces/{namespace.namespace}.yaml"] = namespace
    files: dict[str, bytes | Path] = {name: write_yaml(documents.to_plain(model)) for name, model in models.items()}
    files[f"{folder}/README.md"] = readme.encode()
    for claim in draft.release.artifacts:
        if claim.source.path:
            files |= {f"{folder}/{claim.source.path}/{name}": path for name, path in kept_sources(sources).items()}
    return files


def summary_in(readme: str) -> str:
    """Return the first sentence of a README as a summary; empty when it begins with something else."""
    lines = [line for line in readme.splitlines() if line.strip()]
    prose = next((line for line in lines if not line.startswith("#")), "")
    return "" if prose.startswith(_NO_PROSE) else one_line(prose, MAX_SUMMARY)


def license_in(plan: PackagePlan) -> str:
    """Return the licence whose text the sources hold; empty where that is not sure."""
    names = plan.manifest.license_files if plan.manifest else ()
    texts = [one.body for one in plan.members if one.name in names and isinstance(one.body, Path)]
    found = {licence for text in texts for licence in licences_in(text.read_bytes())}
    # Which of their versions are meant does not stand in the texts of these.
    return found.pop() if len(found) == 1 and not any("GPL" in licence for licence in found) else ""


def kept_sources(plan: PackagePlan) -> dict[str, Path]:
    """Return the files to keep of the sources, by name, so that the same package is made of them.

    Raises:
        NotFoundError: they have no plugin.yaml.
    """
    own = [plan.tree / name for name in (AUTHORS_FILE, IGNORE_FILE)]
    files = {path.name: path for path in own if path.is_file() and not path.is_symlink()}
    if AUTHORS_FILE not in files:
        raise NotFoundError(
            "these sources have no plugin.yaml",
            where=str(plan.tree),
            hint="name where its package is with --source-url",
        )
    return files | {member.name: member.body for member in plan.members if isinstance(member.body, Path)}
