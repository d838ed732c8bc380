"""A short name for a value that changes whenever anything in it does: what something was made of, to compare later.

In: values of the model, and mappings, tuples and scalars of such. Out: a digest over every field of everything that can
be reached from them, also fields that are not shown or not compared; a class whose values are read on demand says
itself what that is, by a method ``made_of_parts``. It is made by the writer of `pickle`, for that is fast; nothing is
ever read back. Values that are equal, but were put together in another order, may get different digests: that costs
work, and never hides a change.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from types import FunctionType, MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pluginry.encoding.conversion import FROM_TEXT
from pluginry.model.digest import Digest
from pluginry.model.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

T = TypeVar("T")


class ByDigest(OnDemand[Digest, T]):
    """Values by the digest of the document that they are decoded from: the keys say everything about them.

    Where documents come from far away, `bring` fetches several at once.
    """

    def __init__(
        self,
        keys: Iterable[Digest],
        make: Callable[[Digest], T],
        bring: Callable[[Iterable[Digest]], None] = lambda _digests: None,
    ) -> None:
        super().__init__(keys, make)
        self._bring = bring

    def expect(self, digests: Iterable[Digest]) -> None:
        """Make ready for somebody who will ask for all of `digests`."""
        self._bring(digest for digest in digests if digest in self and digest not in self._made)


def only(values: Mapping[Digest, T], digests: Iterable[Digest]) -> Mapping[Digest, T]:
    """Return those of `values` with `digests`, as far as there are any; what is `ByDigest` stays so."""
    found = [digest for digest in digests if digest in values]
    if isinstance(values, ByDigest):
        return ByDigest(found, values.__getitem__)
    return {digest: values[digest] for digest in found}


class Fingerprints:
    """Names values. Those of the classes in `shared` are looked at once, however many values they are part of."""

    def __init__(self, shared: Collection[type] = ()) -> None:
        self._shared = frozenset(shared)
        self._known: dict[int, tuple[object, bytes]] = {}

    def of(self, value: object) -> str:
        """Return the name of `value`: 64 hexadecimal digits.

        Raises:
            TypeError: it holds something that is no value, such as an open file.

        """
        return self._digest(value).hex()

    def _digest(self, value: object) -> bytes:
        written = io.BytesIO()
        try:
            _Writer(written, self).dump(value)
        except (pickle.PicklingError, AttributeError) as error:
            raise TypeError(str(error)) from error
        return hashlib.sha256(written.getbuffer()).digest()

    def shared(self, value: object) -> bytes | None:
        """Return the digest of a value that is part of many; None for others."""
        kind: Any = type(value)
        if kind not in self._shared:
            return None
        known = self._known.get(id(value))
        if known is None:
            parts = _reader(kind)
            known = value, self._digest((kind.__qualname__, parts and parts(value)))
            self._known[id(value)] = known  # with the value itself, so that no other one gets its id
        return known[1]


class _Writer(pickle.Pickler):
    """Writes dataclasses as their class and all their fields, and functions by name: they belong to the program."""

    def __init__(self, stream: io.BytesIO, fingerprints: Fingerprints) -> None:
        super().__init__(stream, protocol=5)
        self.fast = True  # no references back: what is one object is written as two are; values have no cycles
        self._fingerprints = fingerprints

    def reducer_override(self, value: Any) -> Any:
        kind: Any = type(value)
        parts = _reader(kind)
        if parts is None:
            return NotImplemented
        digest = self._fingerprints.shared(value)
        # As if `tuple` made them all: the writer looks up each maker that it meets, and writes real tuples otherwise.
        return tuple, (parts(value) if digest is None else digest,)


@cache
def _reader(kind: Any) -> Callable[[Any], tuple[object, ...]] | None:
    """Return what takes values of this class apart, its name first; None for those that `pickle` takes apart itself."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    parts: Callable[[Any], object] | None = _PARTS.get(kind)
    if issubclass(kind, Enum):
        parts = attrgetter("name")
    elif parts is None and hasattr(kind, "made_of_parts"):
        parts = kind.made_of_parts
    elif parts is None and is_dataclass(kind):
        parts = attrgetter(*(field.name for field in fields(kind)))
    return parts and (lambda value: (name, parts(value)))


_PARTS: Final[Mapping[type, Callable[[Any], object]]] = {
    ByDigest: tuple,
    OnDemand: dict,
    MappingProxyType: dict,
    FunctionType: attrgetter("__module__", "__qualname__"),
    **dict.fromkeys(FROM_TEXT, str),
}
"""What there is to say of values that are no dataclasses."""
