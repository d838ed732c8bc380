"""What a worker does with a scan that goes wrong: functions that another process can import."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pluginry.hosts.scan_work import scan_release

if TYPE_CHECKING:
    from collections.abc import Mapping

BAD_LICENCE = "LicenseRef-deadly"
"""A release that is listed with it takes its worker down."""


def killed_with_the_bad_one(request: Mapping[str, Any], seconds: float) -> Any:
    """Die with the bad release, as if the system had no memory left."""
    if request["licence"] == BAD_LICENCE:
        os.kill(os.getpid(), signal.SIGKILL)
    return scan_release(request, seconds)


def killed_once(request: Mapping[str, Any], seconds: float) -> Any:
    """Die with the bad release when it comes for the first time, which a file beside its package remembers."""
    mark = Path(request["packages"][0]["path"] + ".died")
    if request["licence"] == BAD_LICENCE and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return scan_release(request, seconds)


def raises_with_the_bad_one(request: Mapping[str, Any], seconds: float) -> Any:
    """Break off with the bad release."""
    if request["licence"] == BAD_LICENCE:
        raise ZeroDivisionError
    return scan_release(request, seconds)


def hangs(request: Mapping[str, Any], _seconds: float) -> Any:
    """Start a process that never answers, and give it hardly any time."""
    return scan_release(request, 0.2, (sys.executable, "-c", "import time; time.sleep(600)"))


def dies(request: Mapping[str, Any], seconds: float) -> Any:
    """Start a process that dies as a crash of a parser would."""
    return scan_release(request, seconds, (sys.executable, "-c", "import os; os.abort()"))
