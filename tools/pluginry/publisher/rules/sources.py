"""Where releases come from: only places that the listing allows, in a form that can become a package."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pluginry.encoding.quoting import enumerated, quoted
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.model.finding import DocumentPath, Finding, Location
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.release import ArtifactClaim, Source
    from pluginry.model.versions import Version
    from pluginry.publisher.loaded_registry import Locate

PREFIX = Rule(
    id="sources.prefix",
    title="This is not a place that releases can come from",
    why="Every release is held against these places; one that can match nothing, or anything, protects nobody.",
    fix="write https://host/path/, git:https://host/owner/repository, pypi:name, npm:name or path:source/",
)
TOO_WIDE = Rule(
    id="sources.too-wide",
    title="At this address anybody can publish",
    why="A release from somebody else's account would pass as one of this plugin.",
    fix="write the address down to the owner and the repository",
    severity=Severity.NEEDS_REVIEW,
)
NOT_ALLOWED = Rule(
    id="sources.not-allowed",
    title="The release comes from a place that the listing does not allow",
    why="Owners say in the listing where releases come from, so that a release from elsewhere is noticed.",
    fix="release from one of sources in listing.yaml; to add a place, change the listing first",
)
UNTIDY = Rule(
    id="sources.untidy-address",
    title="The address has . or .. or an encoded / in its path",
    why="It begins like an allowed place but leads to another one.",
    fix="write the address in its shortest form",
)
WRAP = Rule(
    id="sources.wrap",
    title="The source and wrap do not go together",
    why="A wheel or an npm package becomes a package of ours by wrap; a source tree is packed, and has none.",
    fix="pypi takes wrap with format: wheel, npm takes format: npm, path and git take no wrap",
)
NO_TREE = Rule(
    id="sources.no-tree",
    title="There is no such source tree in the plugin's folder",
    why="The release could not be packed.",
    fix="put the sources with their plugin.yaml into source/<version>, and write path: source/<version>",
)
UNUSED_TREE = Rule(
    id="sources.unused-tree",
    title="No release is made from this source tree",
    why="It is work in progress, or a release file was forgotten.",
    fix="add releases/<version>.yaml with path: source/<version>, or delete the folder",
    severity=Severity.NOTE,
)
TOO_LARGE = Rule(
    id="sources.too-large",
    title="The file is larger than this registry allows",
    why="The build would stop fetching it.",
    fix="make it smaller, or ask for a higher limit in registry.yaml",
)
DIGEST = Rule(
    id="sources.digest",
    title="The sources do not give the package that the release names",
    why="What is published must be what was reviewed: the sha256 of a release pins its sources to the byte.",
    fix="for a new release write the sha256 that `pluginry pack --dry-run` prints; a published one never changes",
)
RULES = (PREFIX, TOO_WIDE, NOT_ALLOWED, UNTIDY, WRAP, NO_TREE, UNUSED_TREE, TOO_LARGE, DIGEST)

_PREFIX = re.compile(
    r"(?:git:)?https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[!-~]*"
    r"|pypi:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
    r"|npm:(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*|npm:@[a-z0-9][a-z0-9._-]*/"
    r"|path:source(?:/[!-~]*)?"
)
# Code hosting where the first parts of a path are somebody's account and repository.
_SHARED_HOSTS = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "sourceforge.net"})
_OWNER_AND_REPOSITORY = 2
_WRAP_FORMATS = {"pypi": {"wheel"}, "npm": {"npm"}, "url": {"", "wheel", "npm", "tar.gz", "zip"}}


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about the places in listings and in releases."""
    for entry in registry.plugins.values():
        for index, prefix in enumerate(entry.listing.sources):
            yield from _prefix(prefix, registry_layout.listing_file(entry), ("sources", index), locate)
        used: set[str] = set()
        for version, release in entry.releases.items():
            file = registry_layout.release_file(entry, version)
            for index, artifact in enumerate(release.artifacts):
                used.add(artifact.source.path.rstrip("/"))
                yield from _artifact(registry, entry, artifact, file, ("artifacts", index), locate)
                if artifact.source.path:
                    where = partial(locate, file, ("artifacts", index, "source", "path"))
                    yield from _tree(registry, entry, version, artifact.source.path.rstrip("/"), where)
        for version, tree in entry.sources.items():
            if (
                f"source/{version}" not in used
                and registry_layout.release_file(entry, version) not in registry.left_out
            ):
                yield UNUSED_TREE.finding(locate(f"{tree.folder}/{registry_layout.MANIFEST_FILE}"))


def _prefix(prefix: str, file: str, path: DocumentPath, locate: Locate) -> Iterator[Finding]:
    if not _PREFIX.fullmatch(prefix) or _is_untidy(prefix):
        yield PREFIX.finding(locate(file, path), f"{quoted(prefix)} is not a place that releases can come from")
        return
    if "https://" in prefix:
        host, *parts = prefix.partition("https://")[2].lower().split("/")
        if host in _SHARED_HOSTS and len([part for part in parts if part]) < _OWNER_AND_REPOSITORY:
            yield TOO_WIDE.finding(locate(file, path), f"anybody can publish below {quoted(prefix)}")


def _artifact(
    registry: Registry, entry: PluginEntry, artifact: ArtifactClaim, file: str, path: DocumentPath, locate: Locate
) -> Iterator[Finding]:
    source = artifact.source
    where = partial(locate, file, (*path, "source", source.kind))
    if _is_untidy(source.url or source.git or source.path):
        yield UNTIDY.finding(where())
    elif not any(_allows(prefix, source) for prefix in entry.listing.sources):
        allowed = enumerated(map(quoted, entry.listing.sources), joint="and")
        yield NOT_ALLOWED.finding(where(), f"{quoted(str(source))} is not below the allowed places: {allowed}")
    wrapped = artifact.wrap.format if artifact.wrap else ""
    if wrapped not in _WRAP_FORMATS.get(source.kind, {""}):
        place = locate(file, (*path, "wrap", "format")) if wrapped else where()
        with_wrap = f"wrap with format: {wrapped}" if wrapped else "no wrap"
        yield WRAP.finding(place, f"a source of kind {source.kind} with {with_wrap} makes no package")
    limit = registry.config.limits.upstream_bytes
    if artifact.size is not None and artifact.size > limit:
        message = f"the file has {artifact.size:,} bytes; this registry takes at most {limit:,}"
        yield TOO_LARGE.finding(locate(file, (*path, "size")), message)


def _tree(
    registry: Registry, entry: PluginEntry, version: Version, tree: str, where: Callable[[], Location]
) -> Iterator[Finding]:
    if tree != f"source/{version}":
        hint = f"write path: source/{version}"
        yield NO_TREE.finding(where(), f"the sources of {version} are not in {quoted(tree)}", hint=hint)
    elif version not in entry.sources and f"{entry.folder}/{tree}" not in registry.left_out:
        yield NO_TREE.finding(where(), f"there is no source tree {quoted(tree)}")


def _allows(prefix: str, source: Source) -> bool:
    """Return whether `source` is at or below the place `prefix`; never because a name merely begins alike."""
    kind, _, name = prefix.partition(":")
    if source.pypi:
        return kind == "pypi" and _pypi_name(name) == _pypi_name(source.pypi)
    if source.npm:
        return kind == "npm" and (name == source.npm or (name.endswith("/") and source.npm.startswith(name)))
    if source.path:
        return kind == "path" and _is_below(source.path, name)
    if source.git:
        return _is_below(source.git.removesuffix(".git"), prefix.removeprefix("git:").removesuffix(".git"))
    return _is_below(source.url, prefix)


def _is_below(place: str, prefix: str) -> bool:
    return place == prefix or place.startswith(prefix if prefix.endswith("/") else f"{prefix}/")


def _is_untidy(address: str) -> bool:
    """Return whether an address leads elsewhere than it reads."""
    plain = unquote(address)
    tail = plain.partition("://")[2] or plain
    return (
        "\\" in plain
        or any(part in (".", "..") for part in tail.split("/"))
        or plain.count("/") != address.count("/")
        or unquote(plain) != plain
    )


def _pypi_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
