"""Where the process of ``pluginry`` begins: an interrupt ends it at once and quietly while it only loads modules.

An exception would not do: Python shows it, or loses it, where it comes in the middle of an import.
"""

import os
import signal

INTERRUPTED_EXIT_STATUS = 130


def main() -> None:
    """Run the command line of this process."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # who ignores interrupts goes on doing so
        signal.signal(signal.SIGINT, _end)
    from pluginry.cli.main import run

    run()


def begin_work() -> None:
    """Let an interrupt be an exception from now on: there are things to put away."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_signal: int, _frame: object) -> None:
    os._exit(INTERRUPTED_EXIT_STATUS)
