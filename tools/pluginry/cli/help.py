"""``pluginry help`` and ``pluginry completion``: what is worth knowing beyond single commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.cli.help_topics import TOPICS

if TYPE_CHECKING:
    from pluginry.cli.console import Console

_SHELLS = ("bash", "zsh", "fish")
_WHERE = {
    "bash": "pluginry completion bash > ~/.local/share/bash-completion/completions/pluginry",
    "zsh": "pluginry completion zsh > a file named _pluginry in a folder of $fpath",
    "fish": "pluginry completion fish > ~/.config/fish/completions/pluginry.fish",
}


@command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(console: Console, shell: str) -> None:
    """Print the script that completes commands, options and plugin ids in a shell.

    Ids come from what was last refreshed: completion never uses the network.
    """
    from click.shell_completion import get_completion_class

    from pluginry.cli.main import run

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"there is no completion for {shell}")
    script = found(run, {}, "pluginry", "_PLUGINRY_COMPLETE").source()
    console.result({"shell": shell, "script": script}, script)
    console.say(f"keep it with: {_WHERE[shell]}")


@command("help")
@click.argument("topic", required=False, type=click.Choice(list(TOPICS)))
def help_topic(console: Console, topic: str | None) -> None:
    """Read about a topic; without one, list them."""
    if topic is None:
        titles = {name: known.title for name, known in TOPICS.items()}
        listed = (f"  pluginry help {name:<12} {title}" for name, title in titles.items())
        console.result(titles, ["Topics:", *listed, "", "For a command: pluginry COMMAND --help"])
        return
    lines = list(TOPICS[topic].lines())
    console.result({"topic": topic, "title": TOPICS[topic].title, "text": lines}, [TOPICS[topic].title, "", *lines])
