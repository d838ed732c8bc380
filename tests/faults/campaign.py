"""Kills a real publisher process again and again: ``python -m faults.campaign FOLDER folder|s3 EVERY``.

A process without threads prepares everything once and forks a publisher for each point: before every operation on the
store, and in a folder also within every write, when the object lies there under another name. After each death it
checks what clients see, lets the next run finish, and compares. It prints its figures as JSON. The S3 store is that of
the AWS variables of the environment, in another prefix for each point.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from faults.prepared import Prepared
from pluginry.adapters.folder_store import FolderStore
from pluginry.model.layout import METADATA_PREFIX, PACKAGES_PREFIX, TARGETS_PREFIX, TURN_KEY
from s3_servers import BUCKET
from watched_store import Request, WatchedStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.ports import ObjectStore

_READ_BY_CLIENTS = ("v1/t/", "v1/a/", METADATA_PREFIX, PACKAGES_PREFIX, TARGETS_PREFIX)


@dataclass(slots=True)
class Countdown:
    """Kills this process at the point number `left`."""

    left: int

    def tick(self, _request: Request | None = None) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


@dataclass(frozen=True, slots=True)
class KilledFolderStore(FolderStore):
    """A point is also the moment between writing a file and giving it its name."""

    countdown: Countdown

    def _written(self, body: bytes | Path, path: str) -> str:
        new = FolderStore._written(self, body, path)
        self.countdown.tick()
        return new


@dataclass(slots=True, kw_only=True)
class Campaign:
    """What is done at each point: `fresh` gives the store as it was before, `killed` one that kills its publisher."""

    prepared: Prepared
    fresh: Callable[[int], tuple[ObjectStore, Path]]
    killed: Callable[[int, ObjectStore], ObjectStore]
    figures: Counter[str]
    _checked: set[str]

    def run(self, every: int) -> None:
        """Go through every so many points until a publisher lives to the end."""
        point = 0
        while self._kill_at(point):
            point += every

    def _kill_at(self, point: int) -> bool:
        store, inventories = self.fresh(point)
        if not self._is_killed(lambda: self.prepared.publish(self.killed(point, store), inventories)):
            self.figures["undisturbed"] += 1
            self.prepared.check_finished(store)
            return False
        self.figures["killed"] += 1
        state = {stored.key: store.read(stored.key) for stored in store.list()}
        if self._is_new({key: body for key, body in state.items() if key.startswith(_READ_BY_CLIENTS)}):
            self.prepared.check_clients(store)
            self.figures["clients"] += 2
        if self._is_new(state):
            self.prepared.check_pages(store)
            self.prepared.publish(store, inventories)
            self.prepared.check_finished(store)
            self.prepared.check_clients(store)
            assert self.prepared.publish(store, inventories).written == 0
            self.figures["finished by the next run"] += 1
        return True

    def _is_new(self, state: dict[str, bytes]) -> bool:
        """Return whether this state of the store was not looked at yet: reading does not change it."""
        if TURN_KEY in state:  # who holds it is drawn anew each time
            state = {**state, TURN_KEY: state[TURN_KEY].partition(b'"holder"')[0]}
        digest = hashlib.sha256(repr(sorted(state.items())).encode()).hexdigest()
        is_new = digest not in self._checked
        self._checked.add(digest)
        return is_new

    def _is_killed(self, work: Callable[[], object]) -> bool:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work()
                status = 0
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0
        return os.WIFSIGNALED(ended)


def folder_campaign(prepared: Prepared, folder: Path) -> Campaign:
    """Return the campaign against a folder; files are never written in place, so that links are copies."""
    template, place = folder / "template", folder / "place"
    prepared.seed(FolderStore(template / "dist"))

    def fresh(_point: int) -> tuple[ObjectStore, Path]:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(template, place, copy_function=os.link)
        return FolderStore(place / "dist"), place / "inventories"

    def killed(point: int, store: ObjectStore) -> ObjectStore:
        assert isinstance(store, FolderStore)
        countdown = Countdown(point)
        return WatchedStore(KilledFolderStore(store.root, countdown), before=countdown.tick)

    return Campaign(prepared=prepared, fresh=fresh, killed=killed, figures=Counter(), _checked=set())


def s3_campaign(prepared: Prepared, folder: Path) -> Campaign:
    """Return the campaign against the S3 server of the environment."""
    from pluginry.adapters.s3_store import S3Store

    ours = S3Store.open(f"s3://{BUCKET}")

    def fresh(point: int) -> tuple[ObjectStore, Path]:
        store = replace(ours, at=replace(ours.at, prefix=f"point-{point}/"))
        prepared.seed(store)
        return store, folder / f"inventories-{point}"

    def killed(point: int, _store: ObjectStore) -> ObjectStore:
        store = S3Store.open(f"s3://{BUCKET}/point-{point}")  # each process has its own connections
        return WatchedStore(store, before=Countdown(point).tick)

    return Campaign(prepared=prepared, fresh=fresh, killed=killed, figures=Counter(), _checked=set())


def main() -> None:
    """Run a campaign and print its figures."""
    folder, kind, every = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    prepared = Prepared.at(folder)
    campaign = folder_campaign(prepared, folder) if kind == "folder" else s3_campaign(prepared, folder)
    campaign.run(every)
    print(json.dumps(campaign.figures))  # noqa: T201 - the answer of a program


if __name__ == "__main__":
    main()
