"""How long trust metadata is still good for, and from when on somebody should look: for monitoring.

In: metadata files by role. Out: `Expiry`, a verdict, lines and plain data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WARN_DAYS = {"root": 60, "targets": 30, "index": 7, "snapshot": 7, "timestamp": 5}
_OFFLINE_WARN_DAYS = 60
"""Targets of profile *hardened* need people to meet."""


class Outlook(StrEnum):
    """How things stand."""

    FINE = "fine"
    SOON = "soon"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """How long a metadata file is good for, and from when on somebody should look."""

    role: str
    version: int
    expires: datetime
    warn_days: int

    @classmethod
    def of(
        cls, role: str, version: int, expires: datetime, *, is_offline: bool = False, warn_days: int | None = None
    ) -> Expiry:
        """Return the expiry of a file whose role is known; the warning is the role's own unless given."""
        default = _OFFLINE_WARN_DAYS if is_offline else WARN_DAYS[role]
        return cls(role=role, version=version, expires=expires, warn_days=default if warn_days is None else warn_days)

    def left(self, now: datetime) -> timedelta:
        """Return how long it still is."""
        return self.expires - now

    def outlook(self, now: datetime) -> Outlook:
        """Return whether it is fine, expires soon or has expired."""
        if self.left(now) <= timedelta(0):
            return Outlook.EXPIRED
        return Outlook.SOON if self.left(now) < timedelta(days=self.warn_days) else Outlook.FINE


def worst_outlook(expiries: Iterable[Expiry], now: datetime) -> Outlook:
    """Return how the worst of them stands."""
    return max((expiry.outlook(now) for expiry in expiries), key=list(Outlook).index, default=Outlook.FINE)


def expiry_data(expiries: Iterable[Expiry], now: datetime) -> dict[str, Any]:
    """Return them for programs, by role."""
    return {
        expiry.role: {
            "version": expiry.version,
            "expires": expiry.expires.isoformat(),
            "days_left": expiry.left(now).days,
            "warn_days": expiry.warn_days,
        }
        for expiry in expiries
    }


def expiry_lines(expiries: Iterable[Expiry], now: datetime) -> Iterator[str]:
    """Yield a line for each."""
    marks = {Outlook.EXPIRED: "EXPIRED", Outlook.SOON: "soon", Outlook.FINE: ""}
    for expiry in expiries:
        days, mark = expiry.left(now).days, marks[expiry.outlook(now)]
        yield f"{expiry.role:<10} version {expiry.version:<4} {days:>4} days left  {mark}".rstrip()
