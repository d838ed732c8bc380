"""DNS answers kept for a while, for the server and for plugins that build on this one.

In: host names. Out: addresses as text. Never talks DNS itself: it asks the resolver of the system.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from typing import Any

Lookup = Callable[[str], tuple[str, ...]]
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")


def system_lookup(name: str) -> tuple[str, ...]:
    """Return the addresses of `name` from the resolver of the system; none when there is no such name."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        return ()
    return tuple(sorted({str(address[0]) for *_, address in found}))


def normal_name(name: str) -> str:
    """Return `name` in lower case and without a dot at its end.

    Raises:
        ValueError: it is not a host name.
    """
    normal = name.strip().rstrip(".").lower()
    if len(normal) > 253 or not _NAME.match(normal):
        raise ValueError(f"{name[:80]!r} is not a host name")
    return normal


class DnsCache:
    """Remembers answers for `ttl_s` seconds. `clock` gives seconds that never go back."""

    def __init__(
        self, *, ttl_s: float = 300, lookup: Lookup = system_lookup, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ttl_s = ttl_s
        self._lookup = lookup
        self._clock = clock
        self._answers: dict[str, tuple[float, tuple[str, ...]]] = {}
        self.hits = 0
        self.misses = 0

    def addresses_of(self, name: str) -> tuple[str, ...]:
        """Return the addresses of `name`; none when there is no such name.

        Raises:
            ValueError: it is not a host name.
        """
        key = normal_name(name)
        kept = self._answers.get(key)
        if kept is not None and self._clock() < kept[0]:
            self.hits += 1
            return kept[1]
        self.misses += 1
        addresses = self._lookup(key)
        if addresses:
            self._answers[key] = (self._clock() + self._ttl_s, addresses)
        return addresses


class Plugin:
    """What the mail server loads."""

    def __init__(self, config: dict[str, Any], data_dir: str, *, lookup: Lookup = system_lookup) -> None:
        self.cache = DnsCache(ttl_s=config.get("ttl_s", 300), lookup=lookup)

    def resolve(self, name: str) -> dict[str, Any]:
        """Return the addresses of `name`."""
        return {"name": normal_name(name), "addresses": list(self.cache.addresses_of(name))}

    def statistics(self) -> dict[str, int]:
        """Return how often an answer was still known."""
        return {"hits": self.cache.hits, "misses": self.cache.misses}
