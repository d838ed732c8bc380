"""A home that can only be read: questions are answered all the same, and what would change it says why it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RIGHTS = "-dac_override,-dac_read_search,-fowner"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Return a home with a plugin, and a newer version to be had, in which nothing can be written."""
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/demo", "1.0.0")
    shelf.publish()
    shelf.add()
    shelf.run("install", "acme/demo", "--enable")
    shelf.market.release("acme/demo", "1.1.0")
    shelf.publish()
    shelf.run("source", "refresh")
    folders = [shelf.home, *(path for path in shelf.home.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    yield shelf.home
    for folder in folders:
        folder.chmod(0o700)


def pluginry(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody for whom rights count: an administrator has to be without the one to ignore them."""
    mighty = hasattr(os, "geteuid") and os.geteuid() == 0
    if mighty and shutil.which("setpriv") is None:
        pytest.skip("runs as an administrator, and setpriv is not installed")
    ahead = ["setpriv", "--bounding-set", _RIGHTS, "--inh-caps", _RIGHTS] if mighty else []
    command = [*ahead, sys.executable, "-m", "pluginry", *words, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "words", [("list",), ("verify",), ("show", "acme/demo"), ("search", "demo"), ("audit",), ("update", "--check")]
)
def test_reading_goes_on(home: Path, words: tuple[str, ...]) -> None:
    done = pluginry(*words, home=home)
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr
    assert "acme/demo" in done.stdout or words in (("verify",), ("audit",))


@pytest.mark.parametrize(
    "words",
    [
        ("update",),
        ("update", "--stage"),
        ("disable", "acme/demo"),
        ("remove", "acme/demo"),
        ("source", "refresh"),
        ("source", "remove", "market"),
    ],
)
def test_what_would_change_it_says_why_it_cannot(home: Path, words: tuple[str, ...]) -> None:
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    done = pluginry(*words, home=home)
    assert done.returncode not in (0, 1, 2), done
    assert "Permission denied" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
