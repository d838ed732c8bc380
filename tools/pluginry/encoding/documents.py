"""The one door between documents and models: plain values in, dataclasses out, and back.

The shape of every document is defined by its JSON Schema; here fields are picked and converted and
nothing else. Unknown keys are ignored (published documents may grow; registry documents are held to
their schema before they come here). Fields equal to their default are left out when writing.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pluginry.encoding import canonical_json, strict_json
from pluginry.encoding.conversion import FROM_TEXT, converted, key_of, parse_time, time_as_text
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from pluginry.model.ledger import Event

__all__ = ["MAX_DOCUMENT_BYTES", "construct", "decode", "encode", "parse_time", "to_event", "to_plain"]

T = TypeVar("T")
MAX_DOCUMENT_BYTES = 32 << 20
_PLAIN = frozenset({str, int, bool, type(None)})
_NOTHING = object()  # equal to no value


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
    return typing.cast(T, converted(kind, value, what=what))


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
    kind: Any = type(model)
    return model if kind in _PLAIN else _writer(kind)(model)


@cache
def _writer(kind: type) -> Callable[[Any], Any]:
    """Return what writes values of this class: it is found out once, not for each value."""
    if issubclass(kind, tuple | list):
        return lambda items: [item if type(item) in _PLAIN else to_plain(item) for item in items]
    if issubclass(kind, Mapping):
        return lambda items: {str(to_plain(key)): to_plain(value) for key, value in items.items()}
    if dataclasses.is_dataclass(kind) and kind not in FROM_TEXT:
        fields = _written_fields(kind)
        return lambda model: {
            key: value if type(value) in _PLAIN else to_plain(value)  # most are, and a call takes longer than asking
            for name, key, default in fields
            if (value := getattr(model, name)) != default
        }
    return _scalar_writer(kind)


def _scalar_writer(kind: type) -> Callable[[Any], Any]:
    if issubclass(kind, datetime):
        return time_as_text
    if issubclass(kind, Enum):
        return lambda choice: choice.value
    return str if issubclass(kind, str) or kind in FROM_TEXT else lambda value: value


def _written_fields(kind: type) -> tuple[tuple[str, str, object], ...]:
    """Return name and key of each field, and the value that is left out: its default, as a rule."""
    return tuple((f.name, key_of(f), _left_out(f)) for f in dataclasses.fields(kind))


def _left_out(f: dataclasses.Field[Any]) -> object:
    if f.metadata.get("always"):
        return _NOTHING
    if f.default_factory is not dataclasses.MISSING:
        return f.default_factory()
    return _NOTHING if f.default is dataclasses.MISSING else f.default
