"""Whether owners announced a release: their listing says that tags are releases, and the registry found one itself.

In: what becomes of a plugin, and who asks. Out: yes or no, by the listing of the base. Never takes the robot's word for
more than new releases out of the one repository that the listing names by numbers: a name that was given up can be
anybody's by now. For anything else the robot is a stranger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pluginry.contribution.areas import Area
from pluginry.contribution.forges import place_of
from pluginry.model.proposal import ROBOT
from pluginry.model.status import Status

if TYPE_CHECKING:
    from pluginry.contribution.people import People
    from pluginry.contribution.situation import PluginChange
    from pluginry.model.listing import Listing
    from pluginry.model.publisher import Publisher
    from pluginry.model.release import Source

_WITH_NUMBERS: Final = "github.com"
"""The forge that the registry asks for the numbers of a repository."""


def is_announced(plugin: PluginChange, people: People) -> bool:
    """Return whether the registry's robot adds nothing but new releases that the owners let it look for.

    Only workflows of the registry itself can open pull requests as the robot: its token opens none elsewhere. Before it
    does, it asks the forge whether the repository still has the numbers that the listing names.
    """
    if people.author is None or people.author.id != ROBOT.id or plugin.before is None or plugin.after is None:
        return False
    listing, listed = plugin.before.listing, plugin.after.releases
    if listing.releases is None or listing.status is not Status.ACTIVE or numbered_publisher(listing) is None:
        return False
    new = [release for version, release in listed.items() if version not in plugin.before.releases]
    return all(
        file.place.area is Area.RELEASE and file.is_new and file.place.version in listed for file in plugin.files
    ) and all(_is_out_of(listing.source, claim.source) for release in new for claim in release.artifacts)


def numbered_publisher(listing: Listing) -> Publisher | None:
    """Return the publisher of `listing`, if its repository is the ``source``, with its number and that of its owner."""
    place, publisher = place_of(listing.source), listing.publisher
    if place is None or publisher is None or place.host != _WITH_NUMBERS:
        return None
    is_same = place.repository.casefold() == publisher.repository.casefold()
    return publisher if is_same and publisher.repository_id and publisher.owner_id else None


def _is_out_of(repository: str, source: Source) -> bool:
    """Return whether a file or tree is below the address `repository`; names at PyPI and npm are another matter."""
    address = repository.rstrip("/").removesuffix(".git")
    return source.git.removesuffix(".git") == address or source.url.startswith(f"{address}/")
