"""The packages of new releases, and of those before them: fetched, packed and scanned as publishing does it.

In: a situation, fetchers, a store for what is made. Out: `BuiltPair`s; what cannot be built is a finding. Nothing of a
package is run. What may be fetched, and how much, says the base.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pluginry.contribution.areas import Area
from pluginry.contribution.next_release import moved_source
from pluginry.contribution.rules import packages as rules
from pluginry.contribution.rules.published import new_versions, versions_before
from pluginry.contribution.trial import try_index
from pluginry.encoding import documents
from pluginry.encoding.archive import read_archive
from pluginry.errors import ObjectMissingError, ObjectTooLargeError, PluginryError, TransportError, UsageError
from pluginry.model.facts import Facts
from pluginry.model.manifest import FILES_FILE, FileList, Manifest
from pluginry.publisher.provenance import ProvenanceDesk
from pluginry.publisher.quarantine_list import without_scratch
from pluginry.publisher.release_build import ReleaseBuilder
from pluginry.publisher.scan_setup import ScanSetup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from pluginry.contribution.allowance import Allowance
    from pluginry.contribution.situation import PluginChange, Situation
    from pluginry.encoding.content_store import ContentStore
    from pluginry.model.digest import BlobRef
    from pluginry.model.finding import Finding
    from pluginry.model.ledger import ArtifactFact
    from pluginry.model.manifest import FileEntry
    from pluginry.model.names import PluginId
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.release import Release
    from pluginry.model.versions import Version
    from pluginry.ports import SourceFetcher, Verifier
    from pluginry.publisher.record import BuiltRelease

MAX_RELEASES: Final = 5
"""More new releases in one pull request are for a person."""
MAX_TEXT_BYTES: Final = 64 << 10
_MAX_MANIFEST_BYTES: Final = 4 << 20
_FOR_GOOD: Final = (ObjectMissingError, ObjectTooLargeError)
"""What trying again does not mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRelease:
    """A release as its packages are: ``files`` are those of the package for the first platform.

    ``is_proved``: every package is proved to come from the build of the publisher that the listing names.
    """

    version: Version
    built: BuiltRelease
    manifest: Manifest
    facts: Facts
    files: Mapping[str, FileEntry]
    is_proved: bool
    text_of: Callable[[str], str | None]

    @property
    def artifacts(self) -> tuple[ArtifactFact, ...]:
        """Its packages."""
        return self.built.artifacts


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltPair:
    """A new release of ``plugin``, and one ``before`` it that it is held against, if there is any."""

    plugin: PluginChange
    after: SeenRelease
    before: SeenRelease | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageDesk:
    """Builds releases and tries to index them; ``fetchers`` are made for the folder of a registry, ``objects`` keep."""

    fetchers: Callable[[Path], Mapping[str, SourceFetcher]]
    objects: ContentStore
    now: datetime
    verifier: Verifier | None = None
    trusted_root: bytes = b""
    allowance: Allowance | None = None

    def within(self, allowance: Allowance) -> PackageDesk:
        """Return a desk that asks the world for no more than `allowance`."""
        return replace(self, fetchers=lambda folder: allowance.fetchers(self.fetchers(folder)), allowance=allowance)

    def inspect(self, situation: Situation) -> tuple[tuple[BuiltPair, ...], tuple[Finding, ...]]:
        """Return each new release with those before it, and what was found about those that could not be built.

        Raises:
            TransportError: something new cannot be fetched now.

        """
        pairs: list[BuiltPair] = []
        found: list[Finding] = []
        wanted = [(plugin, version) for plugin in situation.plugins for version in new_versions(plugin)]
        for plugin, version in wanted[MAX_RELEASES:]:
            found.append(rules.TOO_MANY.finding(situation.at(rules.file_of(plugin.id, version))))
        for plugin, version in wanted[:MAX_RELEASES]:
            where = situation.at(rules.file_of(plugin.id, version))
            try:
                after = self._after(situation, plugin, version)
            except PluginryError as error:
                if isinstance(error, TransportError) and not isinstance(error, _FOR_GOOD):
                    if self.allowance is None or not self.allowance.is_spent:
                        raise
                    found.append(rules.TOO_MUCH.finding(where, self.allowance.limits))
                    break
                found.append(rules.REFUSED.finding(where, without_scratch(str(error)), hint=error.hint))
            else:
                for previous in versions_before(plugin, version) or (None,):
                    before, why = self._before(situation, plugin, previous)
                    if why:
                        found.append(rules.NO_COMPARISON.finding(where, why))
                    pairs.append(BuiltPair(plugin=plugin, after=after, before=before))
        return tuple(pairs), tuple(found)

    def _after(self, situation: Situation, plugin: PluginChange, version: Version) -> SeenRelease:
        if plugin.after is None:
            raise AssertionError(plugin.id)  # only what could be read has new versions
        registry = replace(situation.sides.merged.registry, config=situation.policy)
        seen = self._seen(registry, situation.sides.merged_folder, plugin.after, version)
        try_index(registry, plugin.after, {version: seen.built}, {version: seen.manifest}, now=self.now)
        return seen

    def _before(
        self, situation: Situation, plugin: PluginChange, previous: Version | None
    ) -> tuple[SeenRelease | None, str]:
        """Return release `previous` of the base, or why it cannot be compared with."""
        if previous is None or plugin.before is None:
            return None, ""
        try:
            base = situation.sides.base
            return self._seen(base.registry, situation.sides.base_folder, plugin.before, previous), ""
        except PluginryError as error:
            return None, f"{previous} cannot be compared with: {error}"

    def _seen(self, registry: Registry, folder: Path, entry: PluginEntry, version: Version) -> SeenRelease:
        fetchers = self.fetchers(folder)
        desk = ProvenanceDesk(
            verifier=self.verifier, trusted_root=self.trusted_root, fetchers=fetchers, objects=self.objects
        )
        builder = ReleaseBuilder(
            registry=registry,
            folder=folder,
            fetchers=fetchers,
            objects=self.objects,
            provenance=desk,
            scan_setup=ScanSetup(switches=registry.config.scanning, hosts=registry.hosts),
        )
        return self._read(version, builder.build(entry, entry.releases[version]))

    def _read(self, version: Version, built: BuiltRelease) -> SeenRelease:
        first = min(built.artifacts, key=lambda artifact: artifact.platform)
        package = self.objects.path_of(first.sha256)
        listed = documents.decode(FileList, _member(package, FILES_FILE, _MAX_MANIFEST_BYTES), what=FILES_FILE)
        files = {entry.path: entry for entry in listed.files}
        return SeenRelease(
            version=version,
            built=built,
            manifest=documents.decode(Manifest, self._object(built.manifest), what="the manifest"),
            facts=documents.decode(Facts, self._object(built.facts), what="the facts"),
            files=files,
            is_proved={one.sha256 for one in built.artifacts} == {one.artifact for one in built.provenance},
            text_of=lambda name: _text(package, files[name]) if name in files else None,
        )

    def _object(self, ref: BlobRef) -> bytes:
        body = self.objects.read(ref)
        if body is None:
            raise TransportError("what was just built is gone", where=str(ref.sha256))
        return body


def is_only_proved(pairs: Iterable[BuiltPair], plugin: PluginChange) -> bool:
    """Return whether `plugin` only gets releases, all of them proved to be of the publisher it has in the base.

    What the publisher did not sign must say nothing: neither how to wrap an archive, nor another channel than before,
    nor which file is for which platform.
    """
    own = [pair for pair in pairs if pair.plugin.id == plugin.id]
    proved = {pair.after.version for pair in own if pair.after.is_proved}
    proved -= {pair.after.version for pair in own if not _says_nothing_more(plugin, pair)}
    if plugin.before is None or plugin.after is None or plugin.before.listing != plugin.after.listing:
        return False
    publisher = plugin.before.listing.publisher
    if publisher is None or not (publisher.repository_id and publisher.owner_id):
        return False  # a name alone can be somebody else's by now
    return bool(proved) and all(
        file.is_new and file.place.area is Area.RELEASE and file.place.version in proved for file in plugin.files
    )


def _says_nothing_more(plugin: PluginChange, pair: BuiltPair) -> bool:
    if plugin.after is None or plugin.before is None or pair.before is None:
        return False
    release, previous = plugin.after.releases[pair.after.version], plugin.before.releases[pair.before.version]
    return (
        release.channel is previous.channel
        and release.yanked is None
        and not release.amends.hosts
        and all(claim.wrap is None for claim in release.artifacts)
        and _follows(previous, release)
    )


def _follows(previous: Release, release: Release) -> bool:
    """Return whether `release` has the platforms of `previous`, and for each the file that follows the one it had."""
    try:
        expected = {
            claim.platform: moved_source(claim.source, previous.version, release.version)
            for claim in previous.artifacts
        }
    except UsageError:  # nothing tells which file follows
        return False
    found = {claim.platform: claim.source for claim in release.artifacts}
    if len(release.artifacts) != len(expected) or found.keys() != expected.keys():
        return False
    return all(replace(found[platform], commit=source.commit) == source for platform, source in expected.items())


def unknown_needs(pair: BuiltPair, exists: Callable[[PluginId], bool]) -> tuple[PluginId, ...]:
    """Return the plugins that a new release needs and that are not there, as `exists` says."""
    return tuple(plugin for plugin in pair.after.manifest.dependencies if not exists(plugin))


def _text(package: Path, entry: FileEntry) -> str | None:
    """Return a member as text, or None when it is none, or too long to be read by anybody."""
    if entry.size > MAX_TEXT_BYTES:
        return None
    body = _member(package, entry.path, MAX_TEXT_BYTES)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _member(package: Path, name: str, max_bytes: int) -> bytes:
    with package.open("rb") as stream:
        return read_archive(stream).read(name, max_bytes=max_bytes)
