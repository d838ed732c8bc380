"""How every command is declared: common options, and errors turned into sentences and exit statuses."""

from __future__ import annotations

import errno
import functools
import sys
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.console import Console
from pluginry.cli.entry import INTERRUPTED_EXIT_STATUS, begin_work
from pluginry.errors import DiskError, PluginryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)


def command(name: str, *, streams: bool = False, **attributes: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare a command. The function gets a `Console` first, and may return an exit status.

    One that `streams` can also be driven by another program, line by line.
    """
    lines = click.option("--json-lines", "as_lines", is_flag=True, help="Speak JSON line by line, and hear answers.")

    def declare(function: Callable[..., Any]) -> click.Command:
        @click.option("--json", "as_json", is_flag=True, help="Answer in JSON on standard output.")
        @click.option("-q", "--quiet", is_flag=True, help="Only results and errors.")
        @click.option("--debug", is_flag=True, help="Show a traceback with errors.")
        @functools.wraps(function)
        def run(*, as_json: bool, quiet: bool, debug: bool, as_lines: bool = False, **arguments: Any) -> None:
            console = Console(as_json=as_json, as_lines=as_lines, quiet=quiet, debug=debug)
            sys.exit(_run(function, console, arguments))

        return click.command(name=name, cls=_Command, **attributes)(lines(run) if streams else run)

    return declare


class OrNothing(click.types.StringParamType):
    """Text that may be empty: as good as none, for workflows pass variables that nobody has set; or judged later."""


class _Command(click.Command):
    """A command that takes no empty word for a value: as a path it would mean the current folder.

    Where a value is empty when nobody says it, it may be said to be empty, too.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `args`.

        Raises:
            click.BadParameter: a value is empty that may not be; click's other errors.

        """
        if ctx.resilient_parsing:  # a shell completes
            return super().parse_args(ctx, args)
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        for param in self.get_params(ctx):
            value = given.get(param.name)
            values = value if isinstance(value, (list, tuple)) else (value,)
            is_empty = any(isinstance(one, str) and not one.strip() for one in values)
            if is_empty and param.default != "" and not isinstance(param.type, OrNothing):
                raise click.BadParameter("it is empty.", ctx, param)
        return super().parse_args(ctx, args)


def _run(function: Callable[..., Any], console: Console, arguments: dict[str, Any]) -> int:
    try:
        begin_work()
        return int(function(console, **arguments) or 0)
    except PluginryError as error:
        return _failed(error, console)
    except ModuleNotFoundError as error:
        return _failed(needs_extra(error), console)
    except OSError as error:
        return _failed(_of_disk(error), console)
    except (KeyboardInterrupt, click.Abort):  # the latter where somebody was being asked
        return INTERRUPTED_EXIT_STATUS


def _failed(error: PluginryError, console: Console) -> int:
    if console.debug:
        import traceback

        traceback.print_exc()
    console.error(error)
    return error.exit_status


def _of_disk(error: OSError) -> DiskError:
    """Return what a command says of `error`, which no part of it expected.

    Raises:
        OSError: it is about no file: a mistake of ours, or a pipe that nobody reads any more.

    """
    if error.filename is None and error.errno not in _DISK_IS_FULL:
        raise error
    return DiskError(
        "this cannot be read or written",
        where=str(error.filename or ""),
        why=error.strerror or type(error).__name__,
        hint="look for free space and for the rights to this place; --debug shows what was being done",
    )


def needs_extra(error: ModuleNotFoundError) -> UsageError:
    """Return the error that says which extra brings the module that is missing.

    Raises:
        ModuleNotFoundError: it is one of ours: a mistake, and no missing extra.

    """
    module = (error.name or "").partition(".")[0]
    if module in ("", "pluginry"):
        raise error
    extra = "verify" if module.startswith("sigstore") else "hsm" if module == "pkcs11" else "registry"
    return UsageError(
        f"this command needs {module}, which is not installed",
        hint=f"install it with `pip install 'pluginry[{extra}]'`",
    )
