"""A process that changes a plugin home, to be killed in the middle of it: ``python plugin_home_process.py HOME NOW``.

It imports everything once and then, for each line of standard input, forks a child that does what the line says, and
prints the child's process id. ``change`` changes the home until it is killed; ``hold`` locks it until it is killed;
``install ID`` installs a plugin however often others come first, while the next line is read already. It ends with
status 1 when a child failed.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.errors import BusyError
from pluginry.hosts.connections import Connections
from pluginry.model.names import PluginId
from simulated_client import want

if TYPE_CHECKING:
    from collections.abc import Callable


def change(client: Marketplace) -> None:
    """Install, update, go back and remove, again and again."""
    while True:
        client.refresh()
        client.apply(client.plan_install([want("acme/demo", "==1.0.0")]), enable=True)
        client.apply(client.plan_install([want("acme/demo")]))
        client.rollback()
        client.apply(client.plan_remove([PluginId.parse("acme/demo")]))


def hold(client: Marketplace) -> None:
    """Lock the home and say so by a file."""
    with client.home.locked():
        (client.home.root / "held").touch()
        signal.pause()


def install(client: Marketplace, plugin: str) -> None:
    """Install `plugin`."""
    while True:
        try:
            client.apply(client.plan_install([want(plugin)]))
        except BusyError:
            continue
        return


def say(word: object) -> None:
    """Answer the test."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(home: Path, now: datetime) -> int:
    """Serve lines until standard input ends, and wait for the children."""
    client = Marketplace(home=PluginHome(home), connector=Connections(), now=lambda: now)
    client.plan_install([])
    client.refresh()  # everything that this imports is there for the children
    deeds: dict[str, Callable[..., None]] = {"change": change, "hold": hold, "install": install}
    for line in sys.stdin:
        name, *arguments = line.split()
        child = os.fork()
        if child == 0:
            deeds[name](client, *arguments)
            os._exit(0)
        say(child)
        if name != "install":
            os.waitpid(child, 0)
            say("ended")
    failed = False
    while True:
        try:
            failed |= os.wait()[1] != 0
        except ChildProcessError:
            return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))
