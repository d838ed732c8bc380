"""Tries every place of a source by itself, from the first root of trust on, and says what each of them is worth.

In: a `Source`, the clock. Out: one `Place` for each location. Nothing that is found is remembered or believed: that is
what a refresh does.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.client import limits, verify
from pluginry.client.locations import REFRESH_LIMIT_S
from pluginry.client.source import ROOT_FILE
from pluginry.errors import PluginryError, TrustError
from pluginry.model.index import TrustPolicy
from pluginry.model.layout import INDEX_ROOT_TARGET, POLICY_TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pluginry.client.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What was found at ``location``: the ``serial`` of its index, or the ``problem``."""

    location: str
    serial: int = 0
    problem: PluginryError | None = None

    @property
    def is_dangerous(self) -> bool:
        """Whether it gives something that must not be believed, rather than nothing, or something old."""
        return isinstance(self.problem, TrustError)

    def verdict(self, newest: int) -> str:
        """Return in one word how it compares with an index of serial `newest`."""
        if self.problem is not None:
            return "refused" if self.is_dangerous else "unreachable"
        return "behind" if self.serial < newest else "current"


def check_places(source: Source, *, now: datetime) -> Iterator[Place]:
    """Yield what is found at the location of `source` and at each of its mirrors."""
    for location in (source.config.location, *source.config.mirrors):
        try:
            with source.connector.time_limit(REFRESH_LIMIT_S):
                yield Place(location=location, serial=_serial_at(location, source, now))
        except PluginryError as error:
            yield Place(location=location, problem=error)


def _serial_at(location: str, source: Source, now: datetime) -> int:
    """Return the serial of the index at `location`, as a client sees it that knows nothing but the first root."""
    with tempfile.TemporaryDirectory() as scratch:
        metadata = source.connector.metadata(
            Path(scratch),
            root=(source.folder / ROOT_FILE).read_bytes(),
            transport=source.locations.transport(location),
        )
        try:
            metadata.refresh(now=now)
            policy = verify.accept_policy(metadata.target(POLICY_TARGET, max_bytes=limits.DOCUMENTS[TrustPolicy]))
            root = metadata.target(INDEX_ROOT_TARGET, max_bytes=limits.TARGETS[INDEX_ROOT_TARGET])
            return verify.accept_root(root, policy=policy, state=None).serial
        finally:
            metadata.close()
