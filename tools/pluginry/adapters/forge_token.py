"""Finds the token for GitHub: a variable, else the login of the command ``gh``.

In: the environment. Out: the token, or empty text. It is never printed, logged or given to a process as an argument.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pluginry.adapters.tool_process import USER_FOLDERS, environment, run_tool
from pluginry.errors import TransportError

VARIABLES: Final = ("GH_TOKEN", "GITHUB_TOKEN")
_TIMEOUT_S: Final = 20.0


def forge_token(host: str) -> str:
    """Return the token for the forge at `host`; empty when nobody is logged in."""
    for name in VARIABLES:
        if token := os.environ.get(name, "").strip():
            return token
    try:
        done = run_tool(
            ["gh", "auth", "token", "--hostname", host],
            folder=Path.cwd(),
            variables=environment(*USER_FOLDERS, "GH_CONFIG_DIR", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"),
            timeout_s=_TIMEOUT_S,
        )
    except TransportError:  # it is not installed
        return ""
    return done.output.decode(errors="replace").strip() if done.status == 0 else ""
