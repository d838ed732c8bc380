"""Connections that all lead to one place: for looking at a marketplace through a transport that is open already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.hosts.connections import Connections
from pluginry.model.access import NO_ACCESS

if TYPE_CHECKING:
    from pluginry.model.access import Access
    from pluginry.ports import Transport


@dataclass(slots=True, kw_only=True)
class OnePlace(Connections):
    """The `Connector` that reads everything from ``place``, whatever the location is called."""

    place: Transport

    def transport(self, location: str, access: Access = NO_ACCESS) -> Transport:  # noqa: ARG002 - there is only one
        """Return the one; see `Connector`."""
        return self.place
