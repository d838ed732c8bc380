"""Runs the tools that other registries are reached through: git, pip, npm.

In: a command as a list, and the few environment variables it needs. Out: what it printed. Never through a shell, never
longer than a deadline, never with more of the environment than asked for; what a tool prints is for the caller to read,
and is not shown to anybody, because it may hold addresses and credentials.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pluginry.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_KEPT: Final = frozenset(
    [
        "PATH",
        "TMPDIR",
        "TEMP",
        "TMP",
        "SYSTEMROOT",
        "COMSPEC",
        "PATHEXT",
        "LANG",
        "LC_ALL",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ]
    + [name for proxy in ("http_proxy", "https_proxy", "no_proxy", "all_proxy") for name in (proxy, proxy.upper())]
)
USER_FOLDERS: Final = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
"""Where tools find the configuration of the user."""
_POLL_S = 0.1
MAX_OUTPUT_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A process that ended: its exit ``status``, and what it printed."""

    status: int
    output: bytes
    errors: str


def environment(*names: str, prefixes: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the variables every tool needs, those of `names`, and those that start with one of `prefixes`."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name in names or name.lower().startswith(prefixes)
    }


def run_tool(
    command: Sequence[str],
    *,
    folder: Path,
    variables: Mapping[str, str],
    timeout_s: float,
    max_bytes: int | None = None,
    max_output_bytes: int = MAX_OUTPUT_BYTES,
    feed: bytes = b"",
) -> Finished:
    """Run `command` in `folder` and return how it ended; `feed` is its input.

    With `max_bytes` the process is stopped as soon as the files in `folder` take more than that.

    Raises:
        TransportError: it cannot be started, takes too long, fills the folder, or prints more than `max_output_bytes`.
    """
    tool = command[0]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        given.write(feed)
        given.seek(0)
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(variables),
                stdin=given,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as error:
            raise TransportError(
                f"{tool} cannot be started", why=error.strerror or "", hint=f"install {tool}"
            ) from error
        with process:
            _wait(process, tool, folder, ends_at=time.monotonic() + timeout_s, max_bytes=max_bytes)
        if output.seek(0, os.SEEK_END) > max_output_bytes:
            raise TransportError(f"{tool} prints more than {max_output_bytes:,} bytes")
        output.seek(0)
        errors.seek(0)
        return Finished(
            status=process.returncode,
            output=output.read(),
            errors=errors.read(MAX_OUTPUT_BYTES).decode(errors="replace"),
        )


def _wait(process: subprocess.Popen[bytes], tool: str, folder: Path, *, ends_at: float, max_bytes: int | None) -> None:
    try:
        while True:
            try:
                process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                pass
            else:
                return
            if time.monotonic() > ends_at:
                raise TransportError(f"{tool} takes too long", hint="try again when the network is better")
            if max_bytes is not None and _size_of(folder) > max_bytes:
                raise TransportError(f"{tool} brings more than {max_bytes:,} bytes")
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and those it started, if it still runs."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _size_of(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.lstat().st_size
        except FileNotFoundError:  # a temporary file of the tool
            continue
    return size
