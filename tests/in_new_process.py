"""Functions run by an interpreter of their own: for what must have no other threads beside it, as test runners have."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TESTS = str(Path(__file__).parent)


def in_new_process(function: Callable[[], None]) -> str:
    """Return what `function` of a test module writes; its assertions hold, and it warns of nothing."""
    code = f"import runpy; runpy.run_path({inspect.getfile(function)!r})[{function.__name__!r}]()"
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([_TESTS, *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
