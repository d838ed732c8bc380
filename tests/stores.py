"""Words that tests of object stores share."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from pluginry.errors import BusyError
from pluginry.model.published import CachePolicy, Phase, PublishedObject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.ports import ObjectStore


def tag_of(store: ObjectStore, key: str) -> str:
    found = store.find(key)
    assert found is not None
    return found.tag


def a_package(file: Path) -> PublishedObject:
    """Return a package whose content is that of `file`."""
    return PublishedObject(
        key="v1/packages/acme/demo/1.0.0/demo-1.0.0.zip",
        body=file,
        media_type="application/zip",
        cache=CachePolicy.IMMUTABLE,
        phase=Phase.ARTIFACT,
    )


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Return what `work` gives for the numbers below `count`, done by as many threads; None where it met another."""
    results: list[Any] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait()
        try:
            results.append(work(number))
        except BusyError:
            results.append(None)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == count
    return results
