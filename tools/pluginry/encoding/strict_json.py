"""JSON that every parser reads alike, or not at all.

In: bytes from anywhere, already checked against their digest where one is known. Out: plain values.
Never accepts two spellings of a meaning that parsers disagree about: repeated keys, floats, integers beyond 2^53,
lone surrogates, other encodings. Uses nothing but the standard library, because the client depends on it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 16
MAX_INTEGER = 2**53 - 1
_MAX_DIGITS = 17  # with the sign: enough for MAX_INTEGER, too few to make int() slow
# The closing quote is optional and the repetition never backtracks, so that hostile text costs linear time.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_FEW_BYTES = 1 << 16
_BRACKETS = b"[]{}"
_NOT_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_BOM = b"\xef\xbb\xbf"


def parse(data: bytes, *, what: str, max_bytes: int, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value of the JSON document `data`; `what` names it in errors.

    A document of a single object has depth 1.

    Raises:
        DocumentError: larger than `max_bytes`, nested deeper than `max_depth`, or not strict JSON.

    """
    if len(data) > max_bytes:
        raise DocumentError("the document is too large", where=what, why=f"at most {max_bytes:,} bytes are allowed")
    if data.startswith(_BOM):
        raise DocumentError("this is not strict JSON", where=what, why="it starts with a byte order mark")
    _check_depth(data, what, max_depth)
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=partial(_object, what),
            parse_int=partial(_integer, what),
            parse_float=partial(_refuse_number, what),
            parse_constant=partial(_refuse_number, what),
        )
    except UnicodeDecodeError as error:
        raise DocumentError("this is not strict JSON", where=what, why=f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        place = f"{what}:{error.lineno}:{error.colno}"
        raise DocumentError("this is not JSON", where=place, why=error.msg) from error
    if _SURROGATE_ESCAPE.search(data):
        _check_surrogates(value, what)
    return value


def parse_lines(data: bytes, *, what: str, max_bytes: int, max_depth: int = MAX_DEPTH) -> Iterator[tuple[int, Any]]:
    r"""Yield line number (from 1) and value of each line of the JSON Lines file `data`.

    Every line ends with ``\n``, the last one too, so that appending never changes a line that was there.

    Raises:
        DocumentError: larger than `max_bytes`, a blank line, another line end, or a line that is not strict JSON.

    """
    if len(data) > max_bytes:
        raise DocumentError("the document is too large", where=what, why=f"at most {max_bytes:,} bytes are allowed")
    *lines, rest = data.split(b"\n")
    for number, line in enumerate(lines, start=1):
        place = f"{what}:{number}"
        if b"\r" in line:
            raise DocumentError("this is not JSON Lines", where=place, why="a line ends with a line feed only")
        if not line.strip():
            raise DocumentError("this is not JSON Lines", where=place, why="the line is blank")
        yield number, parse(line, what=place, max_bytes=max_bytes, max_depth=max_depth)
    if rest:
        place = f"{what}:{len(lines) + 1}"
        raise DocumentError("this is not JSON Lines", where=place, why="the last line does not end with a line feed")


def _check_depth(data: bytes, what: str, max_depth: int) -> None:
    """Count brackets before parsing, because the parser itself recurses."""
    if data.count(b"[") + data.count(b"{") <= max_depth:
        return
    depth = 0
    is_simple = len(data) <= _FEW_BYTES and b"\\" not in data  # then every second quote ends a string
    outside = b"".join(data.split(b'"')[::2]) if is_simple else _STRING.sub(b"", data)
    for bracket in outside.translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > max_depth:
            why = f"at most {max_depth} levels are allowed"
            raise DocumentError("the document is nested too deeply", where=what, why=why)


def _object(what: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise DocumentError("this is not strict JSON", where=what, why=f"the key {repeated[:60]!r} stands twice")
    return result


def _integer(what: str, digits: str) -> int:
    if len(digits) > _MAX_DIGITS or abs(number := int(digits)) > MAX_INTEGER:
        raise DocumentError(
            "this is not strict JSON", where=what, why=f"{digits[:20]} is beyond what every reader keeps exact (2^53)"
        )
    return number


def _refuse_number(what: str, literal: str) -> NoReturn:
    raise DocumentError("this is not strict JSON", where=what, why=f"{literal[:20]} is not a whole number")


def _check_surrogates(value: object, what: str) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise DocumentError("this is not strict JSON", where=what, why="it holds half of a character") from error
