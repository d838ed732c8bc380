"""Reviews by users: about releases that exist, and not by those who praise themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.suggestions import did_you_mean
from pluginry.model.rule import Rule
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.model.registry import Registry
    from pluginry.publisher.loaded_registry import Locate

UNKNOWN_VERSION = Rule(
    id="reviews.unknown-version",
    title="The review is about a release that does not exist",
    why="Readers want to know what exactly was tried.",
    fix="write the version that was tried",
)
OWN_PLUGIN = Rule(
    id="reviews.own-plugin",
    title="The review is by an owner of the plugin",
    why="Ratings are worth something only when nobody rates their own work.",
    fix="delete the review",
)
RULES = (UNKNOWN_VERSION, OWN_PLUGIN)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about reviews."""
    for entry in registry.plugins.values():
        owners = {owner.id for owner in entry.listing.owners}
        for review in entry.reviews:
            file = f"{entry.folder}/reviews/{review.author.id}.yaml"
            if Version(review.version) not in entry.releases and not registry.lacks_releases_of(entry.id):
                hint = did_you_mean(review.version, map(str, entry.releases))
                message = f"{entry.id} has no release {review.version}"
                yield UNKNOWN_VERSION.finding(locate(file, ("version",)), message, hint=hint)
            if review.author.id in owners:
                yield OWN_PLUGIN.finding(locate(file, ("author",), of_key=True))
