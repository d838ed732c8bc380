"""The next release of a plugin, made to look like the one before it: same files, same channel, the new version.

In: a plugin of the registry, a version, fetchers. Out: a `Release` whose digests were computed from what was fetched,
and its text in the style of the last one. Never overwrites a release, never takes a digest from anybody's word.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pluginry.encoding import documents, strict_yaml
from pluginry.encoding.yaml_writer import write_yaml
from pluginry.errors import DocumentError, NotFoundError, UsageError
from pluginry.model.channel import Channel
from pluginry.model.digest import blob_ref_of_stream
from pluginry.model.release import Release, Source
from pluginry.publisher.pack import adopt, digest_of_plan, plan_package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pluginry.model.digest import BlobRef
    from pluginry.model.manifest import Change, Manifest
    from pluginry.model.registry import PluginEntry
    from pluginry.model.release import ArtifactClaim
    from pluginry.model.versions import Version
    from pluginry.ports import SourceFetcher

_CHANNELS: Final = {"alpha": Channel.EXPERIMENTAL, "beta": Channel.BETA, "rc": Channel.BETA}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """Where the bytes of new releases come from: ``root`` is the registry's folder, ``max_bytes`` for one artifact."""

    fetchers: Mapping[str, SourceFetcher]
    root: Path
    max_bytes: int


def newest(entry: PluginEntry) -> Release:
    """Return the newest release of a plugin.

    Raises:
        NotFoundError: it has none.

    """
    if not entry.releases:
        hint = "bring the first one with `pluginry import github`, or write it by hand"
        raise NotFoundError("there is no release that the next one could look like", where=str(entry.id), hint=hint)
    return entry.releases[max(entry.releases)]


def next_release(
    entry: PluginEntry,
    version: Version,
    *,
    upstream: Upstream,
    commit_of: Callable[[str], str],
    changes: tuple[Change, ...] = (),
) -> Release:
    """Return release `version` of a plugin; `commit_of` tells the commit of this version in a git repository.

    Raises:
        UsageError: the version is there already, or the last release cannot be continued.
        DocumentError: what was fetched is another plugin or version, or cannot be packed.
        TransportError: it cannot be fetched.

    """
    if version in entry.releases:
        raise UsageError("this release is there already", where=f"{entry.id} {version}", hint="choose another version")
    last = newest(entry)
    step = _Step(entry, last.version, version, upstream, commit_of, changes)
    artifacts = tuple(step.artifact(claim) for claim in last.artifacts)
    return Release(version=version, channel=_channel(last, version), artifacts=artifacts)


def next_trees(entry: PluginEntry, version: Version) -> tuple[str, ...]:
    """Return the folders, below that of the plugin, from which its release `version` would be packed.

    Raises:
        NotFoundError, UsageError: the last release cannot be continued.

    """
    last = newest(entry)
    return tuple(_moved(claim.source.path, last.version, version) for claim in last.artifacts if claim.source.path)


def moved_source(source: Source, before: Version, version: Version) -> Source:
    """Return where the file of release `version` is that follows the one of `before`; the commit of a tree stays.

    Raises:
        UsageError: nothing about `source` says which version it is of.

    """
    if source.kind == "git":
        return source
    if source.kind in ("pypi", "npm"):
        file = _moved(source.file, before, version) if source.file else ""
        return replace(source, version=_moved(source.version, before, version), file=file)
    if source.kind == "url":
        return replace(source, url=_moved(source.url, before, version))
    return replace(source, path=_moved(source.path, before, version))


def release_text(release: Release, *, like: tuple[str, Release]) -> bytes:
    """Return `release` as YAML: in the words of `like`, the text of the last release, where they can say it."""
    text, last = like
    for before, after in zip(last.artifacts, release.artifacts, strict=True):
        words = [(str(before.sha256), str(after.sha256)), (before.source.commit, after.source.commit)]
        if before.provenance and after.provenance:
            words.append((str(before.provenance.sha256), str(after.provenance.sha256)))
        for old, new in words:
            text = text.replace(old, new) if old else text
        text = re.sub(rf"size: {before.size}\b", f"size: {after.size}", text)
    text = re.sub(_whole(last.version), str(release.version), text)
    data = text.encode()
    parsed = strict_yaml.parse(data, file="release")
    try:
        if not parsed.findings and documents.construct(Release, parsed.value, what="release") == release:
            return data
    except DocumentError:  # a value was a part of another one
        pass
    return write_yaml(documents.to_plain(release))


def channel_of(version: Version) -> Channel:
    """Return the channel that a version says itself that it is for."""
    return _CHANNELS.get(str(version).partition("-")[2].partition(".")[0], Channel.STABLE)


def _channel(last: Release, version: Version) -> Channel:
    return channel_of(version) if version.is_prerelease or last.version.is_prerelease else last.channel


class _Step(NamedTuple):
    """From the release ``before`` to the release ``version`` of a plugin."""

    entry: PluginEntry
    before: Version
    version: Version
    upstream: Upstream
    commit_of: Callable[[str], str]
    changes: tuple[Change, ...]

    def artifact(self, claim: ArtifactClaim) -> ArtifactClaim:
        """Return the artifact that follows `claim`."""
        source = self.next_source(claim.source)
        found = self.measured(source, claim)
        wrap, provenance = claim.wrap, claim.provenance
        if wrap is not None:
            origin = replace(wrap.origin, version=self.moved(wrap.origin.version)) if wrap.origin else None
            wrap = replace(wrap, origin=origin, changes=self.changes)
        if provenance is not None:
            bundle = Source(url=self.moved(provenance.url))
            with _fetched(bundle, self.entry, self.upstream) as path:
                provenance = replace(provenance, url=bundle.url, sha256=_ref(path).sha256)
        size = None if claim.size is None else found.size
        return replace(claim, source=source, sha256=found.sha256, size=size, wrap=wrap, provenance=provenance)

    def next_source(self, source: Source) -> Source:
        """Return where the bytes are that follow those of `source`."""
        if source.kind == "git":
            return replace(source, commit=self.commit_of(source.git))
        return moved_source(source, self.before, self.version)

    def moved(self, text: str) -> str:
        """Return `text` with the new version in the place of the last one."""
        return _moved(text, self.before, self.version)

    def measured(self, source: Source, claim: ArtifactClaim) -> BlobRef:
        """Return digest and size of what a release names: of the package for a source tree, else of the file."""
        with _fetched(source, self.entry, self.upstream) as path:
            if not source.is_tree:
                if claim.wrap is None:
                    self.check_names(adopt(path).manifest, source)
                return _ref(path)
            plan = plan_package(path, platform=claim.platform)
            ref = digest_of_plan(plan)
            self.check_names(plan.manifest, source)
            return ref

    def check_names(self, manifest: Manifest | None, source: Source) -> None:
        """Refuse what is another plugin or version."""
        if manifest is None or (manifest.id, manifest.version) != (self.entry.id, self.version):
            found = f"{manifest.id} {manifest.version}" if manifest else "no plugin"
            why = f"its manifest says {found}, wanted is {self.entry.id} {self.version}"
            hint = f"write the version into its plugin.yaml{'' if source.path else ' before the release is tagged'}"
            raise DocumentError("this is another release", where=str(source), why=why, hint=hint)


def _moved(text: str, before: Version, version: Version) -> str:
    moved, count = re.subn(_whole(before), str(version), text)
    if not count:
        hint = "write this release by hand; the next one can look like it"
        raise UsageError(
            "it does not show where the next release is", where=text, why=f"{before} is not in it", hint=hint
        )
    return moved


def _whole(version: Version) -> str:
    """Return a pattern for `version` where it is no part of another one."""
    return rf"(?<![0-9.]){re.escape(str(version))}(?![0-9]|\.[0-9]|-(?:alpha|beta|rc)\.)"


@contextmanager
def _fetched(source: Source, entry: PluginEntry, upstream: Upstream) -> Iterator[Path]:
    """Yield what `source` names, fetched into a folder that lives as long as the block."""
    fetcher = upstream.fetchers.get(source.kind)
    if fetcher is None:
        raise UsageError(f"sources of kind {source.kind} cannot be fetched here", where=str(source))
    if source.path:
        source = replace(source, path=str(upstream.root / entry.folder / source.path))
    with tempfile.TemporaryDirectory(prefix="pluginry-bump-") as scratch:
        yield fetcher.fetch(source, Path(scratch), expected=None, max_bytes=upstream.max_bytes)


def _ref(path: Path) -> BlobRef:
    with path.open("rb") as stream:
        return blob_ref_of_stream(stream)
