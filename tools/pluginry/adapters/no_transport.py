"""The transport of somebody who asked to stay without a network: it reads nothing, and says so.

In: a location. Out: always the same refusal, before anything is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from pluginry.errors import TransportError

if TYPE_CHECKING:
    from pluginry.ports import Progress


@dataclass(frozen=True, slots=True)
class NoTransport:
    """Nothing, at ``location``."""

    location: str

    def fetch(self, key: str, *, max_bytes: int) -> NoReturn:  # noqa: ARG002 - the port's
        """Refuse; see `Transport`."""
        raise TransportError(
            "this is not on this machine, and it was asked to stay offline",
            where=f"{self.location} {key}",
            hint="run it once without --offline: what was fetched is kept",
        )

    def download(
        self,
        key: str,
        into: BinaryIO,  # noqa: ARG002 - the port's
        *,
        max_bytes: int,
        progress: Progress | None = None,  # noqa: ARG002 - the port's
    ) -> NoReturn:
        """Refuse; see `Transport`."""
        self.fetch(key, max_bytes=max_bytes)
