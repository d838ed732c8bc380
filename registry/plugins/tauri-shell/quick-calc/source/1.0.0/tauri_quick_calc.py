"""Calculates while you type: ``(3 + 4) * 2.5``.

In: a text. Out: the answer as text, or why there is none. The text is read by a parser of its own; it is never
evaluated as a program.
"""

from __future__ import annotations

import re
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Any

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([-+*/()]))")
_LONGEST = 200


class CalcError(ValueError):
    """The text cannot be calculated; the message says why."""


class _Parser:
    """Reads one text from left to right; each method consumes what it names."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens

    def answer(self) -> Decimal:
        number = self._sum()
        if self._tokens:
            raise CalcError(f"I do not understand {self._tokens[0]!r} here")
        return number

    def _sum(self) -> Decimal:
        left = self._product()
        while self._next() in ("+", "-"):
            left = left + self._product() if self._take() == "+" else left - self._product()
        return left

    def _product(self) -> Decimal:
        left = self._atom()
        while self._next() in ("*", "/"):
            left = left * self._atom() if self._take() == "*" else left / self._atom()
        return left

    def _atom(self) -> Decimal:
        token = self._take()
        if token == "-":
            return -self._atom()
        if token == "(":
            inner = self._sum()
            if self._take() != ")":
                raise CalcError("a bracket is not closed")
            return inner
        if not token[0].isdigit():
            raise CalcError(f"a number belongs where {token!r} stands")
        return Decimal(token)

    def _next(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _take(self) -> str:
        if not self._tokens:
            raise CalcError("the text ends too early")
        return self._tokens.pop(0)


def calculate(text: str) -> str:
    """Return the answer to `text`.

    Raises:
        CalcError: it cannot be calculated.
    """
    if len(text) > _LONGEST:
        raise CalcError(f"the text is longer than {_LONGEST} characters")
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise CalcError(f"I do not understand {text[at:].strip()[:1]!r}")
        tokens.append(match.group().strip())
        at = match.end()
    try:
        return f"{round(_Parser(tokens).answer(), 6).normalize():f}"
    except (DivisionByZero, InvalidOperation) as error:
        raise CalcError("division by zero, or a number that is too large") from error


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
