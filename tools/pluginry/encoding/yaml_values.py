"""The value of a document with which nothing is wrong: nearly all are like that, and nobody asks where things stand.

In: text that was found fit to be parsed. Out: its value, or `AMISS` as soon as anything would be a finding: then
yaml_reader.py reads it from the beginning and says what and where. It never sees a document otherwise than that does:
a test holds them to each other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding.yaml_text import hidden_character_in

if TYPE_CHECKING:
    from collections.abc import Callable

    import yaml

AMISS: Final = object()
"""Instead of a value: there is something to say about the document."""
_MAX_INTEGER: Final = 2**53 - 1  # what every JSON reader keeps exact
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,15}")


class _AmissError(Exception):
    """Something in the document is amiss."""


def value_in(text: str, *, max_depth: int) -> object:
    """Return the value of `text`, or `AMISS`; a document of a single mapping has depth 1."""
    import yaml

    try:
        # libyaml's parser where PyYAML was built with it, several times as fast
        take = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text).get_event
        return _Reader(take, has_escapes="\\" in text).document(max_depth)
    except (yaml.YAMLError, ValueError, OverflowError, _AmissError):
        return AMISS


def plain_value(text: str) -> str | int | bool | None:
    """Return what a scalar without quotes says."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text) and abs(int(text)) <= _MAX_INTEGER:
        return int(text)
    return text


class _Reader:
    """Takes the parser's events and returns what they say, each call so many as its value has."""

    __slots__ = ("_has_escapes", "_take")

    def __init__(self, take: Callable[[], Any], *, has_escapes: bool) -> None:
        self._take = take
        self._has_escapes = has_escapes

    def document(self, max_depth: int) -> object:
        self._take()
        start = self._take()
        if type(start).__name__ != "DocumentStartEvent" or start.version or start.tags:
            raise _AmissError
        value = self._value(self._take(), max_depth)
        self._take()
        if type(self._take()).__name__ != "StreamEndEvent":
            raise _AmissError
        return value

    def _value(self, event: Any, depth: int) -> object:
        """Return the value that starts with `event`; collections may be nested so deep in it."""
        kind = type(event).__name__  # by name, for the classes are PyYAML's, which is imported when it is needed
        if kind == "ScalarEvent":
            text = self._text(event)
            return text if event.style else plain_value(text)
        if not depth or event.anchor is not None or kind == "AliasEvent" or event.tag is not None:
            raise _AmissError
        return self._mapping(depth - 1) if kind == "MappingStartEvent" else self._list(depth - 1)

    def _mapping(self, depth: int) -> dict[str, object]:
        mapping: dict[str, object] = {}
        take = self._take
        while type(event := take()).__name__ == "ScalarEvent":
            key = self._text(event)
            if key in mapping or (not event.style and (key == "<<" or plain_value(key) is not key)):
                raise _AmissError
            mapping[key] = self._value(take(), depth)
        if type(event).__name__ != "MappingEndEvent":
            raise _AmissError
        return mapping

    def _list(self, depth: int) -> list[object]:
        items: list[object] = []
        take = self._take
        while type(event := take()).__name__ != "SequenceEndEvent":
            items.append(self._value(event, depth))
        return items

    def _text(self, event: yaml.ScalarEvent) -> str:
        text: str = event.value
        if event.anchor is not None or event.tag is not None or (self._has_escapes and hidden_character_in(text)):
            raise _AmissError
        return text
