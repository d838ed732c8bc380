"""No step back in security: warnings stay, and what was mended does not come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.contribution.areas import REGISTRY, Area
from pluginry.contribution.rules.published import new_versions
from pluginry.model.advisory import Action
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.contribution.situation import Situation
    from pluginry.model.advisory import Advisory
    from pluginry.model.finding import Finding

WEAKENED = Rule(
    id="security.warning-weakened",
    title="An advisory is withdrawn, or warns of less than before",
    why="Users would no longer be warned, or not be kept from starting what is dangerous.",
    fix="wait for a reviewer; say in details why",
    severity=Severity.NEEDS_REVIEW,
)
REOPENED = Rule(
    id="security.affected-release",
    title="The new release is one that an advisory warns of",
    why="What was found before is in it, or the advisory says too much: somebody has to tell which.",
    fix="mend it and give it a version that the advisory calls fixed, or correct the advisory first",
    severity=Severity.NEEDS_REVIEW,
)
RULES = (WEAKENED, REOPENED)

_MILDEST_FIRST = tuple(Action)


def check(situation: Situation) -> Iterator[Finding]:
    """Yield findings about advisories that change, and releases that they hit."""
    base = {advisory.id: advisory for advisory in situation.sides.base.registry.advisories}
    merged = {advisory.id: advisory for advisory in situation.sides.merged.registry.advisories}
    for file in situation.change.files:
        before, after = base.get(file.place.name), merged.get(file.place.name)
        if file.place.area is Area.ADVISORY and before and after and _is_weaker(before, after):
            yield WEAKENED.finding(situation.at(file.path))
    for plugin in situation.plugins:
        for version in new_versions(plugin):
            for advisory in merged.values():
                affected = any(one.includes(plugin.id, version) for one in advisory.affected)
                if affected and advisory.withdrawn is None:
                    path = f"{REGISTRY}/plugins/{plugin.id}/releases/{version}.yaml"
                    yield REOPENED.finding(situation.at(path), f"{advisory.id} warns of {version}: {advisory.summary}")


def _is_weaker(before: Advisory, after: Advisory) -> bool:
    """Return whether `after` hits less, or does less; additions alone do not."""
    if before.withdrawn is None and after.withdrawn is not None:
        return True
    return (
        before.affected != after.affected
        or _MILDEST_FIRST.index(after.action) < _MILDEST_FIRST.index(before.action)
        or not set(before.database_specific.digests) <= set(after.database_specific.digests)
        or not set(before.database_specific.signers) <= set(after.database_specific.signers)
    )
