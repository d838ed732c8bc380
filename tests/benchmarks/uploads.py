"""How fast many small objects get to an S3 server: our publish stage, `aws s3 sync`, `rclone sync` of one folder.

The server is moto's, on this machine: it is slower than the way to a real one, and takes its share of the processors,
so compare the tools of one run and nothing else. Each has 16 requests at once. Rounds are interleaved: one of each
tool, then the next round, always into an empty prefix; then each is asked to do it again, when there is nothing to do.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.adapters.s3_store import PARALLELISM, S3Store
from pluginry.model.published import json_page
from pluginry.publisher.inventory import Inventory
from pluginry.publisher.publish import publish
from s3_servers import BUCKET, moto

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3_servers import S3Server

OURS = "pluginry (publish stage)"
ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The seconds of every round: into an ``empty`` place, and ``again`` when nothing has changed."""

    empty: list[float]
    again: list[float]


def tools() -> dict[str, Callable[[Path, str], None]]:
    """Return what is compared, by name: each brings a folder to a prefix. Those that are not installed are missing."""
    found: dict[str, Callable[[Path, str], None]] = {OURS: _publish}
    aws = [sys.executable, "-m", "awscli"] if importlib.util.find_spec("awscli") else [shutil.which("aws") or ""]
    if aws[-1] and _runs([*aws, "--version"]):
        found["aws s3 sync"] = lambda folder, prefix: _run([*aws, "s3", "sync", folder, f"s3://{BUCKET}/{prefix}"])
    if (rclone := shutil.which("rclone")) and _runs([rclone, "version"]):
        found["rclone sync"] = lambda folder, prefix: _run(_rclone(rclone, folder, prefix))
    return found


def uploads(count: int) -> tuple[dict[str, Upload], int]:
    """Return what every tool took for `count` objects, and how many bytes they were."""
    compared = tools()
    seconds = {name: Upload(empty=[], again=[]) for name in compared}
    with tempfile.TemporaryDirectory() as scratch, moto(_made(Path(scratch) / "server")) as server:
        folder = Path(scratch) / "objects"
        size = _write_objects(folder, count)
        with _environment(server, Path(scratch)):
            for number in range(ROUNDS):
                for kind in ("empty", "again"):
                    for name, work in compared.items():
                        prefix = f"{number}-{name.partition(' ')[0]}"
                        started = time.perf_counter()
                        work(folder, prefix)
                        getattr(seconds[name], kind).append(time.perf_counter() - started)
            _check(server, count, rounds=ROUNDS * len(compared))
    return seconds, size


def print_uploads(count: int) -> None:
    """Print the table."""
    seconds, size = uploads(count)
    title = f"{count:,} objects, {size:,} bytes, to S3"
    print(f"\n{title:<48}{'minimum s':>10}{'median s':>10}{'objects/s':>11}{'again s':>9}")
    for name, taken in seconds.items():
        least, median, again = min(taken.empty), statistics.median(taken.empty), statistics.median(taken.again)
        print(f"{name:<48}{least:>10.2f}{median:>10.2f}{count / median:>11.0f}{again:>9.2f}")


def _publish(folder: Path, prefix: str) -> None:
    store = S3Store.open(f"s3://{BUCKET}/{prefix}")
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    objects = (json_page(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files)
    publish(objects, store, timestamp_tag=None, known=Inventory.of(store))


def _rclone(program: str, folder: Path, prefix: str) -> list[str | Path]:
    at_once = str(PARALLELISM)
    where = ["--s3-provider", "Other", "--s3-env-auth", "--s3-endpoint", os.environ["AWS_ENDPOINT_URL"]]
    where += ["--s3-no-check-bucket", "--s3-region", os.environ["AWS_DEFAULT_REGION"]]
    return [program, "sync", folder, f":s3:{BUCKET}/{prefix}", "--transfers", at_once, "--checkers", at_once, *where]


def _write_objects(folder: Path, count: int) -> int:
    """Write objects as a marketplace has them, a few hundred bytes each; return how many bytes they are."""
    size = 0
    for number in range(count):
        path = folder / "v1" / "t" / f"{number % 256:02x}" / f"{number:064x}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(b'{"number":%d,"text":"%s"}' % (number, b"x" * (300 + number % 400)))
    return size


def _check(server: S3Server, count: int, *, rounds: int) -> None:
    pages = server.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    stored = sum("/v1/t/" in found["Key"] for page in pages for found in page.get("Contents", ()))
    if stored != count * rounds:
        raise AssertionError(f"{stored} objects arrived, not {count * rounds}")


@contextmanager
def _environment(server: S3Server, scratch: Path) -> Iterator[None]:
    """Let every tool find the server, and nothing of the machine's own settings."""
    config = scratch / "aws.ini"
    config.write_text(f"[default]\ns3 =\n  max_concurrent_requests = {PARALLELISM}\n", "utf-8")
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        server.environment | {"AWS_CONFIG_FILE": str(config), "RCLONE_CONFIG": str(scratch / "rclone.ini")}
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _run(command: list[str | Path]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _runs(command: list[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
