"""A library that others load in passing, and that few need: found now, loaded when somebody first uses it.

In: the name of a module, and a place in the program where others import it. Out: the same module, a moment later. Only
a command does this, while it is alone in its process: libraries that are loaded late are not made for many threads.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.machinery import PathFinder
from importlib.util import LazyLoader
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


@contextmanager
def imported_late(name: str) -> Iterator[None]:
    """Within, an import of the module `name` loads it when something in it is first asked for; one there stays."""
    finder = _Late(name)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Late:
    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
