"""Finds numbers that should not leave by mail: payment cards and bank accounts.

In: text. Out: what was found and where. Only numbers whose check digits are right count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

_CARD = re.compile(r"(?<![\d.])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\d.]\d|\d)")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_CARD_LENGTHS = (13, 14, 15, 16, 19)
# How long an IBAN is depends on the country; numbers of other countries are not looked for.
_IBAN_LENGTHS = MappingProxyType(
    {"AT": 20, "BE": 16, "CH": 21, "CZ": 24, "DE": 22, "DK": 18, "ES": 24, "FI": 18, "FR": 27, "GB": 22}
    | {"IE": 22, "IT": 27, "LU": 20, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "SE": 24}
)


class Found(NamedTuple):
    """A number in a text: its ``kind``, its characters without spaces, and the line it stands in, from 1."""

    kind: str
    number: str
    line: int

    @property
    def shown(self) -> str:
        """The number, shortened so that nobody can use it."""
        return f"{self.number[:4]}...{self.number[-4:]}"


def passes_luhn(digits: str) -> bool:
    """Return whether the check digit at the end of `digits` is right."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(n - 9 if n > 9 else n for n in doubled)) % 10 == 0


def passes_mod97(iban: str) -> bool:
    """Return whether the check digits of `iban` are right; it has no spaces and capitals only."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def cards_in(text: str) -> Iterator[Found]:
    """Yield the payment card numbers of `text`."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) in _CARD_LENGTHS and len(set(digits)) > 1 and passes_luhn(digits):
            yield Found("card", digits, _line_of(text, match.start()))


def ibans_in(text: str) -> Iterator[Found]:
    """Yield the bank account numbers of `text`."""
    for match in _IBAN.finditer(text):
        characters = match.group().replace(" ", "")
        length = _IBAN_LENGTHS.get(characters[:2], 0)
        # Words in capitals may follow the number directly: only as many characters count as the country has.
        iban = characters[:length]
        if length and len(iban) == length and passes_mod97(iban):
            yield Found("iban", iban, _line_of(text, match.start()))


def _line_of(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


DETECTORS: Mapping[str, Callable[[str], Iterator[Found]]] = MappingProxyType({"card": cards_in, "iban": ibans_in})
