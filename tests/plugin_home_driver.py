"""Drives plugin_home_process.py: children that change a plugin home, and are killed while they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from simulator import START

if TYPE_CHECKING:
    from collections.abc import Iterator


class Driver:
    """The process of plugin_home_process.py, which forks a child for every deed."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("plugin_home_process.py")), str(home), START.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
            text=True,
        )
        assert self._line() == "ready\n"  # until then it reads the home, which must not change meanwhile

    def start(self, deed: str) -> int:
        """Let a child do a deed and return its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{deed}\n")
        self._process.stdin.flush()
        return int(self._line())

    def die(self, number: int, deed: str) -> bool:
        """Let a child do a deed, killed before its call `number` of the file system; return whether it came to that."""
        self.start(f"die {number} {deed}")
        said = self._line()
        assert said in ("ended\n", "done 0\n"), said
        return said == "ended\n"

    def fill(self, number: int, deed: str) -> bool:
        """Let a child do a deed on a disk that is full from there on; return whether the client said so."""
        self.start(f"fill {number} {deed}")
        said = self._line()
        assert said in ("done 3\n", "done 0\n"), said
        return said == "done 3\n"

    def kill(self, child: int) -> None:
        os.kill(child, signal.SIGKILL)
        assert self._line() == "ended\n"

    def close(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def driving(home: Path) -> Iterator[Driver]:
    driver = Driver(home)
    try:
        yield driver
    finally:
        driver.close()
