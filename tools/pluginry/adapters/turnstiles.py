"""Lets one thread at a time look at an object and then write it, where the store cannot do both in one request."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

_COUNT = 64


@dataclass(frozen=True, slots=True)
class Turnstiles:
    """One for each key, shared by some: keys are many."""

    _locks: tuple[Lock, ...] = field(default_factory=lambda: tuple(Lock() for _ in range(_COUNT)))

    def of(self, key: str) -> Lock:
        """Return what to hold while working on `key`."""
        return self._locks[hash(key) % _COUNT]
