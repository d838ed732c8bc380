"""How values are written for people: days in English, sizes, and text from strangers without its tricks.

Nothing here reads the clock or the locale, so equal values give equal pages. Other languages: `languages`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SMALLEST_UNIT_BYTES = 1000
_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
_ROUNDED_UP = 0.9995  # 999,999 bytes are 1 MB, not 1000 kB
_WITHOUT_DECIMAL = 9.95
# The same as "url" in schemas/common.schema.json: no spaces, no credentials, nothing but https.
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[!-~]*)?\Z")
_KEPT_CONTROLS = frozenset("\n\t")
# Joiners shape letters of living scripts and symbols, so they stay; everything else of these classes hides or reorders.
_KEPT_FORMATS = frozenset("\u200c\u200d")


def plain(text: str) -> str:
    """Return `text` without characters that hide or reorder what is read (controls, bidirectional overrides)."""
    if text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(char for char in text if _is_shown(char))


def _is_shown(char: str) -> bool:
    if char in _KEPT_CONTROLS or char in _KEPT_FORMATS:
        return True
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs"}


def external(address: str) -> str:
    """Return `address` when it is a plain https address that may be linked to, else an empty string."""
    return address if _ADDRESS.match(address) else ""


def site_of(address: str) -> str:
    """Return the host name and path in `address`, for people: ``example.com/a``."""
    return address.removeprefix("https://").removeprefix("www.").rstrip("/")


def day_in_words(moment: datetime) -> str:
    """Return the day of `moment` in English: 5 Jan 2026."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def in_unit(size_bytes: int) -> tuple[float, str]:
    """Return `size_bytes`, at least `SMALLEST_UNIT_BYTES`, as a number with three digits at most, and its unit."""
    unit_bytes, unit = next(known for known in _UNITS if size_bytes / known[0] >= _ROUNDED_UP)
    amount = size_bytes / unit_bytes
    rounded = round(amount, 1)
    return (round(amount) if amount >= _WITHOUT_DECIMAL or rounded == int(rounded) else rounded), unit
