"""All that a change is judged by: what changes, who asks and agrees, the registry before and after.

In: a change, people, both sides of the registry. Out: the same, plugin by plugin, with places as the repository names
them. Owners, reviewers and policy are those of the base: nobody decides by what they bring along.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pluginry.contribution.areas import REGISTRY
from pluginry.model.finding import Location

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.contribution.change import ChangedFile, RegistryChange
    from pluginry.contribution.people import People
    from pluginry.contribution.sides import Sides
    from pluginry.model.finding import DocumentPath
    from pluginry.model.listing import Account
    from pluginry.model.names import PluginId
    from pluginry.model.registry import PluginEntry, RegistryConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginChange:
    """What becomes of a plugin: ``before`` in the base, ``after`` merging; None: it cannot be read, or is not there.

    ``known``: the base has it, readable or not.
    """

    id: PluginId
    before: PluginEntry | None
    after: PluginEntry | None
    files: tuple[ChangedFile, ...]
    known: bool

    @property
    def owners(self) -> tuple[Account, ...]:
        """Who owns it in the base; nobody, when it is new."""
        return self.before.listing.owners if self.before else ()

    @property
    def listing_file(self) -> str:
        """Its listing, as a path of the repository."""
        return f"{REGISTRY}/plugins/{self.id}/listing.yaml"


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A change to be judged."""

    change: RegistryChange
    people: People
    sides: Sides

    @property
    def policy(self) -> RegistryConfig:
        """The policy of the base."""
        return self.sides.base.registry.config

    @cached_property
    def reviewers(self) -> tuple[Account, ...]:
        """The reviewers of the base."""
        return self.policy.review.reviewers

    @property
    def is_by_reviewer(self) -> bool:
        """Whether the author is a reviewer, or a reviewer approved."""
        return self.people.include(self.reviewers)

    @cached_property
    def plugins(self) -> tuple[PluginChange, ...]:
        """The plugins of which something changes."""
        base, merged = self.sides.base.registry, self.sides.merged.registry
        return tuple(
            PluginChange(
                id=plugin,
                before=base.plugins.get(plugin),
                after=merged.plugins.get(plugin),
                files=self.change.of(plugin),
                known=plugin in base.plugins or f"plugins/{plugin}" in base.left_out,
            )
            for plugin in self.change.plugins
        )

    def at(self, path: str, place: DocumentPath = ()) -> Location:
        """Return a place in a merged document; `path` is of the repository."""
        found = self.sides.merged.locate(path.removeprefix(f"{REGISTRY}/"), place)
        return Location(file=path, line=found.line, column=found.column, path=place)


def names_of(accounts: Iterable[Account]) -> str:
    """Return accounts as they are shown: login and number."""
    return ", ".join(f"{account.login} ({account.id})" for account in accounts) or "nobody"
