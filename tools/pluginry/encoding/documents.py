"""The one door between documents and models: plain values in, dataclasses out, and back.

The shape of every document is defined by its JSON Schema; here fields are picked and converted and
nothing else. Unknown keys are ignored (published documents may grow; registry documents are held to
their schema before they come here). Fields equal to their default are left out when writing.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pluginry.encoding import canonical_json, strict_json
from pluginry.encoding.quoting import quoted
from pluginry.errors import DocumentError
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from pluginry.model.versions import Version, VersionRange

if TYPE_CHECKING:
    from pluginry.model.ledger import Event

T = TypeVar("T")
MAX_DOCUMENT_BYTES = 32 << 20
_Path = tuple[str | int, ...]
"""What the document is called, then keys and list positions down to a value."""


def decode(kind: type[T], data: bytes, *, what: str, max_bytes: int = MAX_DOCUMENT_BYTES) -> T:
    """Return the JSON document `data` as a `kind`; `what` names it in errors.

    Raises:
        DocumentError: not strict JSON, or not of that shape.

    """
    return construct(kind, strict_json.parse(data, what=what, max_bytes=max_bytes), what=what)


def encode(model: object) -> bytes:
    """Return `model` as canonical JSON (RFC 8785)."""
    return canonical_json.encode(to_plain(model))


def construct(kind: type[T], value: object, *, what: str) -> T:
    """Return the plain `value` as a `kind`.

    Raises:
        DocumentError: a field is missing or of another shape; its path stands in the message.

    """
    return typing.cast(T, _convert(kind, value, (what,)))


def to_event(value: object, *, what: str) -> Event:
    """Return a line of the ledger as the event it is.

    Raises:
        DocumentError: not an event.

    """
    name = value.get("event") if isinstance(value, dict) else None
    kind = _events().get(name) if isinstance(name, str) else None
    if kind is None:
        raise DocumentError("this line is not an event of the ledger", where=what)
    return construct(kind, value, what=what)


@cache
def _events() -> Mapping[str, type[Event]]:
    """Return the model of each event; only who reads ledgers pays for them."""
    from pluginry.model.ledger import Amended, Attested, Listed, Released, Rescanned, Transferred

    return MappingProxyType(
        {
            "listed": Listed,
            "transferred": Transferred,
            "released": Released,
            "attested": Attested,
            "amended": Amended,
            "rescanned": Rescanned,
        }
    )


def to_plain(model: object) -> Any:
    """Return `model` as dicts, lists, strings, integers and booleans."""
    if dataclasses.is_dataclass(model) and not isinstance(model, type):
        if isinstance(model, PluginId | Version | VersionRange | Digest):
            return str(model)
        return {
            _key(f): to_plain(value)
            for f in dataclasses.fields(model)
            if _is_written(f, value := getattr(model, f.name))
        }
    if isinstance(model, Mapping):
        return {str(to_plain(key)): to_plain(value) for key, value in model.items()}
    if isinstance(model, tuple | list):
        return [to_plain(item) for item in model]
    return _scalar_to_plain(model)


def _scalar_to_plain(model: object) -> object:
    if isinstance(model, datetime):
        return _time_as_text(model)
    if isinstance(model, Enum):
        return model.value
    return str(model) if isinstance(model, str) else model


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
    if moment is None or moment.tzinfo is not UTC or _time_as_text(moment) != text:
        raise DocumentError(f"{quoted(text)} is not a moment in UTC", why="it is written 2026-01-31T23:59:59Z")
    return moment


def _time_as_text(moment: datetime) -> str:
    """Return `moment` to the second; what has no time zone would mean something else on every machine."""
    if moment.tzinfo is None:
        raise DocumentError("a moment without a time zone cannot be written", where=str(moment))
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _key(f: dataclasses.Field[Any]) -> str:
    return str(f.metadata.get("key", f.name))


def _is_written(f: dataclasses.Field[Any], value: object) -> bool:
    if f.metadata.get("always"):
        return True
    if f.default is not dataclasses.MISSING:
        return bool(value != f.default)
    if f.default_factory is not dataclasses.MISSING:
        return bool(value != f.default_factory())
    return True


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _refusal(path: _Path, expected: str, value: object) -> DocumentError:
    return DocumentError(f"{quoted(value)} where {expected} belongs", where=_where(path))


def _where(path: _Path) -> str:
    """Return ``document:a.0.b``, or the name of the document alone."""
    return ":".join(filter(None, (str(path[0]), ".".join(map(str, path[1:])))))


def _convert(kind: Any, value: object, path: _Path) -> object:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _convert_optional(kind, value, path)
    if origin is tuple:
        return _convert_tuple(kind, value, path)
    if origin is Mapping:
        return _convert_mapping(kind, value, path)
    if kind in (str, int, bool, dict):
        if type(value) is not kind:
            raise _refusal(path, _PLAIN[kind], value)
        return value
    if kind is Any or kind is object:
        return value
    return _convert_named(kind, value, path)


_PLAIN = {str: "a string", int: "a whole number", bool: "true or false", dict: "a mapping"}


def _convert_optional(kind: Any, value: object, path: _Path) -> object:
    if value is None:
        return None
    inner = next(option for option in typing.get_args(kind) if option is not types.NoneType)
    return _convert(inner, value, path)


def _convert_tuple(kind: Any, value: object, path: _Path) -> object:
    if not isinstance(value, list):
        raise _refusal(path, "a list", value)
    kinds = typing.get_args(kind)
    if kinds[-1] is Ellipsis:
        return tuple(_convert(kinds[0], item, (*path, at)) for at, item in enumerate(value))
    if len(value) != len(kinds):
        raise _refusal(path, f"a list of {len(kinds)}", value)
    return tuple(_convert(k, item, (*path, at)) for at, (k, item) in enumerate(zip(kinds, value, strict=True)))


def _convert_mapping(kind: Any, value: object, path: _Path) -> object:
    if not isinstance(value, dict):
        raise _refusal(path, "a mapping", value)
    key_kind, value_kind = typing.get_args(kind)
    return MappingProxyType(
        {_convert(key_kind, key, (*path, key)): _convert(value_kind, item, (*path, key)) for key, item in value.items()}
    )


def _convert_named(kind: Any, value: object, path: _Path) -> object:
    """Convert to a class of ours: from a string for validated values, from a mapping for the others."""
    if kind in (PluginId, Version, VersionRange, Digest, datetime) or issubclass(kind, str):
        return _convert_text(kind, value, path)
    if not isinstance(value, dict):
        raise _refusal(path, "a mapping", value)
    arguments: dict[str, object] = {}
    for f in dataclasses.fields(kind):
        key = _key(f)
        if key in value:
            arguments[f.name] = _convert(_hints(kind)[f.name], value[key], (*path, key))
        elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise DocumentError(f"{key!r} is missing", where=_where(path))
    with _placed(path):
        return kind(**arguments)


def _convert_text(kind: Any, value: object, path: _Path) -> object:
    if not isinstance(value, str):
        raise _refusal(path, "a string", value)
    if issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError as error:
            raise _refusal(path, f"one of {', '.join(kind)}", value) from error
    make = {PluginId: PluginId.parse, datetime: parse_time}.get(kind, kind)
    with _placed(path):
        return make(value)


@contextmanager
def _placed(path: _Path) -> Iterator[None]:
    """Say where in the document it was, when a value refuses to be made."""
    try:
        yield
    except DocumentError as error:
        raise DocumentError(error.what, where=_where(path), why=error.why, hint=error.hint) from error
