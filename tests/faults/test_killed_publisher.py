"""A publisher that is killed at any moment: nothing that clients read is spoiled, and the next run finishes the job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from s3_servers import S3Server

TESTS = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked, and killed by a signal")


def campaign(folder: Path, kind: str, *, every: int, environment: dict[str, str] | None = None) -> dict[str, int]:
    """Run a campaign in a process of its own, because this one may have threads; return its figures."""
    done = subprocess.run(
        [sys.executable, "-m", "faults.campaign", str(folder), kind, str(every)],
        cwd=TESTS,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures: dict[str, int] = json.loads(done.stdout)
    return figures


def test_killed_at_every_operation_on_a_folder_and_within_every_write(tmp_path: Path) -> None:
    figures = campaign(tmp_path, "folder", every=1)
    assert figures["killed"] >= 55
    assert figures["finished by the next run"] >= 20
    assert figures["clients"] >= 15
    assert figures["undisturbed"] == 1


def test_killed_at_every_ninth_operation_on_s3(moto_server: S3Server, tmp_path: Path) -> None:
    figures = campaign(tmp_path, "s3", every=9, environment=moto_server.environment)
    assert figures["killed"] >= 5
    assert figures["clients"] >= 4
    assert figures["undisturbed"] == 1
