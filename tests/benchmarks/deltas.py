"""What clients fetch when something changed: of a catalogue after so many releases, and of packages by delta.

The catalogue is made up. Packages are real ones if you have some: `--listing` is a JSON list of packages, each with its
``releases`` in order and their ``file``, and `--archives` the folder of these files (wheels, or tarballs of npm). Each
is packed as this marketplace packs it, and compared with the one before.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import sys
import tarfile
import tempfile
import time
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from searches import a_catalogue  # noqa: E402 - as above

from memory_store import MemoryStore  # noqa: E402 - found in the folder above
from pluginry.encoding import canonical_json  # noqa: E402 - as above
from pluginry.encoding.archive_writer import NewMember, write_archive  # noqa: E402 - as above
from pluginry.encoding.catalogue_delta import CatalogueRows, after_steps  # noqa: E402 - as above
from pluginry.encoding.catalogue_pack import unpack_catalogue, unpack_log  # noqa: E402 - as above
from pluginry.encoding.content_store import ContentStore  # noqa: E402 - as above
from pluginry.encoding.delta import apply_delta, make_delta  # noqa: E402 - as above
from pluginry.model import layout  # noqa: E402 - as above
from pluginry.model.digest import BlobRef  # noqa: E402 - as above
from pluginry.model.index import TreeRoot  # noqa: E402 - as above
from pluginry.publisher.catalogue_history import history_of  # noqa: E402 - as above
from pluginry.publisher.object_access import ObjectAccess  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LARGE = 1 << 28


def catalogue_rows(count: int, steps: int = 12) -> Iterator[tuple[str, int, float]]:
    """Yield what, bytes and seconds: a catalogue of `count` plugins, and what it costs to follow it."""
    chance = random.Random(count)  # noqa: S311 - the same catalogue each time
    plain = json.loads(a_catalogue(count))
    plain["plugins"].sort(key=lambda row: row["id"].split("/"))
    for row in plain["plugins"]:
        row["updated"] = _a_time(chance)
        row["trust"] = ["signed_by_registry"]
    with tempfile.TemporaryDirectory() as scratch:
        store = MemoryStore(location="bench")
        access = ObjectAccess(ContentStore(Path(scratch)), store)
        bodies: list[bytes] = []
        roots: list[TreeRoot] = []
        seconds: list[float] = []
        for step in range(steps + 1):
            if step:
                row = chance.choice(plain["plugins"])
                row["channels"], row["updated"] = {"stable": f"2.{step}.0"}, _a_time(chance)
            body = canonical_json.encode(plain)
            started = time.perf_counter()
            history = history_of(body, previous=roots[-1] if roots else None, access=access)
            seconds.append(time.perf_counter() - started)
            if history is None:
                raise ValueError(count)
            for key, made in history.objects(access):
                store.objects[key] = made if isinstance(made, bytes) else made.read_bytes()
            store.objects[layout.node_key(BlobRef.of(body).sha256)] = body
            bodies.append(body)
            roots.append(_root(body, history.log))
            if step in (0, 1, 10):
                packed = store.read(layout.packed_key(history.log.sha256))
                log = unpack_log(packed, max_bytes=_LARGE)
                if step == 0:
                    whole = store.read(layout.packed_key(log.base.packed.sha256))
                    yield f"{count:,}: the catalogue as it is", len(body), 0.0
                    yield f"{count:,}: the same with gzip", len(gzip.compress(body, 6)), 0.0
                    yield (
                        f"{count:,}: first fetch, packed",
                        len(whole) + len(packed),
                        _seconds(
                            lambda whole=whole: unpack_catalogue(whole, max_bytes=_LARGE)  # type: ignore[misc]  # bound at once
                        ),
                    )
                else:
                    says = log.since(BlobRef.of(bodies[0])) or ()
                    if after_steps(bodies[0], says) != body:
                        raise ValueError(step)
                    yield (
                        f"{count:,}: {step} releases behind",
                        len(packed),
                        _seconds(
                            lambda says=says: after_steps(bodies[0], says)  # type: ignore[misc]  # bound at once
                        ),
                    )
        yield f"{count:,}: publisher, first log and packing", 0, seconds[0]
        yield f"{count:,}: publisher, one release more", 0, min(seconds[1:])
        if CatalogueRows.of(bodies[-1]).joined() != bodies[-1]:
            raise ValueError(count)


def package_rows(listing: Path, archives: Path) -> Iterator[tuple[str, int, float]]:
    """Yield what, bytes and seconds, over all pairs of neighbouring releases that are there."""
    import bsdiff4  # type: ignore[import-untyped]  # it has no types
    import pyzstd

    def as_prefix(old: bytes, new: bytes) -> bytes:
        options: dict[int, int] = {
            int(pyzstd.CParameter.compressionLevel): 19,
            int(pyzstd.CParameter.windowLog): max((len(old) + len(new)).bit_length(), 10),
            int(pyzstd.CParameter.enableLongDistanceMatching): 1,
        }
        return pyzstd.compress(new, options, pyzstd.ZstdDict(old, is_raw=True).as_prefix)

    ways: dict[str, Callable[[bytes, bytes], bytes]] = {
        "package as it is stored": lambda _old, new: new,
        "package with gzip": lambda _old, new: gzip.compress(new, 6),
        "package with zstd 19": lambda _old, new: pyzstd.compress(new, 19),
        "delta: zstd 19, earlier package as dictionary (ours)": make_delta,
        "delta: zstd 19 as --patch-from makes it": as_prefix,
        "delta: bsdiff4": bsdiff4.diff,
    }
    pairs = list(_pairs(listing, archives))
    yield f"{len(pairs)} updates; the files as their authors published them", sum(size for *_, size in pairs), 0.0
    for name, way in ways.items():
        started = time.perf_counter()
        sizes = [len(way(old, new)) for old, new, _ in pairs]
        yield name, sum(sizes), time.perf_counter() - started
    deltas = [(old, new, make_delta(old, new)) for old, new, _ in pairs]
    yield (
        "what clients fetch: deltas up to half of a package, else it",
        sum(len(delta) if 2 * len(delta) <= len(new) else len(new) for _, new, delta in deltas),
        0.0,
    )
    started = time.perf_counter()
    if any(apply_delta(old, delta, size=len(new)) != new for old, new, delta in deltas):
        raise ValueError("a delta leads elsewhere")
    yield "applying all of ours", 0, time.perf_counter() - started


def _pairs(listing: Path, archives: Path) -> Iterator[tuple[bytes, bytes, int]]:
    for package in json.loads(listing.read_text()):
        files = [archives / release["file"] for release in package["releases"]]
        there = [(_packed(file), file.stat().st_size) for file in files if file.is_file()]
        for (old, _), (new, size) in pairwise(there):
            yield old, new, size


def _packed(file: Path) -> bytes:
    """Return the files of an archive as a package."""
    if file.suffix == ".tgz":
        with tarfile.open(file) as tar:
            parts = [(one.name.partition("/")[2], tar.extractfile(one)) for one in tar if one.isfile()]
            files = {name: stream.read() for name, stream in parts if stream}
    else:
        with zipfile.ZipFile(file) as archive:
            files = {one.filename: archive.read(one) for one in archive.infolist() if not one.is_dir()}
    out = io.BytesIO()
    members = [NewMember(name=f"plugin/{name}", body=body) for name, body in files.items()]
    write_archive(out, [NewMember(name="plugin.json", body=b"{}"), *members])
    return out.getvalue()


def _a_time(chance: random.Random) -> str:
    hour, minute, second = chance.randint(0, 23), chance.randint(0, 59), chance.randint(0, 59)
    return f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T{hour:02}:{minute:02}:{second:02}Z"


def _root(body: bytes, log: BlobRef) -> TreeRoot:
    from datetime import UTC, datetime

    return TreeRoot(
        epoch=1,
        serial=1,
        generated=datetime(2026, 1, 1, tzinfo=UTC),
        plugins=0,
        releases=0,
        catalogue=BlobRef.of(body),
        catalogue_log=log,
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def print_deltas(counts: tuple[int, ...], listing: Path | None = None, archives: Path | None = None) -> None:
    """Print the table."""
    print(f"\n{'what clients fetch':<64}{'bytes':>12}{'seconds':>10}")
    for count in counts:
        for name, size, seconds in catalogue_rows(count):
            print(f"{name:<64}{size:>12,}{seconds:>10.3f}")
    if listing and archives:
        for name, size, seconds in package_rows(listing, archives):
            print(f"{name:<64}{size:>12,}{seconds:>10.3f}")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--plugins", type=int, action="append", metavar="N", help="size of a catalogue")
    options.add_argument("--listing", type=Path)
    options.add_argument("--archives", type=Path)
    given = options.parse_args()
    print_deltas(tuple(given.plugins or (10_000, 100_000)), given.listing, given.archives)
