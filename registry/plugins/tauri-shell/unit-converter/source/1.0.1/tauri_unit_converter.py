"""Converts lengths, weights and temperatures.

In: a text such as ``3 km in mi``. Out: the answer as text. Superseded by tauri-shell/quick-calc.
"""

from __future__ import annotations

import re
from decimal import Decimal
from types import MappingProxyType
from typing import Any

_QUESTION = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z]+)\s+(?:in|to)\s+([A-Za-z]+)\s*\Z")
# The dimension of each unit, its size in the dimension's first unit, and its zero point.
_UNITS = MappingProxyType(
    {
        "m": ("length", Decimal(1), Decimal(0)),
        "km": ("length", Decimal(1000), Decimal(0)),
        "mi": ("length", Decimal("1609.344"), Decimal(0)),
        "ft": ("length", Decimal("0.3048"), Decimal(0)),
        "kg": ("weight", Decimal(1), Decimal(0)),
        "lb": ("weight", Decimal("0.45359237"), Decimal(0)),
        "c": ("temperature", Decimal(1), Decimal(0)),
        "f": ("temperature", Decimal(5) / Decimal(9), Decimal(-32) * 5 / 9),
    }
)


class Plugin:
    """What the shell loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._digits = config.get("digits", 4)

    def convert(self, text: str) -> dict[str, Any]:
        """Return the answer to `text`, or why there is none."""
        match = _QUESTION.match(text)
        if match is None:
            return {"error": "ask like this: 3 km in mi"}
        number, source, target = Decimal(match[1]), match[2].lower(), match[3].lower()
        if unknown := [unit for unit in (source, target) if unit not in _UNITS]:
            return {"error": f"{unknown[0]} is not a unit that I know"}
        (kind, size, zero), (other_kind, other_size, other_zero) = _UNITS[source], _UNITS[target]
        if kind != other_kind:
            return {"error": f"{source} is a {kind}, {target} is a {other_kind}"}
        answer = (number * size + zero - other_zero) / other_size
        return {"answer": f"{round(answer, self._digits).normalize():f} {target}"}
