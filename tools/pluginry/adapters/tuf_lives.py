"""How long the metadata lives that publishing signs, and when it is signed anew; tuf_roles.py has what people sign.

In: metadata, the time. Out: moments.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.adapters.tuf_roles import INDEX, SNAPSHOT, TARGETS, TIMESTAMP, whole_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuf.api.metadata import Snapshot, Targets, Timestamp

TARGETS_LIFE = timedelta(days=90)
INDEX_LIFE = timedelta(days=30)
SNAPSHOT_LIFE = timedelta(days=30)
TIMESTAMP_LIFE = timedelta(days=7)
RESIGN_TIMESTAMP_AFTER = timedelta(hours=6)
_LIVES: Final[Mapping[str, timedelta]] = MappingProxyType(
    {TARGETS: TARGETS_LIFE, INDEX: INDEX_LIFE, SNAPSHOT: SNAPSHOT_LIFE, TIMESTAMP: TIMESTAMP_LIFE}
)


def until(role: str, now: datetime) -> datetime:
    """Return when what is signed for `role` now expires."""
    return whole_seconds(now + _LIVES[role])


def renewed_at(role: str, says: Targets | Snapshot | Timestamp) -> datetime:
    """Return when it is signed anew: a timestamp soon, everything else when half of its life is over."""
    after = RESIGN_TIMESTAMP_AFTER if role == TIMESTAMP else _LIVES[role] / 2
    return says.expires - _LIVES[role] + after


def due_below_timestamp(snapshot: Snapshot, listed: Mapping[str, Targets]) -> datetime:
    """Return when the first of these is signed anew, of those that publishing signs: offline targets are none."""
    role = INDEX if INDEX in listed else TARGETS
    return min(renewed_at(role, listed[role]), renewed_at(SNAPSHOT, snapshot))
