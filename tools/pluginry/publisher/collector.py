"""Python's search for reference cycles, put off while very many values are made that all stay."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile, also as a decorator, and later only among what is made later.

    Loading makes millions of values and next to no cycles, and each search goes through all of them again: a third of
    the time at 10,000 plugins, for nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
