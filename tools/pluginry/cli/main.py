"""The ``pluginry`` command. Each command's module is imported only when it is called."""

from __future__ import annotations

import atexit
import gc
import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

import pluginry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_AS_JSON: Final = "pluginry.as_json"
_AS_LINES: Final = "pluginry.as_lines"

COMMANDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "For plugin developers": {
        "init": ("pluginry.cli.develop:init", "Start a plugin project."),
        "pack": ("pluginry.cli.develop:pack", "Make a package from a plugin project."),
        "check": ("pluginry.cli.check:check", "Find everything that is wrong with registry files or a plugin project."),
        "bump": ("pluginry.cli.bump:bump", "Write the next release of a plugin into a registry."),
        "submit": (
            "pluginry.cli.submit:submit",
            "Propose your changes to a registry: open or update the pull request.",
        ),
        "submission": ("pluginry.cli.submission:submission", "Tell whose turn it is with what you submitted."),
        "scan": ("pluginry.cli.scanning:scan", "Look into packages as the marketplace does."),
        "explain": ("pluginry.cli.check:explain", "Say what a rule means and what to do."),
    },
    "For users of plugins": {
        "source": ("pluginry.cli.sources:source", "Choose the marketplaces that plugins come from."),
        "host": ("pluginry.cli.host:host", "Say which application the plugin home is for."),
        "search": ("pluginry.cli.catalogue:search", "Find plugins."),
        "show": ("pluginry.cli.catalogue:show", "Show a plugin: permissions, versions, evidence of trust."),
        "install": ("pluginry.cli.plugins:install", "Install plugins with what they depend on."),
        "enable": ("pluginry.cli.plugins:enable", "Let the host load a plugin."),
        "disable": ("pluginry.cli.plugins:disable", "Keep a plugin, but do not load it."),
        "update": ("pluginry.cli.updates:update", "Update plugins."),
        "rollback": ("pluginry.cli.plugins:rollback", "Go back to an earlier version, or an earlier state of all."),
        "remove": ("pluginry.cli.plugins:remove", "Remove plugins; their data stays."),
        "export": ("pluginry.cli.intent:export", "Write what is installed as plugins.toml and plugins.lock."),
        "lock": ("pluginry.cli.intent:lock", "Bring plugins.lock up to plugins.toml."),
        "sync": ("pluginry.cli.intent:sync", "Install what plugins.toml and plugins.lock say."),
        "list": ("pluginry.cli.plugins:list_plugins", "List installed plugins."),
        "verify": ("pluginry.cli.plugins:verify", "Compare installed files with what was verified at installation."),
        "why": ("pluginry.cli.explaining:why", "Say why a plugin is installed."),
        "why-not": ("pluginry.cli.explaining:why_not", "Say what keeps a plugin from being installed."),
        "doctor": ("pluginry.cli.care:doctor", "Find what is wrong with the plugin home, and put it right."),
        "audit": ("pluginry.cli.care:audit", "Tell what to look at among installed plugins."),
        "prune": ("pluginry.cli.care:prune", "Remove old versions and fetched objects that nobody needs."),
        "run": ("pluginry.cli.run:run", "Call an enabled plugin in a process of its own."),
    },
    "For operators of a marketplace": {
        "import": ("pluginry.cli.imports:import_group", "Bring plugins of another registry into this one."),
        "trust": ("pluginry.cli.trust:trust", "Make and inspect the keys that the marketplace signs with."),
        "registry": (
            "pluginry.cli.moderation:registry",
            "Start a registry, list plugins; withdraw or remove what is listed.",
        ),
        "advisories": ("pluginry.cli.advisories:advisories", "Revoke plugins at once; see what is revoked."),
        "build": ("pluginry.cli.building:build", "Build index and catalogue; compare them with what is published."),
        "publish": ("pluginry.cli.publishing:publish", "Fetch, scan, pack, sign, build and publish."),
        "rescan": ("pluginry.cli.scanning:rescan", "Look again at what was published, with the scanners of today."),
        "gc": ("pluginry.cli.garbage:gc", "Remove what no client can reach any more; take packages down."),
        "status": ("pluginry.cli.status:status", "Tell whether a published marketplace is fresh, genuine and whole."),
        "plan": ("pluginry.cli.capacity:plan", "Plan ahead: what so many clients cost in a month."),
        "serve": ("pluginry.cli.serve:serve", "Show a published marketplace on this machine."),
    },
    "For continuous integration": {
        "discover": ("pluginry.cli.discover:discover", "Find new releases of listed plugins and propose them."),
        "queue": ("pluginry.cli.queue:queue", "List open pull requests: how old, and waiting for whom."),
        "ci": ("pluginry.cli.ci:ci", "Judge pull requests."),
    },
    "Help": {
        "completion": ("pluginry.cli.help:completion", "Print the completion script for a shell."),
        "help": ("pluginry.cli.help:help_topic", "Read about a topic, such as exit-codes."),
        "conformance": ("pluginry.cli.conformance:conformance", "Be tested by suites for sigstore, TUF and archives."),
    },
}


class LazyGroup(click.Group):
    """A group that knows its commands by name, and imports a module only to run or describe one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the command's name; whether JSON is asked for shows in what follows them."""
        words = set(args)
        ctx.meta[_AS_JSON], ctx.meta[_AS_LINES] = "--json" in words, "--json-lines" in words
        with _told_in_json(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        with _told_in_json(ctx):
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return every command's name."""
        return [name for group in COMMANDS.values() for name in group]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None when there is none of that name."""
        for group in COMMANDS.values():
            if cmd_name in group:
                module, _, attribute = group[cmd_name][0].partition(":")
                try:
                    found = getattr(importlib.import_module(module), attribute)
                except ModuleNotFoundError as error:
                    from pluginry.cli.command import needs_extra

                    missing = needs_extra(error)
                    raise click.UsageError(f"{missing}. {missing.hint}", ctx) from error
                return found if isinstance(found, click.Command) else None
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of `args`; say which one was perhaps meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from pluginry.encoding.suggestions import closest

            close = closest(args[0], self.list_commands(ctx))
            if not close:
                raise
            raise click.UsageError(f"{error.message} Did you mean {close[0]!r}?", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the commands by audience, without importing any of them."""
        for audience, group in COMMANDS.items():
            with formatter.section(audience):
                formatter.write_dl([(name, summary) for name, (_, summary) in group.items()])


@contextmanager
def _told_in_json(ctx: click.Context) -> Iterator[None]:
    """End with an error in JSON where words were not understood in this block and JSON is asked for."""
    try:
        yield
    except click.UsageError as error:
        if not (ctx.meta[_AS_JSON] or ctx.meta[_AS_LINES]):
            raise
        from pluginry.cli.console import Console
        from pluginry.errors import UsageError

        path = error.ctx.command_path if error.ctx else ctx.command_path
        told = UsageError(error.format_message(), hint=f"{path} --help")
        Console(as_json=ctx.meta[_AS_JSON], as_lines=ctx.meta[_AS_LINES]).error(told)
        ctx.exit(error.exit_code)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(pluginry.__version__, prog_name="pluginry")
def run() -> None:
    """Pluginry: a plugin marketplace with no server.

    Exit statuses are listed by `pluginry help exit-codes`.
    """
    # The process ends with the command: what is left then goes as a whole, and is not searched for garbage before.
    atexit.register(gc.freeze)
