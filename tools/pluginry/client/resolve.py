"""Which releases satisfy what is wanted: pure, deterministic, and able to say why not.

In: what is wanted, and the situation that candidates are measured against (candidates.py). Out: one release for each
plugin that is needed. The search is resolvelib's; the sentences when nothing is found are here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from resolvelib import AbstractProvider, BaseReporter, ResolutionImpossible, ResolutionTooDeep, Resolver

from pluginry.client.candidates import CHANNELS, YOU, releases_in, why_not
from pluginry.errors import NotFoundError, ResolutionError
from pluginry.model.channel import Channel
from pluginry.model.names import PluginId
from pluginry.model.status import Status
from pluginry.model.versions import EVERY_VERSION, Version, VersionRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from resolvelib.structs import RequirementInformation

    from pluginry.client.candidates import Situation
    from pluginry.model.index import ReleaseRecord

_MAX_ROUNDS = 10_000
_SHOWN_RELEASES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A plugin that somebody wants: which versions, and from which channel or a more finished one."""

    plugin: PluginId
    versions: VersionRange = EVERY_VERSION
    channel: Channel = Channel.STABLE
    wanted_by: str = YOU

    @property
    def exact(self) -> Version | None:
        """The single version that is wanted, if it is one."""
        text = self.versions.text
        return Version(text[2:].strip()) if text.startswith("==") and "," not in text else None

    def __str__(self) -> str:
        versions = "" if self.versions == EVERY_VERSION else f" {self.versions}"
        return f"{self.wanted_by} {'want' if self.wanted_by == YOU else 'needs'} {self.plugin}{versions}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A release that was chosen for a plugin."""

    plugin: PluginId
    release: ReleaseRecord


def exactly(version: Version) -> VersionRange:
    """Return the range that holds only `version`; see `Wanted.exact`."""
    return VersionRange(f"=={version}")


def resolve(wanted: Iterable[Wanted], situation: Situation) -> tuple[Chosen, ...]:
    """Return one release for each plugin of `wanted` and all that they depend on, ordered by id.

    Raises:
        NotFoundError: a wanted plugin does not exist, or has no version like the wanted one.
        ResolutionError: they cannot be had together; ``reasons`` says why, sentence by sentence.

    """
    wants = sorted(wanted, key=lambda want: want.plugin)
    for want in wants:
        record = situation.record(want.plugin)
        if record is None:
            raise NotFoundError(f"there is no plugin {want.plugin}", hint="look for it with `pluginry search`")
        releases_in(record, want.versions)
    return _without_conflicts(wants, _opened(situation, wants), frozenset())


def _opened(situation: Situation, wants: list[Wanted]) -> Situation:
    """Return `situation` with what `wants` open."""
    asked = frozenset((want.plugin, want.exact) for want in wants if want.exact)
    channels = [want.channel for want in wants]
    for plugin, version in asked:
        record = situation.record(plugin)
        channels += [release.channel for release in (record.releases if record else ()) if release.version == version]
    return replace(situation, asked=asked, channel=max(channels, key=CHANNELS.index, default=Channel.STABLE))


def _without_conflicts(
    wants: list[Wanted], situation: Situation, refused: frozenset[tuple[PluginId, Version]]
) -> tuple[Chosen, ...]:
    """Resolve; if two chosen releases exclude each other, do without the one, then without the other."""
    chosen = _search(wants, situation, refused)
    conflict = next(_conflicts(chosen), None)
    if conflict is None:
        return chosen
    failure: ResolutionError | None = None
    for release in reversed(conflict):
        try:
            return _without_conflicts(wants, situation, refused | {(release.plugin, release.release.version)})
        except ResolutionError as error:
            failure = error
    one, other = conflict
    raise ResolutionError(
        "these plugins cannot be had together",
        (f"{one.plugin} {one.release.version} does not work together with {other.plugin} {other.release.version}",),
        hint="remove one of the two",
    ) from failure


def _search(
    wants: list[Wanted], situation: Situation, refused: frozenset[tuple[PluginId, Version]]
) -> tuple[Chosen, ...]:
    provider = _Provider(situation, refused)
    resolver: Resolver[Wanted, Chosen, PluginId] = Resolver(provider, BaseReporter())
    try:
        result = resolver.resolve(wants, max_rounds=_MAX_ROUNDS)
    except ResolutionImpossible as error:
        causes = [cause.requirement for cause in error.causes]
        reasons = tuple(_sentences(causes, situation, refused))
        if [cause.wanted_by for cause in causes] == [YOU]:
            what, hint = f"{causes[0].plugin} cannot be had here", _way_out(causes[0], situation)
        else:
            what, hint = "these plugins cannot be had together", ""
        raise ResolutionError(what, reasons, hint=hint) from error
    except ResolutionTooDeep as error:
        raise ResolutionError("no answer was found in time", ("there are too many combinations",)) from error
    return tuple(sorted(result.mapping.values(), key=lambda chosen: chosen.plugin))


def _way_out(want: Wanted, situation: Situation) -> str:
    """Return how to get a release that only its channel, or only the host, speaks against; empty if there is none."""
    record = situation.record(want.plugin)
    releases = record.releases if record and record.status is not Status.REMOVED else ()
    for release in releases:
        if why_not(release, replace(want, channel=release.channel), situation) is None:
            return f"take it from there: --channel {release.channel}"
        if why_not(release, want, replace(situation, host=None)) is None:
            return "if this plugin home is for something else: pluginry host NAME VERSION"
    return ""


def _conflicts(chosen: tuple[Chosen, ...]) -> Iterator[tuple[Chosen, Chosen]]:
    by_plugin = {one.plugin: one for one in chosen}
    for one in chosen:
        for plugin, versions in sorted(one.release.conflicts.items()):
            other = by_plugin.get(plugin)
            if other is not None and other.release.version in versions:
                yield one, other


def _sentences(
    causes: list[Wanted], situation: Situation, refused: frozenset[tuple[PluginId, Version]]
) -> Iterator[str]:
    """Say who wants what, and for each plugin in question why each of its newest releases does not serve."""
    for want in causes:
        yield str(want)
    for plugin in sorted({want.plugin for want in causes}):
        record = situation.record(plugin)
        if record is None:
            yield f"there is no plugin {plugin}"
            continue
        if record.status is Status.REMOVED:
            yield f"{plugin} was removed from the marketplace"
        for release in record.releases[:_SHOWN_RELEASES]:
            reasons = [
                reason for want in causes if want.plugin == plugin and (reason := why_not(release, want, situation))
            ]
            if (plugin, release.version) in refused:
                reasons.append("does not work together with another of them")
            if reasons:
                yield f"{plugin} {release.version} {reasons[0]}"


class _Provider(AbstractProvider[Wanted, Chosen, PluginId]):
    """Answers resolvelib's questions from a `Situation`."""

    def __init__(self, situation: Situation, refused: frozenset[tuple[PluginId, Version]]) -> None:
        self._situation = situation
        self._refused = refused

    def identify(self, requirement_or_candidate: Wanted | Chosen) -> PluginId:
        return requirement_or_candidate.plugin

    def get_preference(
        self,
        identifier: PluginId,
        # What the resolver hands to everybody; the order of names needs none of it.
        resolutions: Mapping[PluginId, Chosen],  # noqa: ARG002
        candidates: Mapping[PluginId, Iterator[Chosen]],  # noqa: ARG002
        information: Mapping[PluginId, Iterator[RequirementInformation[Wanted, Chosen]]],  # noqa: ARG002
        backtrack_causes: Sequence[RequirementInformation[Wanted, Chosen]],  # noqa: ARG002
    ) -> PluginId:
        return identifier

    def find_matches(
        self,
        identifier: PluginId,
        requirements: Mapping[PluginId, Iterator[Wanted]],
        incompatibilities: Mapping[PluginId, Iterator[Chosen]],
    ) -> Sequence[Chosen]:
        record = self._situation.record(identifier)
        if record is None or record.status is Status.REMOVED:
            return []
        wants = list(requirements[identifier])
        refused = {chosen.release.version for chosen in incompatibilities[identifier]}
        found = [
            Chosen(plugin=identifier, release=release)
            for release in record.releases
            if release.version not in refused
            and (identifier, release.version) not in self._refused
            and all(why_not(release, want, self._situation) is None for want in wants)
        ]
        channel = max((want.channel for want in wants), key=CHANNELS.index)
        return sorted(found, key=lambda chosen: self._preference(chosen, channel), reverse=True)

    def is_satisfied_by(self, requirement: Wanted, candidate: Chosen) -> bool:
        return why_not(candidate.release, requirement, self._situation) is None

    def get_dependencies(self, candidate: Chosen) -> list[Wanted]:
        by = f"{candidate.plugin} {candidate.release.version}"
        return [
            Wanted(plugin=plugin, versions=versions, channel=candidate.release.channel, wanted_by=by)
            for plugin, versions in sorted(candidate.release.dependencies.items())
        ]

    def _preference(self, chosen: Chosen, channel: Channel) -> tuple[bool, bool, Version]:
        """Prefer what is installed, then what is no less finished than somebody asks for, then the newest."""
        situation = self._situation
        keep = situation.installed.get(chosen.plugin) == chosen.release.version
        finished = CHANNELS.index(chosen.release.channel) <= CHANNELS.index(channel)
        return (keep and chosen.plugin not in situation.upgrade, finished, chosen.release.version)
