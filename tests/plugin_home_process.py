"""A process that changes a plugin home, to be killed in the middle of it: ``python plugin_home_process.py HOME NOW``.

It imports everything once and then, for each line of standard input, forks a child that does what the line says, and
prints the child's process id. ``change`` changes the home until it is killed; ``hold`` locks it until it is killed;
``install ID`` installs a plugin however often others come first, while the next line is read already. ``die N DEED``
does one deed of `DEEDS` and is killed right before the Nth thing that it asks of the file system; for ``fill N DEED``
the disk is full from there on. It ends with status 1
when a child failed.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.client.pruning import prune
from pluginry.errors import BusyError, HomeUnusableError
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


DEMO = PluginId.parse("acme/demo")
DEEDS: dict[str, Callable[[Marketplace], object]] = {
    "install": lambda client: client.apply(client.plan_install([want("acme/demo", "==1.0.0")]), enable=True),
    "update": lambda client: client.apply(client.plan_install([want("acme/demo", "==2.0.0")])),
    "repair": lambda client: client.apply(client.plan_install([want("acme/demo", "==1.0.0")])),
    "rollback": lambda client: client.rollback(DEMO),
    "disable": lambda client: client.set_enabled(DEMO, enabled=False),
    "remove": lambda client: client.apply(client.plan_remove([DEMO])),
    "prune": lambda client: prune(client.home, generations=1, unused_for=timedelta(0), now=client.now()),
}
_ASKS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")


def die(client: Marketplace, number: str, deed: str) -> None:
    """Do `deed`, and be killed before its file-system call `number`."""
    _at_call(int(number), client, lambda: os.kill(os.getpid(), signal.SIGKILL))
    DEEDS[deed](client)


def fill(client: Marketplace, number: str, deed: str) -> None:
    """Do `deed` on a disk that is full from its file-system call `number` on; end with 3 when the client says so."""

    def refuse() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    _at_call(int(number), client, refuse)
    try:
        DEEDS[deed](client)
    except HomeUnusableError as error:
        os._exit(error.exit_status)


def _at_call(number: int, client: Marketplace, act: Callable[[], None]) -> None:
    """Let `act` happen before the file-system call `number` below the home, and before each later one."""
    left = number

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        changes = event in _ASKS and (event != "open" or _writes(arguments))
        if changes and str(client.home.root) in str(arguments):
            left -= 1
            if left <= 0:
                act()

    sys.addaudithook(count)


def _writes(arguments: tuple[object, ...]) -> bool:
    """Return whether a file is opened to be written."""
    _, mode, flags = arguments
    return bool(isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) or "w" in str(mode)


def say(word: object) -> None:
    """Answer the test."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(home: Path, now: datetime) -> int:
    """Serve lines until standard input ends, and wait for the children."""
    client = Marketplace(home=PluginHome(home), connector=Connections(), now=lambda: now)
    client.plan_install([])
    client.refresh()  # everything that this imports is there for the children
    deeds: dict[str, Callable[..., None]] = {
        "change": change,
        "hold": hold,
        "install": install,
        "die": die,
        "fill": fill,
    }
    say("ready")
    for line in sys.stdin:
        name, *arguments = line.split()
        child = os.fork()
        if child == 0:
            deeds[name](client, *arguments)
            os._exit(0)
        say(child)
        if name != "install":
            _, status = os.waitpid(child, 0)
            say("ended" if os.WIFSIGNALED(status) else f"done {os.waitstatus_to_exitcode(status)}")
    failed = False
    while True:
        try:
            failed |= os.wait()[1] != 0
        except ChildProcessError:
            return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))
