"""How values are written for people: sizes, days, counts, and text from strangers without its tricks.

Filters of the templates. Nothing here reads the clock or the locale, so equal values give equal pages.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from datetime import datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
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
    if text.isascii() and text.isprintable():
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


def day(moment: datetime) -> Markup:
    """Return the day of `moment` as a ``time`` element: 5 Jan 2026."""
    text = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return Markup('<time datetime="{}">{}</time>').format(moment.strftime("%Y-%m-%dT%H:%M:%SZ"), text)


def size(size_bytes: int) -> str:
    """Return `size_bytes` in words with three digits at most: 512 bytes, 10.2 kB, 4 MB."""
    for unit_bytes, unit in _UNITS:
        amount = size_bytes / unit_bytes
        if amount >= _ROUNDED_UP:
            digits = f"{amount:.1f}" if amount < _WITHOUT_DECIMAL else f"{amount:.0f}"
            return f"{digits.removesuffix('.0')} {unit}"
    return plural(size_bytes, "byte")


def plural(count: int, noun: str, many: str = "") -> str:
    """Return `count` with its noun: 1 plugin, 2 plugins."""
    number = f"{count:,}".replace(",", "\u202f")
    return f"{number} {noun if count == 1 else many or noun + 's'}"
