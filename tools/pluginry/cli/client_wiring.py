"""Opens the client for a command: as hosts do, and quicker, for a command is alone in its process and soon over."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

_OBJECTS_BETWEEN_COLLECTIONS: Final = 50_000
"""What a command loads it keeps: to look for garbage after each 700 objects takes up to a tenth of its time."""


def open_client(home: Path, *, offline: bool = False) -> Marketplace:
    """Return the client over the plugin home at `home`, for the command that runs now; see `open_marketplace`.

    Until the command ends boto3 is loaded by who uses it, and not by the signers that python-tuf and sigstore load
    with everything else. Nothing of this is for hosts: they may have threads, and other ideas of their process.
    """
    from pluginry.adapters.late_import import imported_late
    from pluginry.hosts.connections import open_marketplace

    command = click.get_current_context()
    command.with_resource(_fewer_collections())
    command.with_resource(imported_late("boto3"))
    return open_marketplace(home, offline=offline)


@contextmanager
def _fewer_collections() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
