"""How every command is declared: common options, and errors turned into sentences and exit statuses."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.console import Console
from pluginry.errors import PluginryError

if TYPE_CHECKING:
    from collections.abc import Callable

INTERRUPTED_EXIT_STATUS = 130


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare a command. The function gets a `Console` first, and may return an exit status."""

    def declare(function: Callable[..., Any]) -> click.Command:
        @click.option("--json", "as_json", is_flag=True, help="Answer in JSON on standard output.")
        @click.option("-q", "--quiet", is_flag=True, help="Only results and errors.")
        @click.option("--debug", is_flag=True, help="Show a traceback with errors.")
        @functools.wraps(function)
        def run(*, as_json: bool, quiet: bool, debug: bool, **arguments: Any) -> None:
            console = Console(as_json=as_json, quiet=quiet, debug=debug)
            sys.exit(_run(function, console, arguments))

        return click.command(name=name, cls=click.Command, **attributes)(run)

    return declare


def _run(function: Callable[..., Any], console: Console, arguments: dict[str, Any]) -> int:
    try:
        return int(function(console, **arguments) or 0)
    except PluginryError as error:
        if console.debug:
            raise
        console.error(error)
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED_EXIT_STATUS
