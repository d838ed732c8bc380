"""Writes YAML that every reader understands alike, and that a person would have written.

In: plain values (mappings with text keys, lists, text, whole numbers, booleans, None). Out: text that `strict_yaml`
reads back as the same values; the same values give the same bytes. Never: anchors, tags, folded texts, line wrapping.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN = re.compile(r"[A-Za-z0-9/_(][A-Za-z0-9 /_.,;'()+@<>=-]*")
# What some reader of YAML takes for a number, a time or a date.
_NUMBER_LIKE = re.compile(r"0[xob][0-9A-Fa-f_]*|[0-9][0-9_.,eE:+-]*")
_RELEASE = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(-[a-z]+\.[0-9]+)?")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def write_yaml(document: Mapping[str, object]) -> bytes:
    """Return `document` as YAML in block style with two spaces; keys keep their order."""
    return "".join(f"{line}\n" for line in _mapping(document)).encode()


def _mapping(values: Mapping[str, object]) -> Iterator[str]:
    for key, value in values.items():
        yield from _entry(f"{_scalar(key)}:", value)


def _entry(head: str, value: object) -> Iterator[str]:
    """Yield `value` behind or below its key."""
    if isinstance(value, dict) and value:
        yield head
        yield from (f"  {line}" for line in _mapping(value))
    elif isinstance(value, list) and value:
        yield head
        for item in value:
            yield from (f"  {line}" for line in _item(item))
    else:
        yield f"{head} {_scalar(value)}"


def _item(value: object) -> Iterator[str]:
    """Yield `value` as an item of a list: what it holds stands behind the dash."""
    if isinstance(value, dict) and value:
        lines = list(_mapping(value))
    elif isinstance(value, list) and value:
        lines = [line for item in value for line in _item(item)]
    else:
        lines = [_scalar(value)]
    yield f"- {lines[0]}"
    yield from (f"  {line}" for line in lines[1:])


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return value if _is_plain(value) else _quoted(value)
    if value in ({}, []):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as YAML")


def _is_plain(text: str) -> bool:
    if not _PLAIN.fullmatch(text) or text.endswith(" ") or text.lower() in _WORDS:
        return False
    return bool(_RELEASE.fullmatch(text)) or not _NUMBER_LIKE.fullmatch(text)


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(char) or _visible(char) for char in text) + '"'


def _visible(char: str) -> str:
    return char if char.isprintable() else f"\\U{ord(char):08x}"
