"""Releases: what is published never changes, and what is new goes forward and asks for nothing more unseen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pluginry.contribution.areas import Area
from pluginry.contribution.aspects import Aspects, claimed_aspects
from pluginry.contribution.upstream import upstream_of
from pluginry.encoding.quoting import enumerated, quoted
from pluginry.model.finding import Location, Severity
from pluginry.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.contribution.change import ChangedFile
    from pluginry.contribution.situation import PluginChange, Situation
    from pluginry.model.finding import Finding
    from pluginry.model.registry import PluginEntry
    from pluginry.model.release import Release
    from pluginry.model.versions import Version
    from pluginry.ports import SourceHistory

OVERWRITTEN = Rule(
    id="published.overwritten",
    title="A published release would become another one",
    why="Whoever locked this version trusts that it stays what it was.",
    fix="make a new version; of a published release only yanked and amends may change",
)
LOST = Rule(
    id="published.lost",
    title="A published release would be lost",
    why="Whoever locked this version could not install it again.",
    fix="keep the file, and yank the release with a reason",
)
SOURCE_CHANGED = Rule(
    id="published.source-changed",
    title="The sources of a published release would change",
    why="The package that was made of them could not be made again.",
    fix="put the new sources into source/ under a new version",
)
YANKED = Rule(
    id="published.yank-taken-back",
    title="A yanked release would be offered again",
    why="There was a reason to take it back.",
    fix="wait for a reviewer; better, make a new version",
    severity=Severity.NEEDS_REVIEW,
)
AMENDED = Rule(
    id="published.amended",
    title="A published release is said to work with other versions of its hosts",
    why="It will be offered to users who did not get it before, or not any more to others.",
    fix="another owner or a reviewer looks at it",
    severity=Severity.NEEDS_REVIEW,
)
NOT_NEWER = Rule(
    id="published.not-newer",
    title="The new release is not the newest one",
    why="Releases go forward; an old number hides what is new, unless it mends an old line.",
    fix="give it a higher version, or let another owner agree that an old line is mended",
    severity=Severity.NEEDS_REVIEW,
)
ASKS_MORE = Rule(
    id="published.permission",
    title="The release asks for more than the one before",
    why="A plugin that was trusted with little gets more: users will be asked, and a person looks first.",
    fix="wait for a reviewer; say in the permission's reason what it is for",
    severity=Severity.NEEDS_REVIEW,
)
NEEDS_MORE = Rule(
    id="published.dependency",
    title="The release needs something new",
    why="What it needs is installed with it, and somebody else's code comes along.",
    fix="another owner or a reviewer looks at it",
    severity=Severity.NEEDS_REVIEW,
)
RUNS_ELSEWHERE = Rule(
    id="published.compatibility",
    title="The release is for other hosts, or runs in another way",
    why="It will be offered where it was not before, or gets other powers there.",
    fix="another owner or a reviewer looks at it",
    severity=Severity.NEEDS_REVIEW,
)
FORK = Rule(
    id="published.foreign-commit",
    title="No branch or tag of the repository leads to this commit",
    why="Forges answer for commits of every fork under the address of the original: it can be anybody's.",
    fix="release a commit that a tag or branch of the repository itself holds",
)
OPEN_PLACE = Rule(
    id="published.open-place",
    title="Strangers can put files at such an address, too",
    why="Forges keep proposals and attachments of anybody under the address of the repository they were meant for.",
    fix="take the file from a release or a tag of the repository; or wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
SOURCE_KIND = Rule(
    id="published.source-kind",
    title="The release comes from another kind of place than the one before",
    why="Somebody who could not reach the old place may have chosen the new one.",
    fix="another owner or a reviewer looks at it",
    severity=Severity.NEEDS_REVIEW,
)
RULES = (
    OVERWRITTEN, LOST, SOURCE_CHANGED, YANKED, AMENDED, NOT_NEWER, ASKS_MORE, NEEDS_MORE, RUNS_ELSEWHERE, FORK,
    OPEN_PLACE, SOURCE_KIND,
)  # fmt: skip


def check(situation: Situation) -> Iterator[Finding]:
    """Yield findings about releases that change, go or come."""
    for plugin in situation.plugins:
        for file in plugin.files:
            if file.place.area is Area.RELEASE:
                yield from _release_file(situation, plugin, file)
            elif file.place.area is Area.SOURCE and plugin.before and file.place.version in plugin.before.releases:
                yield SOURCE_CHANGED.finding(Location(file=file.path))
        for version in new_versions(plugin):
            yield from _new_release(situation, plugin, version)


def check_commits(situation: Situation, history: SourceHistory) -> Iterator[Finding]:
    """Yield new releases from commits that their repository does not publish.

    Raises:
        TransportError: a repository cannot be reached now.

    """
    for plugin in situation.plugins:
        for version in new_versions(plugin):
            for index, claim in enumerate(_merged(plugin).releases[version].artifacts):
                source, named = claim.source, upstream_of(claim.source.url)
                repository, commit = (source.git, source.commit) if source.git else (named.repository, named.commit)
                if repository and not history.publishes(repository, commit):
                    where = situation.at(_file_of(plugin, version), ("artifacts", index, "source"))
                    yield FORK.finding(where, f"{commit[:12]} is in no branch and no tag of {quoted(repository)}")


def new_versions(plugin: PluginChange) -> tuple[Version, ...]:
    """Return the versions of a plugin that merging brings, lowest first."""
    if plugin.after is None:
        return ()
    there = plugin.before.releases if plugin.before else {}
    return tuple(sorted(version for version in plugin.after.releases if version not in there))


def versions_before(plugin: PluginChange, version: Version) -> tuple[Version, ...]:
    """Return the releases of `plugin` that `version` is held against: the highest lower one, and what users have.

    Those are two when the highest is yanked: it still says what had been given up, and owners yank alone.
    """
    releases = plugin.before.releases if plugin.before else {}
    lower = [known for known in releases if known < version]
    good = [known for known in lower if releases[known].yanked is None]
    return tuple(dict.fromkeys(max(some) for some in (lower, good) if some))


def compare(where: Location, version: Version, before: Aspects, after: Aspects) -> Iterator[Finding]:
    """Yield what `version` asks for that the release before did not."""
    if asked := sorted(after.permissions - before.permissions):
        yield ASKS_MORE.finding(where, f"{version} asks for {enumerated(map(quoted, asked), joint='and')}")
    if needed := sorted((after.dependencies | after.requirements) - (before.dependencies | before.requirements)):
        yield NEEDS_MORE.finding(where, f"{version} needs {enumerated(map(quoted, needed), joint='and')}")
    if added := sorted(after.hosts.keys() - before.hosts.keys()):
        yield RUNS_ELSEWHERE.finding(where, f"{version} is for {enumerated(added, joint='and')} as well")
    changed = {name: wanted for name, wanted in after.hosts.items() if before.hosts.get(name, wanted) != wanted}
    for name, wanted in changed.items():
        yield RUNS_ELSEWHERE.finding(where, f"{version} is for {name} {wanted}; before {before.hosts[name]}")
    if before.runtime and before.runtime != after.runtime:
        yield RUNS_ELSEWHERE.finding(where, f"{version} runs as {after.runtime}; before as {before.runtime}")


def _release_file(situation: Situation, plugin: PluginChange, file: ChangedFile) -> Iterator[Finding]:
    if file.is_new:
        return
    if file.after is None:
        yield LOST.finding(Location(file=file.path))
        return
    version = file.place.version
    before = plugin.before.releases.get(version) if plugin.before and version else None
    after = plugin.after.releases.get(version) if plugin.after and version else None
    if before is None or after is None:
        # What cannot be read on one side cannot be compared; reading has its own finding.
        yield OVERWRITTEN.finding(situation.at(file.path))
    elif replace(after, yanked=before.yanked, amends=before.amends) != before:
        message = f"{plugin.id} {version} differs in more than yanked and amends"
        yield OVERWRITTEN.finding(situation.at(file.path), message)
    else:
        yield from _afterthoughts(situation, file, before, after)


def _afterthoughts(situation: Situation, file: ChangedFile, before: Release, after: Release) -> Iterator[Finding]:
    if before.yanked is not None and after.yanked is None:
        yield YANKED.finding(situation.at(file.path), f"it was yanked: {quoted(before.yanked)}")
    if before.amends != after.amends:
        yield AMENDED.finding(situation.at(file.path, ("amends",)))


def _new_release(situation: Situation, plugin: PluginChange, version: Version) -> Iterator[Finding]:
    where, release = situation.at(_file_of(plugin, version)), _merged(plugin).releases[version]
    for index, claim in enumerate(release.artifacts):
        if claim.source.url and upstream_of(claim.source.url).is_open:
            yield OPEN_PLACE.finding(situation.at(where.file, ("artifacts", index, "source", "url")))
    if plugin.before is None or not plugin.before.releases:
        return
    if release.amends.hosts:
        yield AMENDED.finding(situation.at(where.file, ("amends",)))
    newest = max(plugin.before.releases)
    if version < newest:
        yield NOT_NEWER.finding(where, f"{version} comes after {newest}")
    for previous in versions_before(plugin, version):
        yield from _against(where, plugin.before, previous, _merged(plugin), version)


def _against(
    where: Location, base: PluginEntry, previous: Version, merged: PluginEntry, version: Version
) -> Iterator[Finding]:
    """Yield what the registry itself says that `version` has and `previous` had not."""
    kinds = [
        {claim.source.kind for claim in entry.releases[one].artifacts}
        for entry, one in ((base, previous), (merged, version))
    ]
    if new := sorted(kinds[1] - kinds[0]):
        yield SOURCE_KIND.finding(where, f"{version} comes from {enumerated(new, joint='and')}")
    before, after = claimed_aspects(base, previous), claimed_aspects(merged, version)
    if before is not None and after is not None:
        yield from compare(where, version, before, after)


def _merged(plugin: PluginChange) -> PluginEntry:
    if plugin.after is None:
        raise AssertionError(plugin.id)  # new versions are those of what is there after merging
    return plugin.after


def _file_of(plugin: PluginChange, version: Version) -> str:
    return f"registry/plugins/{plugin.id}/releases/{version}.yaml"
