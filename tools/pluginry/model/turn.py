"""``v1/turn.json``: whose turn it is to change what is published. For publishers only; no client reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Doing(StrEnum):
    """What a turn is for."""

    PUBLISHING = "publishing"
    COLLECTING = "collecting"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What somebody is ``doing``. ``holder`` is drawn anew for each turn, so that no two are the same bytes.

    Whoever overtook others says, when it is over, that they may still be writing until ``settled_at``.
    """

    format: int = field(default=1, metadata={"always": True})
    holder: str
    doing: Doing
    settled_at: datetime | None = None
