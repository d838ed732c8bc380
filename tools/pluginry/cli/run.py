"""``pluginry run``: call an enabled plugin in a process of its own, as a host application would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import command
from pluginry.cli.home_option import home_option
from pluginry.cli.plugin_argument import InstalledPluginId
from pluginry.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.cli.console import Console
    from pluginry.model.names import PluginId

_TIMEOUT_S = 60.0


@command("run")
@click.argument("plugin", type=InstalledPluginId())
@click.argument("hook", required=False)
@click.option("--args", "arguments", metavar="JSON", default="{}", help="Arguments by name: a JSON object.")
@click.option("--data", "own_data", is_flag=True, help="Let it use its own data folder, not one that is thrown away.")
@click.option(
    "--timeout", "timeout_s", type=click.FloatRange(min=0.1), default=_TIMEOUT_S, help="Seconds. [default: 60]"
)
@home_option
def run(
    console: Console,
    *,
    plugin: PluginId,
    hook: str | None,
    arguments: str,
    own_data: bool,
    timeout_s: float,
    home: Path,
) -> None:
    """Call HOOK of an enabled plugin and print its answer as JSON; HOOK may be left out when there is only one.

    The files are compared with what was installed first. What the plugin prints goes to standard error. There is no
    sandbox yet: the process may do whatever you may do, and the permissions of a plugin are what it says of itself.
    """
    from pluginry.hosts.call import call

    marketplace = open_client(home)
    answer = call(
        marketplace,
        plugin,
        hook,
        _parsed(arguments),
        own_data=own_data,
        timeout_s=timeout_s,
        show_traceback=console.debug,
    )
    console.result(answer, json.dumps(answer, indent=2, ensure_ascii=False))


def _parsed(text: str) -> dict[str, Any]:
    try:
        arguments = json.loads(text)
    except ValueError as error:
        raise UsageError("--args is not JSON", why=str(error), hint="""as in --args '{"limit": 3}'""") from error
    if not isinstance(arguments, dict):
        raise UsageError("--args is not a JSON object", hint="""name each argument, as in --args '{"limit": 3}'""")
    return arguments
