"""Takes a change back when the host application is not well with it.

In: the generation that was made, the host's own check, the generation before. Out: nothing when all is well; otherwise
a new generation like the one before, and the error that says so. What plugins wrote goes back with them where a
release declares that it writes another form (data_snapshots.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.errors import BusyError, UnhealthyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pluginry.client.plugin_home import PluginHome
    from pluginry.model.receipt import Generation

    HealthCheck = Callable[[Generation], bool]


def require_health(generation: Generation, healthy: HealthCheck, *, base: int, home: PluginHome, now: datetime) -> None:
    """Ask `healthy` about `generation`, and go back to generation `base` (0: nothing installed) if it is not.

    Raises:
        UnhealthyError: the check said no, or failed; the change was taken back.
        BusyError: it said no, but the home was changed again meanwhile; nothing was taken back.

    """
    why = ""
    try:
        if healthy(generation):
            return
    except Exception as error:  # noqa: BLE001 - a host's own code: a check that fails did not say that all is well
        why = str(error) or type(error).__name__
    with home.locked():
        newest = home.generations.newest()
        if newest is None or newest.number != generation.number:
            raise BusyError("the host is not well, but the plugin home was changed again meanwhile", why=why)
        plugins = home.generations.find(base).plugins if base else ()
        home.commit(plugins, cause=f"take back generation {generation.number}: the host was not well", now=now)
    raise UnhealthyError(
        f"the host is not well after {generation.cause}: it was taken back",
        why=why,
        hint="what is installed is what was there before",
    )
