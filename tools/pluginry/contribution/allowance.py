"""How much judging one pull request may ask of the world: so many requests, for so long altogether.

In: fetchers and histories. Out: the same, which refuse once it is used up. A bound for each file is none for a pull
request that names hundreds of them, and everybody else's wait behind it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pluginry.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source
    from pluginry.ports import SourceFetcher, SourceHistory

MAX_REQUESTS: Final = 100
"""Files and answers of repositories: enough for a release with its bundles on sixteen platforms, and two before it."""
MAX_SECONDS: Final = 240.0


@dataclass(slots=True, kw_only=True)
class Allowance:
    """What is left for one pull request; the time runs from when it is made. ``clock`` counts seconds."""

    max_requests: int = MAX_REQUESTS
    max_seconds: float = MAX_SECONDS
    clock: Callable[[], float] = time.monotonic
    _requests: int = field(default=0, init=False)
    _ends_at: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin to count."""
        self._ends_at = self.clock() + self.max_seconds

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be asked."""
        return self._requests > self.max_requests or self.clock() > self._ends_at

    def spend(self) -> None:
        """Count one more request.

        Raises:
            TransportError: it is one too many, or too late for it.

        """
        self._requests += 1
        if self.is_spent:
            raise TransportError("too much would have to be fetched for one pull request", why=self.limits)

    @property
    def limits(self) -> str:
        """The limits in words."""
        return f"it may ask for {self.max_requests} files, within {self.max_seconds:.0f} seconds"

    def fetchers(self, fetchers: Mapping[str, SourceFetcher]) -> Mapping[str, SourceFetcher]:
        """Return `fetchers`, as far as this goes."""
        return {kind: _Fetcher(fetcher=fetcher, allowance=self) for kind, fetcher in fetchers.items()}

    def history(self, history: SourceHistory) -> SourceHistory:
        """Return `history`, as far as this goes."""
        return _History(history=history, allowance=self)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fetcher:
    fetcher: SourceFetcher
    allowance: Allowance

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        """Fetch `source`; see `SourceFetcher`."""
        self.allowance.spend()
        return self.fetcher.fetch(source, into, expected=expected, max_bytes=max_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    history: SourceHistory
    allowance: Allowance

    def publishes(self, repository: str, commit: str) -> bool:
        """Return whether `repository` publishes `commit`; see `SourceHistory`."""
        self.allowance.spend()
        return self.history.publishes(repository, commit)
