"""A shelf with three plugins for tests of commands: one asks for a permission and depends on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command_line import Shelf

if TYPE_CHECKING:
    from pathlib import Path

HEADERS, NETWORK = ("mail.headers", "inbound"), ("network", "example.com:443")
AGREE = ("--accept-permissions", "mail.headers:inbound")


def a_demo_shelf(folder: Path) -> Shelf:
    """Return a shelf: demo asks for a permission and depends on base; other does neither."""
    shelf = Shelf.at(folder)
    shelf.market.release("acme/base")
    shelf.market.release(
        "acme/demo", permissions=[HEADERS], dependencies={"acme/base": ">=1"}, files={"demo.txt": b"demo"}
    )
    shelf.market.release("acme/other")
    shelf.publish()
    shelf.add()
    return shelf


def publish_next(shelf: Shelf) -> None:
    """Publish demo 1.1.0, which asks for more, and other 1.1.0, which does not."""
    shelf.market.release("acme/demo", "1.1.0", permissions=[HEADERS, NETWORK], dependencies={"acme/base": ">=1"})
    shelf.market.release("acme/other", "1.1.0")
    shelf.publish()
    assert shelf.run("source", "refresh").status == 0


def versions(shelf: Shelf) -> dict[str, str]:
    """Return what is installed, by id."""
    return {one["id"]: one["version"] for one in shelf.run("list", "--json").data}
