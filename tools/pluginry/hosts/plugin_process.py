"""One question to one process: starts it, gives it a JSON document, reads a JSON document, and ends it.

In: a command, a request, a folder to work in, a time limit. Out: the reply as plain values. The process gets a
minimal environment, and whatever it started is ended with it. What it writes to standard error is passed on.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

from pluginry.errors import PluginryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
_MAX_REPLY_BYTES = 16 << 20


class PluginFailedError(PluginryError):
    """A plugin was called and did not answer."""

    code = "plugin-failed"


def converse(command: Sequence[str], request: Mapping[str, Any], *, folder: Path, timeout_s: float) -> Any:
    """Return what `command`, started in `folder`, answers to `request`.

    Raises:
        PluginFailedError: it cannot be started, takes longer than `timeout_s`, fails, or answers with something else
            than JSON.

    """
    variables = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env=variables,
            start_new_session=True,
        )
    except OSError as error:
        raise PluginFailedError("the plugin cannot be started", why=error.strerror or "") from error
    with process:
        try:
            output, _ = process.communicate(json.dumps(request).encode(), timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise PluginFailedError(f"the plugin did not answer within {timeout_s:g} seconds") from error
        finally:
            _end(process)
    return _parsed(output, process.returncode)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started, also what it left behind when it ended by itself."""
    if os.name != "posix":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # nothing is left, or only what is ending already
        return


def _parsed(output: bytes, status: int) -> Any:
    if status != 0:
        raise PluginFailedError("the plugin failed", why=f"its process ended with status {status}")
    if len(output) > _MAX_REPLY_BYTES:
        raise PluginFailedError("the plugin's answer is too long", why=f"{len(output):,} of {_MAX_REPLY_BYTES:,} bytes")
    try:
        return json.loads(output)
    except ValueError as error:
        raise PluginFailedError("the plugin did not answer with JSON", why=str(error)) from error
