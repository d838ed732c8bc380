"""A store that sees every request to another one: to count them, to look in between, to let them fail or wait.

store = WatchedStore(MemoryStore(location="here"), before=failing_at(3))
with pytest.raises(TransportError):
    publish(objects, store, timestamp_tag=None)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pluginry.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.model.published import PublishedObject, StoredObject
    from pluginry.ports import ObjectStore

KEYS_A_REQUEST = 1000
T = TypeVar("T")
WRITES = ("create", "replace", "remove")


def _nothing(_request: Request) -> None:
    return


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of a store: the name of the operation, and the key; ``number`` counts from 0."""

    number: int
    operation: str
    key: str

    @property
    def is_write(self) -> bool:
        return self.operation in WRITES


@dataclass(slots=True)
class WatchedStore:
    """Passes requests on to ``inner``; ``before`` and ``after`` see each of them and may raise or wait."""

    inner: ObjectStore
    before: Callable[[Request], None] = _nothing
    after: Callable[[Request], None] = _nothing
    requests: list[Request] = field(default_factory=list)

    @property
    def location(self) -> str:
        return self.inner.location

    @property
    def parallelism(self) -> int:
        return self.inner.parallelism

    @property
    def writes(self) -> list[str]:
        """The keys that were written, in this order."""
        return [request.key for request in self.requests if request.is_write]

    def read(self, key: str) -> bytes:
        return self._watched("read", key, lambda: self.inner.read(key))

    def find(self, key: str) -> StoredObject | None:
        return self._watched("find", key, lambda: self.inner.find(key))

    def create(self, published: PublishedObject) -> bool:
        return self._watched("create", published.key, lambda: self.inner.create(published))

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        self._watched("replace", published.key, lambda: self.inner.replace(published, expected=expected))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        found = list(self.inner.list(prefix))
        for start in range(0, len(found) or 1, KEYS_A_REQUEST):
            part = found[start : start + KEYS_A_REQUEST]
            yield from self._watched("list", prefix, lambda part=part: part)

    def remove(self, key: str) -> None:
        self._watched("remove", key, lambda: self.inner.remove(key))

    def _watched(self, operation: str, key: str, work: Callable[[], T]) -> T:
        request = Request(len(self.requests), operation, key)
        self.requests.append(request)
        self.before(request)
        done = work()
        self.after(request)
        return done


def failing_at(number: int, *, writes_only: bool = False) -> Callable[[Request], None]:
    """Return what lets the request with this number fail, or the write with this number, and every later one."""
    seen = 0

    def check(request: Request) -> None:
        nonlocal seen
        if writes_only and not request.is_write:
            return
        seen += 1
        if seen > number:
            raise TransportError("the store is gone")

    return check
