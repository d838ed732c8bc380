"""Whether owners announced a release: their listing says that tags are releases, and the registry found one itself.

In: what becomes of a plugin, and who asks. Out: yes or no, by the listing of the base. Never takes the robot's word for
more than new releases: for anything else it is a stranger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.contribution.areas import Area
from pluginry.model.proposal import ROBOT

if TYPE_CHECKING:
    from pluginry.contribution.people import People
    from pluginry.contribution.situation import PluginChange


def is_announced(plugin: PluginChange, people: People) -> bool:
    """Return whether the registry's robot adds nothing but new releases that the owners let it look for.

    Only workflows of the registry itself can open pull requests as the robot: its token opens none elsewhere.
    """
    if people.author is None or people.author.id != ROBOT.id or plugin.before is None:
        return False
    asked = plugin.before.listing.releases is not None
    return asked and all(file.place.area is Area.RELEASE and file.is_new for file in plugin.files)
