"""Stage *wrap*: the archive of another registry becomes a source tree of ours, with a manifest.

In: a digest-checked archive, its claim, the plugin's listing, the host profiles. Out: a folder with ``plugin.json``,
ready to be packed; the same archive and claim give the same tree. What the claim says goes before what the archive says
of itself, and permissions that a host gives to every plugin are named in the manifest. Never runs anything of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.errors import DocumentError
from pluginry.model.manifest import MANIFEST_FILE, Manifest, Origin, Permission
from pluginry.publisher.wrapping.binary_archive import wrap_binary_archive
from pluginry.publisher.wrapping.npm_tarball import wrap_npm_tarball
from pluginry.publisher.wrapping.wheel import wrap_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pluginry.model.host import HostProfile
    from pluginry.model.listing import Listing
    from pluginry.model.names import Name, PluginId
    from pluginry.model.release import ArtifactClaim, Wrap
    from pluginry.model.versions import Version
    from pluginry.publisher.wrapping.placing import Derived

_EVERY_SCOPE = "*"


def wrap(
    archive: Path,
    claim: ArtifactClaim,
    *,
    id: PluginId,  # noqa: A002 - the word for it in every document
    version: Version,
    listing: Listing,
    hosts: Mapping[Name, HostProfile],
    scratch: Path,
) -> Path:
    """Return a new folder below `scratch` with the files of `archive` and the manifest of `id` `version`.

    Raises:
        ArchiveError: the archive cannot be unpacked safely.
        DocumentError: its metadata cannot be read, or the claim does not fit it.
    """
    how = claim.wrap
    if how is None:
        raise DocumentError("the claim does not say how its archive is wrapped", where=str(claim.source))
    tree = scratch / "wrapped"
    derived = _unpack(archive, claim, how, id, scratch / "unpacked", tree)
    manifest = Manifest(
        id=id,
        version=version,
        hosts=how.hosts,
        runtime=how.runtime if how.runtime and how.format in ("wheel", "npm") else derived.runtime,
        permissions=tuple(_permissions(how, hosts)),
        entry_points=how.entry_points or derived.entry_points,
        changes=how.changes,
        license_files=derived.license_files,
        environment=derived.environment,
        origin=how.origin or _origin(listing, claim, version),
    )
    (tree / MANIFEST_FILE).write_bytes(documents.encode(manifest))
    return tree


def _unpack(archive: Path, claim: ArtifactClaim, how: Wrap, plugin: PluginId, unpacked: Path, tree: Path) -> Derived:
    match how.format:
        case "wheel":
            return wrap_wheel(archive, unpacked, tree)
        case "npm":
            return wrap_npm_tarball(archive, unpacked, tree)
        case "tar.gz" | "zip":
            return wrap_binary_archive(archive, unpacked, tree, wrap=how, platform=claim.platform, name=plugin.name)
        case _:
            raise DocumentError(f"archives of format {how.format!r} cannot be wrapped", where=str(claim.source))


def _permissions(how: Wrap, hosts: Mapping[Name, HostProfile]) -> Iterator[Permission]:
    """Yield the claimed permissions, and those that the hosts give to every plugin."""
    yield from how.permissions
    given = {(permission.type, permission.scope) for permission in how.permissions}
    for name in sorted(how.hosts):
        profile = hosts.get(name)
        for meaning in profile.permissions if profile else ():
            scope = meaning.scopes[0].name if meaning.scopes else _EVERY_SCOPE
            if meaning.implied and (meaning.type, scope) not in given:
                given.add((meaning.type, scope))
                yield Permission(type=meaning.type, scope=scope, reason=f"Every plugin of {name} has this")


def _origin(listing: Listing, claim: ArtifactClaim, version: Version) -> Origin | None:
    if listing.origin is None:
        return None
    return Origin(kind=listing.origin.kind, name=listing.origin.name, version=claim.source.version or str(version))
