"""What `make bench` runs: measures commands and building blocks, prints a table, asserts nothing.

Every figure is the minimum and the median over several runs of a whole process or call, on this machine, with warm
caches. Compare figures of one run with each other, not with those of another machine.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.encoding import tree
from pluginry.encoding.archive import read_archive
from pluginry.encoding.archive_writer import NewMember, write_archive
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import TreeRoot
from pluginry.model.names import PluginId

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
RUNS = 5


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return minimum and median of the seconds that `work` takes, after one run that does not count."""
    work()
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds), statistics.median(seconds)


def python(*arguments: str) -> Callable[[], object]:
    """Return a function that runs a Python process."""
    return lambda: subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True)


def tree_of(count: int) -> tuple[TreeRoot, dict[Digest, bytes]]:
    """Return the root and the objects of a hash tree over `count` plugins."""
    record = BlobRef.of(b"record")
    planted = tree.plant({PluginId.parse(f"bench/plugin-{number}"): record for number in range(count)})
    root = TreeRoot(
        epoch=1,
        serial=1,
        generated=datetime(2026, 1, 1, tzinfo=UTC),
        plugins=count,
        releases=count,
        catalogue=record,
        fanout=planted.fanout,
        nodes=planted.nodes,
        shard=planted.shard,
    )
    return root, {Digest.of(body): body for body in planted.bodies}


def lookup(count: int) -> tuple[Callable[[], object], int]:
    """Return a lookup in a tree of `count` plugins, and the bytes that it reads."""
    root, bodies = tree_of(count)
    read: list[int] = []

    def fetch(ref: BlobRef) -> bytes:
        read.append(ref.size)
        return bodies[ref.sha256]

    wanted = PluginId.parse("bench/plugin-7")
    tree.lookup(root, wanted, fetch)
    return lambda: tree.lookup(root, wanted, fetch), sum(read)


def archive_of(folder: Path, count: int) -> Path:
    """Return a package with `count` files of 10,000 bytes."""
    path = folder / "package.zip"
    members = [NewMember(name="plugin.json", body=b"{}")]
    members += [NewMember(name=f"f/{number}", body=b"x" * 10_000) for number in range(count)]
    with path.open("wb") as stream:
        write_archive(stream, members)
    return path


def read_whole(path: Path) -> None:
    """Read a package with the strict reader, every byte of it."""
    with path.open("rb") as stream:
        read_archive(stream).check_contents()


def main() -> None:
    """Print the tables; uploads are compared where there is something to compare them with."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--uploads", type=int, default=10_000, metavar="N", help="objects to upload, 0 for none")
    uploads: int = options.parse_args().uploads
    client = "import pluginry.hosts.connections"
    find, read_bytes = lookup(100_000)
    with tempfile.TemporaryDirectory() as scratch:
        package = archive_of(Path(scratch), 200)
        rows = {
            "python itself": measured(python("-c", "pass")),
            "import the client library": measured(python("-c", client)),
            "pluginry --help": measured(python("-m", "pluginry", "--help")),
            "pluginry check registry": measured(python("-m", "pluginry", "check", "registry", "--quiet")),
            "plant a tree of 10,000 plugins": measured(lambda: tree_of(10_000)),
            f"look up 1 of 100,000 ({read_bytes:,} bytes)": measured(find),
            "strictly read a package of 200 files, 2 MB": measured(lambda: read_whole(package)),
        }
    print(f"Python {sys.version.split()[0]} on {sys.platform}; seconds, {RUNS} runs")
    print(f"{'what':<48}{'minimum':>10}{'median':>10}")
    for name, (least, median) in rows.items():
        print(f"{name:<48}{least:>10.4f}{median:>10.4f}")
    print_visits()
    print_searches()
    print_clients()
    from uploads import print_uploads, tools

    if uploads and len(tools()) > 1:
        print_uploads(uploads)


def print_clients() -> None:
    """Print how fast the client is beside pip, and what it fetches when something changed."""
    from client_speed import print_client_speed
    from deltas import print_deltas

    print_client_speed()
    print_deltas((10_000, 100_000))


def print_searches() -> None:
    """Print what searches in a large catalogue cost."""
    from searches import searches

    print(f"\n{'100,000 plugins; seconds':<64}{'minimum':>10}{'median':>10}")
    for name, work in searches(100_000).items():
        least, median = measured(work)
        print(f"{name:<64}{least:>10.4f}{median:>10.4f}")


def print_visits() -> None:
    """Print what a client's visits cost."""
    sys.path.insert(0, str(ROOT / "tests"))
    from visits import visits

    print(f"\n{'visits of a client; milliseconds':<48}{'minimum':>10}{'median':>10}{'requests':>10}{'bytes':>10}")
    with visits() as (market, planned):
        for visit in planned:
            milliseconds = []
            for _ in range(RUNS + 1):
                visit.prepare()
                market.store.requests.clear()
                started = time.perf_counter()
                visit.work()
                milliseconds.append((time.perf_counter() - started) * 1000)
            least, median = min(milliseconds[1:]), statistics.median(milliseconds[1:])
            read = [len(market.objects[key]) for key in market.store.requests if key in market.objects]
            print(f"{visit.about:<48}{least:>10.2f}{median:>10.2f}{len(market.store.requests):>10}{sum(read):>10,}")


if __name__ == "__main__":
    main()
