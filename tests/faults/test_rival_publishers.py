"""Several publishers at once, each a process with its own checkout: one state after the other, and never a mixture."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faults.rival import store_at
from pluginry.adapters.store_transport import StoreTransport
from pluginry.errors import PublishConflictError
from s3_servers import BUCKET
from workshop import Workshop

if TYPE_CHECKING:
    from s3_servers import S3Server

TESTS = Path(__file__).resolve().parents[1]


def checkouts(folder: Path, address: str, count: int) -> list[Workshop]:
    """Publish a first state, and return checkouts that each say something else."""
    first = Workshop.at(folder / "first", plugins=count)
    first.publish(store_at(address))
    rivals = []
    for number in range(count):
        rival = first.copy(folder / f"rival{number}")
        listing = f"plugins/bench/plugin-{number}/listing.yaml"
        rival.change(listing, "A generated plugin", f"What rival {number} says")
        rivals.append(rival)
    return rivals


def race(rivals: list[Workshop], address: str, folder: Path) -> list[int]:
    """Let all publish at once, with a client that comes by all the time; return how they ended."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "faults.rival", str(rival.root), address],
            cwd=TESTS,
            env=os.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rival in rivals
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    transport, visits = StoreTransport(store_at(address)), 0
    while any(process.poll() is None for process in processes):
        rivals[0].visit(folder / f"home{visits % 3}", transport, "bench/plugin-0")
        visits += 1
    ended = [(process.communicate()[1], process.returncode) for process in processes]
    assert all(status in (0, PublishConflictError.exit_status) for _, status in ended), ended
    return [status for _, status in ended]


def address_of(kind: str, request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if kind == "folder":
        return str(folder / "dist")
    server: S3Server = request.getfixturevalue("moto_server")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{folder.name}"


@pytest.mark.parametrize(("kind", "count"), [("folder", 2), ("folder", 4), ("s3", 3)])
def test_one_wins_others_start_over_and_the_last_word_is_whole(
    kind: str, count: int, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = address_of(kind, request, tmp_path, monkeypatch)
    rivals = checkouts(tmp_path, address, count)
    assert 0 in race(rivals, address, tmp_path)
    store = store_at(address)
    for rival in rivals[:2]:  # whoever goes on alone gets what it wants, to the byte
        rival.publish(store)
        assert rival.differences(store) == ()
    rivals[0].visit(tmp_path / "fresh", StoreTransport(store), "bench/plugin-0", "bench/plugin-1")
