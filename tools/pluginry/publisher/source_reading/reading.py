"""What is told about one source file, whatever language it is in.

In: the name and the bytes of a file. Out: a `SourceReading`. It never runs or imports anything, and never raises for
what is in a file: what cannot be read is told as that.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

MAX_SOURCE_BYTES: Final = 2 << 20
"""Larger files are told to be unreadable: their parsers would take too long."""
MAX_PACKAGE_SOURCE_BYTES: Final = 8 << 20
"""What a package has beyond that is not read either: a syntax tree takes seconds for each million bytes."""
_PYTHON = (".py", ".pyw", ".pyi")
_JAVASCRIPT = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
_STUBS = (".pyi", ".d.ts", ".d.mts", ".d.cts")
_MAX_TOLD = 400


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Use:
    """In `line` the source reaches for ``what``, which is access of the ``kind`` that `access_kinds` knows."""

    line: int
    kind: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReading:
    """What a file uses, where it runs text that it decodes first (``disguised``), and why it could not be read."""

    uses: tuple[Use, ...] = ()
    disguised: tuple[Use, ...] = ()
    unreadable: str = ""


NOTHING_READ: Final = SourceReading()
TOO_LONG: Final = SourceReading(unreadable=f"it is larger than {MAX_SOURCE_BYTES:,} bytes")

TOO_MUCH: Final = SourceReading(unreadable=f"it comes after the first {MAX_PACKAGE_SOURCE_BYTES:,} bytes of source")


def lacking_parser() -> str:
    """Return which parser is not installed, or empty text: without it nobody could read half of the sources."""
    return "" if find_spec("tree_sitter_javascript") else "tree-sitter-javascript is not installed"


def is_source(name: str) -> bool:
    """Return whether a file called `name` is read; stubs of types are not, for nobody runs them."""
    lowered = name.lower()
    return lowered.endswith((*_PYTHON, *_JAVASCRIPT)) and not lowered.endswith(_STUBS)


def read_source(name: str, data: bytes) -> SourceReading:
    """Return what the source file `name` with the content `data` does; an empty reading for other files."""
    if not is_source(name):
        return NOTHING_READ
    if len(data) > MAX_SOURCE_BYTES:
        return TOO_LONG
    if name.lower().endswith(_PYTHON):
        from pluginry.publisher.source_reading.python import read_python

        reading = read_python(data)
    else:
        from pluginry.publisher.source_reading.javascript import read_javascript

        reading = read_javascript(data)
    return SourceReading(
        uses=_bounded(reading.uses), disguised=_bounded(reading.disguised), unreadable=reading.unreadable
    )


def _bounded(uses: tuple[Use, ...]) -> tuple[Use, ...]:
    """Return the first so many; where there are more, the first of each kind is among them: no use hides another."""
    every = sorted(set(uses))
    if len(every) <= _MAX_TOLD:
        return tuple(every)
    firsts = {use.kind: use for use in reversed(every)}
    others = [use for use in every if use != firsts[use.kind]]
    return tuple(sorted((*firsts.values(), *others[: _MAX_TOLD - len(firsts)])))
