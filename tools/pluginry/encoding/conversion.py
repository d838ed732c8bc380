"""Plain values to models: for each kind of value a function that is made once and used for every document.

In: a type of ours and plain values. Out: models, or a `DocumentError` that names the place, which is put together on
the way out of what was refused: of what is fine nobody asks where it stands. It reads nothing, and knows no document by
name: the door is documents.py.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from pluginry.encoding.quoting import quoted
from pluginry.errors import DocumentError
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from pluginry.model.versions import Version, VersionRange

Converter = Callable[[object], object]
_REMEMBERED = 1 << 12
"""So many different versions and names are made once: most of a marketplace are the same few."""


def parse_time(text: str) -> datetime:
    """Return the moment written as ``2026-01-31T23:59:59Z``.

    Raises:
        DocumentError: another form.

    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    # There are many spellings of a moment, but only one that is written back.
    if moment is None or moment.tzinfo is not UTC or time_as_text(moment) != text:
        raise DocumentError(f"{quoted(text)} is not a moment in UTC", why="it is written 2026-01-31T23:59:59Z")
    return moment


def time_as_text(moment: datetime) -> str:
    """Return `moment` to the second.

    Raises:
        DocumentError: it has no time zone, and would mean something else on every machine.

    """
    if moment.tzinfo is None:
        raise DocumentError("a moment without a time zone cannot be written", where=str(moment))
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def key_of(f: dataclasses.Field[Any]) -> str:
    """Return how a field is called in documents."""
    return str(f.metadata.get("key", f.name))


class _InsideError(Exception):
    """Something inside of a value was refused: ``error`` says why, ``path`` leads to it by keys and positions."""

    def __init__(self, error: DocumentError, path: tuple[str | int, ...]) -> None:
        super().__init__(error)
        self.error = error
        self.path = path


_REFUSED = (DocumentError, _InsideError)


def _inside(at: str | int, error: DocumentError | _InsideError) -> _InsideError:
    """Return what was refused as seen from around it."""
    return (
        _InsideError(error.error, (at, *error.path)) if isinstance(error, _InsideError) else _InsideError(error, (at,))
    )


def converted(kind: Any, value: object, *, what: str) -> object:
    """Return the plain `value` as a `kind`.

    Raises:
        DocumentError: it is not one; where is ``what:a.0.b``, or `what` alone.

    """
    try:
        return converter(kind)(value)
    except _InsideError as refused:
        error, where = refused.error, ":".join(filter(None, (what, ".".join(map(str, refused.path)))))
    except DocumentError as refused:
        error, where = refused, what
    raise DocumentError(error.what, where=where, why=error.why, hint=error.hint) from error


def _refusal(expected: str, value: object) -> DocumentError:
    return DocumentError(f"{quoted(value)} where {expected} belongs")


_PLAIN = {str: "a string", int: "a whole number", bool: "true or false", dict: "a mapping"}


@cache
def converter(kind: Any) -> Converter:
    """Return what converts values to `kind`: what a kind asks for is found out once, not for each value."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _optional(next(option for option in typing.get_args(kind) if option is not types.NoneType))
    if origin is tuple:
        kinds = typing.get_args(kind)
        return _list(kinds[0]) if kinds[-1] is Ellipsis else _row(kinds)
    if origin is Mapping:
        return _mapping(*typing.get_args(kind))
    return _named(kind)


def _named(kind: Any) -> Converter:
    if kind in _PLAIN:
        return _plain(kind)
    if kind is Any or kind is object:
        return lambda value: value
    if kind in FROM_TEXT or issubclass(kind, str):
        return _choice(kind) if issubclass(kind, Enum) else _text(FROM_TEXT.get(kind) or lru_cache(_REMEMBERED)(kind))
    return _model(kind)


def _plain(kind: type) -> Converter:
    def convert(value: object) -> object:
        if type(value) is not kind:
            raise _refusal(_PLAIN[kind], value)
        return value

    return convert


def _optional(kind: Any) -> Converter:
    inner = converter(kind)
    return lambda value: None if value is None else inner(value)


def _list(kind: Any) -> Converter:
    inner = converter(kind)

    def convert(value: object) -> object:
        if not isinstance(value, list):
            raise _refusal("a list", value)
        items: list[object] = []
        try:
            for item in value:
                items.append(inner(item))  # noqa: PERF401 - who fails is told by how many are there
        except _REFUSED as error:
            raise _inside(len(items), error) from error
        return tuple(items)

    return convert


def _row(kinds: tuple[Any, ...]) -> Converter:
    inner = [converter(kind) for kind in kinds]

    def convert(value: object) -> object:
        if not isinstance(value, list):
            raise _refusal("a list", value)
        if len(value) != len(inner):
            raise _refusal(f"a list of {len(inner)}", value)
        items: list[object] = []
        try:
            for to, item in zip(inner, value, strict=True):
                items.append(to(item))
        except _REFUSED as error:
            raise _inside(len(items), error) from error
        return tuple(items)

    return convert


def _mapping(key_kind: Any, value_kind: Any) -> Converter:
    to_key, to_value = converter(key_kind), converter(value_kind)

    def convert(value: object) -> object:
        if not isinstance(value, dict):
            raise _refusal("a mapping", value)
        items: dict[object, object] = {}
        for key, item in value.items():
            try:
                name = to_key(key)
                items[name] = to_value(item)
            except _REFUSED as error:
                raise _inside(key, error) from error
        return MappingProxyType(items)

    return convert


def _model(kind: Any) -> Converter:
    """Convert to a dataclass of ours; its fields are looked at when the first one is made, for it may hold itself."""

    def convert(value: object) -> object:
        if not isinstance(value, dict):
            raise _refusal("a mapping", value)
        arguments: dict[str, object] = {}
        for key, name, is_needed, to in _fields(kind):
            if key in value:
                try:
                    arguments[name] = to(value[key])
                except _REFUSED as error:
                    raise _inside(key, error) from error
            elif is_needed:
                raise DocumentError(f"{key!r} is missing")
        return kind(**arguments)

    return convert


class _Field(typing.NamedTuple):
    """How a field is called in documents and in the model, whether it must be there, and what converts to it."""

    key: str
    name: str
    is_needed: bool
    convert: Converter


@cache
def _fields(kind: Any) -> tuple[_Field, ...]:
    missing = dataclasses.MISSING
    hints = typing.get_type_hints(kind)
    return tuple(
        _Field(key_of(f), f.name, f.default is missing and f.default_factory is missing, converter(hints[f.name]))
        for f in dataclasses.fields(kind)
    )


def _choice(kind: type[Enum]) -> Converter:
    choices = {choice.value: choice for choice in kind}

    def convert(value: object) -> object:
        if not isinstance(value, str):
            raise _refusal("a string", value)
        try:
            return choices[value]
        except KeyError as error:
            raise _refusal(f"one of {', '.join(choices)}", value) from error

    return convert


def _text(make: Callable[[str], object]) -> Converter:
    def convert(value: object) -> object:
        if not isinstance(value, str):
            raise _refusal("a string", value)
        return make(value)

    return convert


FROM_TEXT: Mapping[type, Callable[[str], object]] = {
    PluginId: PluginId.parse,
    Version: lru_cache(_REMEMBERED)(Version),
    VersionRange: lru_cache(_REMEMBERED)(VersionRange),
    Digest: Digest,
    datetime: parse_time,
}
