"""``pluginry help`` and ``pluginry completion``: what is worth knowing beyond single commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.cli.help_topics import TOPICS
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import UsageError

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
@click.argument("words", nargs=-1, metavar="[TOPIC | COMMAND...]")
@click.pass_context
def help_topic(context: click.Context, console: Console, words: tuple[str, ...]) -> None:
    """Read about a topic, or a command as with --help; without a word, list the topics."""
    topic = words[0] if words else None
    if topic is None:
        titles = {name: known.title for name, known in TOPICS.items()}
        listed = (f"  pluginry help {name:<12} {title}" for name, title in titles.items())
        console.result(
            titles, ["Topics:", *listed, "", "For a command: pluginry help COMMAND, or pluginry COMMAND --help"]
        )
        return
    if topic not in TOPICS:
        text = _help_of(words, context.find_root())
        console.result({"command": " ".join(words), "text": text.splitlines()}, text)
        return
    lines = list(TOPICS[topic].lines())
    console.result({"topic": topic, "title": TOPICS[topic].title, "text": lines}, [TOPICS[topic].title, "", *lines])


def _help_of(words: tuple[str, ...], root: click.Context) -> str:
    """Return what ``--help`` prints of the command that is named by `words`."""
    context = root
    for word in words:
        group = context.command
        found = group.get_command(context, word) if isinstance(group, click.Group) else None
        if found is None:
            known = [*TOPICS, *group.list_commands(context)] if isinstance(group, click.Group) else []
            raise UsageError(
                f"there is no help about {' '.join(words)[:80]!r}", hint=did_you_mean(word, known) or "pluginry help"
            )
        context = click.Context(found, parent=context, info_name=word)
    return context.get_help()
