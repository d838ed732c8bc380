"""Value to findings: every rule, applied to a registry or a plugin project.

In: what was loaded. Out: findings of the rules; what was wrong while loading is in `LoadedRegistry.findings`.
Never reads files, never raises for content. `ALL_RULES` is the table behind ``pluginry explain``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pluginry.encoding import archive_profile, schema_rules, yaml_rules
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout
from pluginry.publisher.packing import rules as packing_rules
from pluginry.publisher.rules import (
    advisories,
    dependencies,
    host_profiles,
    hosts,
    languages,
    licences,
    listings,
    look_alikes,
    naming,
    owners,
    permissions,
    pictures,
    relations,
    releases,
    reviews,
    scanning,
    settings,
    site,
    sources,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.publisher.loaded_registry import LoadedProject, LoadedRegistry

_TOPICS = (
    advisories,
    dependencies,
    host_profiles,
    hosts,
    languages,
    licences,
    listings,
    look_alikes,
    naming,
    owners,
    permissions,
    pictures,
    relations,
    releases,
    reviews,
    scanning,
    settings,
    site,
    sources,
)
ALL_RULES: Final[tuple[Rule, ...]] = (
    *registry_layout.RULES,
    *yaml_rules.RULES,
    *schema_rules.RULES,
    *(rule for topic in _TOPICS for rule in topic.RULES),
    *packing_rules.RULES,
    *(
        Rule(id=name, title=rule.reason.partition(";")[0].rstrip("."), why=rule.reason, fix=rule.fix)
        for name, rule in archive_profile.RULES.items()
    ),
)
"""Every rule about registries, projects and packages, in the order in which they are documented."""


def validate(loaded: LoadedRegistry) -> Iterator[Finding]:
    """Yield what the rules find in a registry, topic by topic."""
    for topic in _TOPICS:
        yield from topic.check(loaded.registry, loaded.locate)


def validate_project(loaded: LoadedProject) -> Iterator[Finding]:
    """Yield what the rules find in a plugin project; those that need a registry wait until it is in one."""
    if loaded.tree is not None:
        yield from settings.check_tree(loaded.tree, loaded.locate)
