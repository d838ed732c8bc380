"""The places one marketplace is read from: its own location, and mirrors of it that are asked when that one fails.

In: a `SourceConfig`, a `Connector`. Out: transports, and objects by digest from the first that has them. A mirror
needs no trust: whatever it gives is checked as if it came from the marketplace itself. What is wrong ends the
operation, whoever sent it; only what is missing, unreachable or behind is asked for elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from urllib.parse import urlsplit

from pluginry.errors import (
    AuthError,
    ObjectMissingError,
    ObjectTooLargeError,
    RolledBackError,
    StaleError,
    TransportError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.errors import PluginryError
    from pluginry.model.receipt import SourceConfig
    from pluginry.ports import Connector, Progress, Transport

_T = TypeVar("_T")
REFRESH_LIMIT_S = 60.0
"""Seconds that one place has for a whole refresh, however many requests it takes."""
_GRAVITY = (TransportError, AuthError, StaleError, RolledBackError)
"""Errors after which the next place is asked; when all fail, the last of these kinds is the news."""


@dataclass(slots=True, kw_only=True)
class Locations:
    """The places of one source; the one that answered last is asked first."""

    config: SourceConfig
    connector: Connector
    _transports: dict[str, Transport] = field(default_factory=dict, init=False)
    _first: str = field(default="", init=False)

    def transport(self, location: str) -> Transport:
        """Return the connection to one of the places, made when it is first needed."""
        if location not in self._transports:
            access = self.config.access
            if _origin(location) != _origin(self.config.location):
                access = access.without_secrets()
            self._transports[location] = self.connector.transport(location, access)
        return self._transports[location]

    def use(self, location: str, transport: Transport) -> None:
        """Read `location` through `transport` from now on."""
        self._transports[location] = transport

    def refresh(self, refresh_from: Callable[[Transport], None]) -> None:
        """Call `refresh_from` with one place after the other until one is up to date; each has the same time.

        Raises:
            TrustError: a place gives something that must not be believed: no other one is asked then.
            StaleError: every place that answers is expired.
            RolledBackError: every place that answers is older than what was seen before.
            AuthError: no place answers, and one of them for want of the right credential.
            TransportError: no place answers.

        """
        failures: list[PluginryError] = []
        for location in (self.config.location, *self.config.mirrors):
            try:
                with self.connector.time_limit(REFRESH_LIMIT_S):
                    refresh_from(self.transport(location))
            except ObjectTooLargeError:
                raise
            except _GRAVITY as error:
                failures.append(error)
            else:
                self._first = location
                return
        raise max(failures, key=_gravity)

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        """Return an object that is known by its digest, from the first place that has it; see `Transport`."""
        return self._from_any(lambda transport: transport.fetch(key, max_bytes=max_bytes))

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        """Append an object that is known by its digest to `into`; see `Transport`."""
        start = into.tell()

        def download_from(transport: Transport) -> None:
            into.seek(start)
            into.truncate()
            transport.download(key, into, max_bytes=max_bytes, progress=progress)

        self._from_any(download_from)

    def _from_any(self, read: Callable[[Transport], _T]) -> _T:
        failures: list[TransportError | AuthError] = []
        places = (self.config.location, *self.config.mirrors)
        for location in sorted(places, key=lambda place: place != self._first):
            try:
                return read(self.transport(location))
            except ObjectTooLargeError:
                raise
            except (TransportError, AuthError) as error:
                failures.append(error)
        # "There is no such object" is the news only if every place says so.
        raise next((error for error in failures if not isinstance(error, ObjectMissingError)), failures[0])


def _origin(location: str) -> tuple[str, str | None, int | None]:
    """Return what a secret may be told to: a host by its scheme, name and port; nothing for folders."""
    parts = urlsplit(location if "://" in location else "")
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _gravity(error: Exception) -> int:
    return max(at for at, kind in enumerate(_GRAVITY) if isinstance(error, kind))
