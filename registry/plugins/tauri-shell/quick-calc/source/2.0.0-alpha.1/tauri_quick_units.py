"""Quantities: numbers with a dimension, and the units that they are written in.

In: exact decimals and names of units. Out: quantities, kept in the first unit of their dimension. Never guesses: an
unknown unit is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

PLAIN = ""
TEMPERATURE = "temperature"


class CalcError(ValueError):
    """The text cannot be calculated; the message says why."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its dimension, its size and its zero point in the dimension's first unit."""

    dimension: str
    size: Decimal
    zero: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a dimension; the dimension of bare numbers is `PLAIN`."""

    number: Decimal
    dimension: str = PLAIN

    def plus(self, other: Quantity, sign: int) -> Quantity:
        """Return the sum, or with a `sign` of -1 the difference."""
        if self.dimension != other.dimension:
            raise CalcError(f"{self.kind} and {other.kind} cannot be added")
        if self.dimension == TEMPERATURE:
            raise CalcError("temperatures can be converted but not added")
        return Quantity(self.number + sign * other.number, self.dimension)

    def times(self, other: Quantity) -> Quantity:
        """Return the product; at most one of the two has a dimension."""
        if self.dimension and other.dimension:
            raise CalcError(f"{self.kind} times {other.kind} has no unit here")
        if TEMPERATURE in (self.dimension, other.dimension):
            raise CalcError("temperatures can be converted but not multiplied")
        return Quantity(self.number * other.number, self.dimension or other.dimension)

    def divided_by(self, other: Quantity) -> Quantity:
        """Return the quotient; of two equal dimensions it is a bare number."""
        if not other.number:
            raise CalcError("division by zero")
        if other.dimension not in (PLAIN, self.dimension) or self.dimension == TEMPERATURE:
            raise CalcError(f"{self.kind} divided by {other.kind} has no unit here")
        dimension = PLAIN if other.dimension else self.dimension
        return Quantity(self.number / other.number, dimension)

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return f"a {self.dimension}" if self.dimension else "a number"

    def number_in(self, name: str) -> Decimal:
        """Return the number in the unit called `name`."""
        unit = unit_called(name)
        if unit.dimension != self.dimension:
            raise CalcError(f"{self.kind} cannot be written in {name}")
        return (self.number - unit.zero) / unit.size


def unit_called(name: str) -> Unit:
    """Return the unit that is written `name`."""
    unit = UNITS.get(name) or UNITS.get(name.lower()) or UNITS.get(name.upper())
    if unit is None:
        raise CalcError(f"{name} is not a unit that I know")
    return unit


def _units(dimension: str, sizes: Mapping[str, str]) -> dict[str, Unit]:
    return {name: Unit(dimension, Decimal(size)) for name, size in sizes.items()}


_FAHRENHEIT = Decimal(5) / Decimal(9)
UNITS: Mapping[str, Unit] = MappingProxyType(
    _units("length", {"m": "1", "mm": "0.001", "cm": "0.01", "km": "1000", "in": "0.0254", "ft": "0.3048"})
    | _units("length", {"yd": "0.9144", "mi": "1609.344", "nmi": "1852"})
    | _units("weight", {"kg": "1", "g": "0.001", "t": "1000", "oz": "0.028349523125", "lb": "0.45359237"})
    | _units("time", {"s": "1", "min": "60", "h": "3600", "d": "86400"})
    | _units("volume", {"l": "1", "ml": "0.001", "gal": "3.785411784", "pt": "0.473176473"})
    | _units("amount of data", {"B": "1", "kB": "1e3", "MB": "1e6", "GB": "1e9", "KiB": "1024"})
    | _units("amount of data", {"MiB": "1048576", "GiB": "1073741824"})
    | {
        "K": Unit(TEMPERATURE, Decimal(1)),
        "C": Unit(TEMPERATURE, Decimal(1), Decimal("273.15")),
        "F": Unit(TEMPERATURE, _FAHRENHEIT, Decimal("273.15") - 32 * _FAHRENHEIT),
    }
)
