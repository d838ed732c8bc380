"""Many releases scanned at once, by any executor of the shape of `concurrent.futures`: processes here, or a cluster.

In: releases whose packages lie in files that all workers can read, an executor. Out: the facts of each, as they come.
Each release is scanned in a process of its own with limits of time and memory: one that hangs, crashes or eats all
memory gives a finding, and the others go on. It records nothing.
"""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding import documents
from pluginry.errors import PluginryError
from pluginry.hosts.plugin_process import converse
from pluginry.model.facts import Facts
from pluginry.publisher.rescan import not_looked_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Executor

    from pluginry.encoding.content_store import ContentStore
    from pluginry.publisher.rescan import OutdatedRelease
    from pluginry.publisher.scan_setup import ScanSetup

_COMMAND: Final = (sys.executable, "-I", "-m", "pluginry.hosts.scan_process")
_TRIES: Final = 2  # a release is innocent of the first worker that dies with it
_IN_FLIGHT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLimits:
    """What one release may take: seconds, and bytes of memory."""

    seconds: float = 120
    memory_bytes: int = 2 << 30


DEFAULT_LIMITS: Final = ScanLimits()


def plain_setup(setup: ScanSetup) -> Mapping[str, Any]:
    """Return `setup` as plain values, which any worker can be sent."""
    return {
        "switches": documents.to_plain(setup.switches),
        "hosts": [documents.to_plain(profile) for profile in setup.hosts.values()],
        "osv": str(setup.osv.resolve()) if setup.osv else "",
        "rules": str(setup.rules.resolve()) if setup.rules else "",
    }


def scan_release(request: Mapping[str, Any], seconds: float, command: tuple[str, ...] = _COMMAND) -> Any:
    """Scan what `request` names in a process of its own, and return plain facts: what a worker does.

    Raises:
        PluginFailedError: the process came to no end in time, or to a bad one.
    """
    with TemporaryDirectory() as folder:
        return converse(command, request, folder=Path(folder), timeout_s=seconds)


def scan_all(
    releases: Iterable[OutdatedRelease],
    *,
    objects: ContentStore,
    setup: ScanSetup,
    new_executor: Callable[[], Executor],
    limits: ScanLimits = DEFAULT_LIMITS,
    work: Callable[[Mapping[str, Any], float], Any] = scan_release,
) -> Iterator[tuple[OutdatedRelease, Facts]]:
    """Yield each of `releases` with its facts, in the order in which they are done.

    A few are under way at a time, however many there are. When a worker dies, the executor is made anew, and what was
    under way is tried once more, alone; see `not_looked_at` for what is told of releases that fail.
    """
    plain = plain_setup(setup)
    waiting, tries = iter(releases), Counter[str]()
    again: list[OutdatedRelease] = []
    under_way: dict[Future[Any], OutdatedRelease] = {}
    executor = new_executor()
    try:
        while True:
            # What was under way when a worker died comes back alone: the next to die is not innocent.
            is_alone = any(tries[str(one)] for one in under_way.values())
            room = 0 if is_alone else 1 if again else _IN_FLIGHT
            while len(under_way) < room and (release := again.pop() if again else next(waiting, None)):
                request = _request(release, objects.path_of, plain, limits)
                under_way[_submitted(executor, work, request, limits.seconds)] = release
                room = 1 if tries[str(release)] else room
            if not under_way:
                return
            done = wait(under_way, return_when=FIRST_COMPLETED).done
            is_broken = any(isinstance(future.exception(), BrokenExecutor) for future in done)
            if is_broken:
                done = wait(under_way).done  # a broken executor gives up all that it was given
                executor.shutdown(wait=False)
                executor = new_executor()
            for future in done:
                release = under_way.pop(future)
                tries[str(release)] += 1
                if isinstance(future.exception(), BrokenExecutor) and tries[str(release)] < _TRIES:
                    again.append(release)
                else:
                    yield release, _outcome(future, release)
    finally:
        for future in under_way:
            future.cancel()
        executor.shutdown(wait=True)


def _submitted(executor: Executor, work: Callable[..., Any], *given: Any) -> Future[Any]:
    """Return the future of `work`; that of a broken executor has failed already."""
    try:
        return executor.submit(work, *given)
    except BrokenExecutor as error:
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed


def _outcome(future: Future[Any], release: OutdatedRelease) -> Facts:
    """Return the facts that a worker found, or that it found none."""
    try:
        return documents.construct(Facts, future.result(), what=f"facts of {release}")
    except PluginryError as error:
        return not_looked_at(release, str(error))
    except Exception as error:  # noqa: BLE001 - a cluster has its own ways to say that a worker is gone
        return not_looked_at(release, f"the worker is gone ({type(error).__name__})")


def _request(
    release: OutdatedRelease, path_of: Callable[[Any], Path], setup: Mapping[str, Any], limits: ScanLimits
) -> Mapping[str, Any]:
    packages = [
        {"path": str(path_of(one.sha256).resolve()), "platform": one.platform, "sha256": one.sha256.hex}
        for one in release.artifacts
    ]
    return {
        "packages": packages,
        "licence": release.licence,
        "setup": setup,
        "max_memory_bytes": limits.memory_bytes,
    }
