"""Runs real servers for tests: a process that is stopped again, a free port, the moment at which it answers.

with running([sys.executable, "-m", "some.server", str(port)], folder):
    wait_for(f"http://127.0.0.1:{port}/")
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_PATIENCE_S = 60.0
_POLL_S = 0.05
SAID = "said.log"


def free_port() -> int:
    """Return a port of loopback on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(command: Sequence[str | Path], folder: Path) -> Iterator[None]:
    """Run a server in `folder` until the block ends, or this process does; what it says goes to a file there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "COV_"))}
    with (folder / SAID).open("ab") as said:
        keeper = subprocess.Popen(
            [sys.executable, "-S", "-c", _KEEPER, *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        yield
    finally:
        keeper.communicate()


_KEEPER = """
import subprocess, sys
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
sys.stdin.read()
server.terminate()
try:
    server.wait(10)
except subprocess.TimeoutExpired:
    server.kill()
"""
"""Its input ends when the tests do, even when they are killed, and it ends the server: some leave the process group."""


def wait_for(address: str) -> None:
    """Return when a server at `address` answers anything at all."""
    ends_at = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - an address of loopback that a test made
                return
        except HTTPError as error:
            error.close()
            return
        except (URLError, ConnectionError, TimeoutError):
            if time.monotonic() > ends_at:
                raise
            time.sleep(_POLL_S)
