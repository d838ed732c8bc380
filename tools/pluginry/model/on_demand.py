"""Mappings that are made when somebody asks for their values: what nobody looks at costs nothing, or only its key.

In: what makes a value of a key, or a whole mapping. Out: a mapping that makes each only once. Who makes values says
what may go wrong then: it goes wrong where they are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

K = TypeVar("K")
V = TypeVar("V")


class OnDemand(Mapping[K, V]):
    """The values of `keys`, in their order, as `make` makes them; those `made` before are there already.

    Keys that are those of a mapping are asked there, not copied.
    """

    def __init__(self, keys: Iterable[K], make: Callable[[K], V], made: Mapping[K, V] | None = None) -> None:
        self._keys: Mapping[K, object] = keys if isinstance(keys, Mapping) else dict.fromkeys(keys)
        self._make = make
        self._made = dict(made or {})

    def __getitem__(self, key: K) -> V:
        try:
            return self._made[key]
        except KeyError:
            if key not in self._keys:
                raise
        made = self._made[key] = self._make(key)
        return made

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({[*self]})"


class Later(Mapping[K, V]):
    """What `make` returns, which is called once, when somebody asks."""

    def __init__(self, make: Callable[[], Mapping[K, V]]) -> None:
        self._make = make

    @cached_property
    def _all(self) -> Mapping[K, V]:
        return self._make()

    def __getitem__(self, key: K) -> V:
        return self._all[key]

    def __contains__(self, key: object) -> bool:
        return key in self._all

    def __iter__(self) -> Iterator[K]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._make})"
