"""The one way to write a value as JSON: RFC 8785, so that equal values have equal bytes and equal digests.

In: plain values (dict, list, tuple, str, int, bool, None). Out: bytes. Never writes what `strict_json` would refuse.
"""

from __future__ import annotations

import json
from typing import Any

from pluginry.encoding.quoting import path_as_text, quoted
from pluginry.encoding.strict_json import MAX_INTEGER
from pluginry.errors import DocumentError

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def encode(value: Any) -> bytes:
    """Return `value` as canonical JSON.

    Raises:
        DocumentError: it holds a float, an integer of 2^53 or more, half a character, or something that is not JSON.

    """
    try:
        if _is_common(value):
            return _as_json(value).encode()
    except (UnicodeEncodeError, RecursionError):
        pass  # the exact writer says what is wrong
    return _encode_exactly(value)


def _encode_exactly(value: Any) -> bytes:
    import rfc8785

    try:
        _check_numbers(value, ())
        return bytes(rfc8785.dumps(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise DocumentError("this value cannot be written as JSON", why=str(error)) from error


def encode_line(value: Any) -> bytes:
    """Return `value` as one line of a JSON Lines file; raises as `encode` does."""
    return encode(value) + b"\n"


def _is_common(value: Any) -> bool:
    """Return whether the standard library, which is many times as fast, writes `value` as RFC 8785 asks.

    It does where all keys are ASCII (others it may order differently) and nothing is in there that cannot be written.
    """
    kind = type(value)
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii() or (type(item) is not str and not _is_common(item)):
                return False
        return True
    if kind is list or kind is tuple:
        return all(map(_is_common, value))
    return kind is str or value is None or kind is bool or (kind is int and -MAX_INTEGER <= value <= MAX_INTEGER)


def _check_numbers(value: object, path: tuple[str | int, ...]) -> None:
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > MAX_INTEGER):
        raise DocumentError(
            "this value cannot be written as JSON",
            where=path_as_text(path),
            why=f"{quoted(value)} is not a whole number below 2^53",
        )
    if isinstance(value, dict):
        for key, item in value.items():
            _check_numbers(item, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check_numbers(item, (*path, index))
