"""Commands with a person at a terminal: their questions are answered as they come."""

from __future__ import annotations

import os
import select
import subprocess
import sys


def in_a_terminal(arguments: list[str], answers: list[tuple[str, str]]) -> str:
    """Run a command whose standard input is a terminal, answer its questions as they come, return what it said."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from pluginry.cli.main import run; run()", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "dumb"},
    )
    os.close(theirs)
    said = b""
    waiting = list(answers)
    last = 0
    while chunk := read_some(ours):
        said += chunk
        if waiting and said[last:].rstrip(b" ").endswith(b":") and waiting[0][0].encode() in said[last:]:
            last = len(said)
            os.write(ours, waiting.pop(0)[1].encode() + b"\n")
    os.close(ours)
    assert process.wait() == 0, said.decode()
    assert not waiting
    return said.decode()


def read_some(descriptor: int) -> bytes:
    ready, _, _ = select.select([descriptor], [], [], 30)
    try:
        return os.read(descriptor, 4096) if ready else b""
    except OSError:  # the other end of the terminal was closed
        return b""
