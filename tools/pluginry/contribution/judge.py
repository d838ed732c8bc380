"""A pull request to findings: its shape, its people, its plugins, and the registry that merging would give.

In: commits, people, and what reaches developers' repositories and packages, where that is wanted. Out: a `Judgement`.
Rules, owners and policy are those of the base. Nothing of the pull request is run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pluginry.contribution import difference
from pluginry.contribution.allowance import Allowance
from pluginry.contribution.areas import REGISTRY, Area
from pluginry.contribution.change import read_change
from pluginry.contribution.packages import is_only_proved, unknown_needs
from pluginry.contribution.rules import entries, files, ownership, packages, published, security
from pluginry.contribution.sides import read_policy, read_sides
from pluginry.contribution.situation import Situation
from pluginry.errors import TransportError
from pluginry.model.finding import Location, Severity, in_reading_order
from pluginry.publisher.source_digests import check_digests
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.contribution.packages import PackageDesk
    from pluginry.contribution.people import People
    from pluginry.model.finding import Finding
    from pluginry.model.names import PluginId
    from pluginry.ports import RegistryCommits, SourceHistory
    from pluginry.publisher.loaded_registry import LoadedRegistry

_TOPICS = (files, ownership, entries, published, security)
RULES: Final = tuple(rule for topic in (*_TOPICS, packages) for rule in topic.RULES)
_FOR_ALL: Final = frozenset({Area.POLICY, Area.HOST})
"""Where a change can make any plugin wrong, so that all are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found about a change, in reading order, and for each new release how it differs, as Markdown."""

    situation: Situation
    findings: tuple[Finding, ...]
    differences: tuple[str, ...] = ()


def judge(
    commits: RegistryCommits,
    base: str,
    head: str,
    *,
    people: People,
    scratch: Path,
    history: SourceHistory | None = None,
    desk: PackageDesk | None = None,
    allowance: Allowance | None = None,
    whole: bool = False,
) -> Judgement:
    """Return the judgement on merging `head` into `base`; `scratch` is an empty folder that is filled.

    Without `history` developers' repositories are not asked, without `desk` nobody looks into packages: new releases
    then need a person, as they do beyond the `allowance`. `whole`: everything is validated, not only what the change
    reaches.

    Raises:
        UsageError: there is no such commit.
        TransportError: git, a developer's repository or the place of a package does not answer.

    """
    policy = read_policy(commits, commits.commit_of(base), scratch / "policy")
    review = policy.base.registry.config.review
    change = read_change(commits, base, head, limit=max(review.max_files, 1))
    found = list(files.check_shape(change, review))
    if any(finding.severity is Severity.BLOCKS for finding in found):
        situation = Situation(change=change, people=people, sides=policy)
        return Judgement(situation=situation, findings=in_reading_order(found))
    for_all = any(file.place.area in _FOR_ALL for file in change.files)
    sides = read_sides(commits, change, scratch / "sides", max_bytes=review.max_bytes, whole=whole or for_all)
    situation = Situation(change=change, people=people, sides=sides)
    for topic in _TOPICS:
        found += topic.check(situation)
    allowance = allowance or Allowance()
    if history is not None:
        found += _commits(situation, history, allowance)
    found += _news(situation)
    differences: tuple[str, ...] = ()
    if desk is None:
        found += packages.unseen(situation)
    elif all(finding.severity is not Severity.BLOCKS for finding in found):
        releases, refused = desk.within(allowance).inspect(situation)
        found += refused
        for pair in releases:
            unknown = unknown_needs(pair, lambda plugin: _exists(commits, situation, plugin))
            found += packages.check(situation, pair, unknown)
        differences = tuple(difference.as_markdown(pair) for pair in releases)
        proved = {plugin.listing_file for plugin in situation.plugins if is_only_proved(releases, plugin)}
        found = [one for one in found if not (one.rule == ownership.STRANGER.id and one.where.file in proved)]
    return Judgement(situation=situation, findings=in_reading_order(found), differences=differences)


def _commits(situation: Situation, history: SourceHistory, allowance: Allowance) -> Iterator[Finding]:
    """Yield what is wrong with commits of releases, as far as `allowance` goes."""
    try:
        yield from published.check_commits(situation, allowance.history(history))
    except TransportError:
        if not allowance.is_spent:
            raise
        yield packages.TOO_MUCH.finding(Location(file="."), allowance.limits)


def _exists(commits: RegistryCommits, situation: Situation, plugin: PluginId) -> bool:
    """Return whether there is a plugin after merging."""
    listing = f"{REGISTRY}/plugins/{plugin}/listing.yaml"
    return plugin in situation.sides.merged.registry.plugins or bool(commits.entries(situation.change.base, [listing]))


def _news(situation: Situation) -> Iterator[Finding]:
    """Yield what is wrong with the merged registry and was not with the base."""
    sides = situation.sides
    before = {_essence(finding) for finding in _all(sides.base, sides.base_folder)}
    for finding in _all(sides.merged, sides.merged_folder):
        if _essence(finding) not in before:
            where = replace(finding.where, file=f"{REGISTRY}/{finding.where.file}")
            yield replace(finding, where=where)


def _all(loaded: LoadedRegistry, folder: Path) -> Iterator[Finding]:
    yield from loaded.findings
    yield from validate(loaded)
    yield from check_digests(loaded, folder)


def _essence(finding: Finding) -> tuple[str, str, str]:
    """Return what stays of a finding when lines move."""
    return finding.rule, finding.where.file, finding.message
