"""Plain values to models: for each kind of value a function that is made once and used for every document.

In: a type of ours, plain values, and where they stand. Out: models, or a `DocumentError` that names the place.
It reads nothing, and knows no document by name: the door is documents.py.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any

from pluginry.encoding.quoting import quoted
from pluginry.errors import DocumentError
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from pluginry.model.versions import Version, VersionRange

Path = tuple[str | int, ...]
"""What the document is called, then keys and list positions down to a value."""
Converter = Callable[[object, Path], object]


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


def _refusal(path: Path, expected: str, value: object) -> DocumentError:
    return DocumentError(f"{quoted(value)} where {expected} belongs", where=_where(path))


def _where(path: Path) -> str:
    """Return ``document:a.0.b``, or the name of the document alone."""
    return ":".join(filter(None, (str(path[0]), ".".join(map(str, path[1:])))))


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
        return lambda value, _path: value
    if kind in FROM_TEXT or issubclass(kind, str):
        return _choice(kind) if issubclass(kind, Enum) else _text(FROM_TEXT.get(kind, kind))
    return _model(kind)


def _plain(kind: type) -> Converter:
    def convert(value: object, path: Path) -> object:
        if type(value) is not kind:
            raise _refusal(path, _PLAIN[kind], value)
        return value

    return convert


def _optional(kind: Any) -> Converter:
    inner = converter(kind)
    return lambda value, path: None if value is None else inner(value, path)


def _list(kind: Any) -> Converter:
    inner = converter(kind)

    def convert(value: object, path: Path) -> object:
        if not isinstance(value, list):
            raise _refusal(path, "a list", value)
        return tuple([inner(item, (*path, at)) for at, item in enumerate(value)])

    return convert


def _row(kinds: tuple[Any, ...]) -> Converter:
    inner = [converter(kind) for kind in kinds]

    def convert(value: object, path: Path) -> object:
        if not isinstance(value, list):
            raise _refusal(path, "a list", value)
        if len(value) != len(inner):
            raise _refusal(path, f"a list of {len(inner)}", value)
        return tuple([to(item, (*path, at)) for at, (to, item) in enumerate(zip(inner, value, strict=True))])

    return convert


def _mapping(key_kind: Any, value_kind: Any) -> Converter:
    to_key, to_value = converter(key_kind), converter(value_kind)

    def convert(value: object, path: Path) -> object:
        if not isinstance(value, dict):
            raise _refusal(path, "a mapping", value)
        return MappingProxyType(
            {to_key(key, (*path, key)): to_value(item, (*path, key)) for key, item in value.items()}
        )

    return convert


def _model(kind: Any) -> Converter:
    """Convert to a dataclass of ours; its fields are looked at when the first one is made, for it may hold itself."""

    def convert(value: object, path: Path) -> object:
        if not isinstance(value, dict):
            raise _refusal(path, "a mapping", value)
        arguments: dict[str, object] = {}
        for field in _fields(kind):
            if field.key in value:
                arguments[field.name] = field.convert(value[field.key], (*path, field.key))
            elif field.is_needed:
                raise DocumentError(f"{field.key!r} is missing", where=_where(path))
        return _made(lambda: kind(**arguments), path)

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
    def convert(value: object, path: Path) -> object:
        if not isinstance(value, str):
            raise _refusal(path, "a string", value)
        try:
            return kind(value)
        except ValueError as error:
            raise _refusal(path, f"one of {', '.join(str(one.value) for one in kind)}", value) from error

    return convert


def _text(make: Callable[[str], object]) -> Converter:
    def convert(value: object, path: Path) -> object:
        if not isinstance(value, str):
            raise _refusal(path, "a string", value)
        return _made(lambda: make(value), path)

    return convert


def _made(make: Callable[[], object], path: Path) -> object:
    """Return what `make` makes, or say where in the document the value refused to be made."""
    try:
        return make()
    except DocumentError as error:
        raise DocumentError(error.what, where=_where(path), why=error.why, hint=error.hint) from error


FROM_TEXT: Mapping[type, Callable[[str], object]] = {
    PluginId: PluginId.parse,
    Version: Version,
    VersionRange: VersionRange,
    Digest: Digest,
    datetime: parse_time,
}
