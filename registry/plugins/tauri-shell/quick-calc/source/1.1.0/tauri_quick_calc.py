"""Calculates while you type: arithmetic with units, such as ``(3 km + 200 m) / 4 in mi``.

In: a text. Out: the answer as text, or why there is none. The text is read by a parser of its own; it is never
evaluated as a program.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, DecimalException, localcontext
from typing import Any

from tauri_quick_units import CalcError, Quantity, unit_called

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|([A-Za-z]+)|([-+*/^()]))")
_LONGEST = 200
_DEEPEST = 30
_LARGEST_EXPONENT = 1000
_EXACT = Context(prec=34, Emax=99999, Emin=-99999)


class _Parser:
    """Reads one text from left to right; each method consumes what it names."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._depth = 0

    def answer(self) -> str:
        quantity = self._sum()
        if self._next() in ("in", "to"):
            self._take()
            unit = self._take()
            return f"{_shown(quantity.number_in(unit))} {unit}"
        if self._next():
            raise CalcError(f"I do not understand {self._next()!r} here")
        return _shown(quantity.number) + (f" {_FIRST_UNIT[quantity.dimension]}" if quantity.dimension else "")

    def _sum(self) -> Quantity:
        left = self._product()
        while self._next() in ("+", "-"):
            sign = 1 if self._take() == "+" else -1
            left = left.plus(self._product(), sign)
        return left

    def _product(self) -> Quantity:
        left = self._power()
        while self._next() in ("*", "/"):
            left = left.times(self._power()) if self._take() == "*" else left.divided_by(self._power())
        return left

    def _power(self) -> Quantity:
        base = self._signed()
        if self._next() != "^":
            return base
        self._take()
        exponent = self._deeper(self._power)
        if base.dimension or exponent.dimension:
            raise CalcError("only bare numbers have powers")
        if abs(exponent.number) > _LARGEST_EXPONENT:
            raise CalcError(f"exponents go up to {_LARGEST_EXPONENT}")
        if not base.number and exponent.number < 0:
            raise CalcError("division by zero")
        return Quantity(base.number**exponent.number)

    def _signed(self) -> Quantity:
        if self._next() == "-":
            self._take()
            if self._tokens[1:2] and self._tokens[1].upper() in ("C", "F", "K"):
                return self._atom(-1)  # -3 C is a temperature below zero, not the opposite of 3 C
            inner = self._deeper(self._power)
            return Quantity(-inner.number, inner.dimension)
        return self._atom()

    def _atom(self, sign: int = 1) -> Quantity:
        token = self._take()
        if token == "(":
            inner = self._deeper(self._sum)
            if self._take() != ")":
                raise CalcError("a bracket is not closed")
            return inner
        if not token[0].isdigit() and token[0] != ".":
            raise CalcError(f"a number belongs where {token!r} stands")
        number = sign * Decimal(token)
        if self._next_is_unit():
            unit = unit_called(self._take())
            return Quantity(number * unit.size + unit.zero, unit.dimension)
        return Quantity(number)

    def _deeper(self, read: Any) -> Quantity:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise CalcError("the brackets are too deep")
        inner = read()
        self._depth -= 1
        return inner

    def _next(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _next_is_unit(self) -> bool:
        # "in" is a unit too: 5 in in cm.
        after = self._tokens[1] if len(self._tokens) > 1 else ""
        return self._next().isalpha() and (self._next() not in ("in", "to") or after in ("in", "to"))

    def _take(self) -> str:
        if not self._tokens:
            raise CalcError("the text ends too early")
        return self._tokens.pop(0)


_FIRST_UNIT = {"length": "m", "weight": "kg", "time": "s", "volume": "l", "amount of data": "B", "temperature": "K"}


def _tokens(text: str) -> list[str]:
    if len(text) > _LONGEST:
        raise CalcError(f"the text is longer than {_LONGEST} characters")
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise CalcError(f"I do not understand {text[at:].strip()[:1]!r}")
        tokens.append(match.group().strip())
        at = match.end()
    return tokens


def _shown(number: Decimal) -> str:
    rounded = round(number, 6) if abs(number) < 10**20 else number
    return f"{rounded.normalize():f}" if abs(rounded) < 10**20 else f"{rounded:.6E}"


def calculate(text: str) -> str:
    """Return the answer to `text`.

    Raises:
        CalcError: it cannot be calculated.
    """
    with localcontext(_EXACT):
        try:
            return _Parser(text).answer()
        except DecimalException as error:
            raise CalcError("the number is too large or has no answer") from error


class Plugin:
    """What the shell loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        pass

    def calculate(self, text: str) -> dict[str, Any]:
        """Return the answer to `text`, or why there is none."""
        try:
            return {"answer": calculate(text)}
        except CalcError as error:
            return {"error": str(error)}
