"""``pluginry discover``: finds new releases of listed plugins, and proposes them in their developers' stead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.contribution_wiring import (
    forge_of,
    plugin_of,
    registry_at,
    registry_option,
    repository_of,
    upstream_of,
)
from pluginry.errors import AuthError, PluginryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.cli.console import Console
    from pluginry.contribution.discovery import Discovered
    from pluginry.model.registry import PluginEntry

_TROUBLE_EXIT_STATUS = 1


@command("discover", short_help="Find new releases of listed plugins and propose them.")
@click.argument("plugins", nargs=-1)
@registry_option
@click.option("--remote", default="origin", show_default=True, help="Remote, or address, of the registry itself.")
@click.option("--base", default="main", show_default=True, help="Its branch that changes are merged into.")
@click.option("--repository", help="OWNER/NAME at GitHub. [default: as the remote says]")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="At most so many proposals.")
@click.option("--dry-run", is_flag=True, help="Propose nothing: only say what is new.")
def discover(
    console: Console,
    *,
    plugins: tuple[str, ...],
    registry: Path,
    remote: str,
    base: str,
    repository: str | None,
    limit: int,
    dry_run: bool,
) -> int:
    """Look for new releases of PLUGINS, or of all, and open a pull request for each.

    Looked at are plugins whose listing says `releases: {from: tags}`: a new tag of their repository becomes a release
    that looks like the one before it. What was proposed before, and perhaps refused, is not proposed again. What cannot
    be proposed is told, and keeps nothing else from being proposed.

    Exit status: 0 all that is new is proposed, 1 something could not be.
    """
    from pluginry.adapters.git_proposals import GitProposals
    from pluginry.adapters.git_tags import GitTags
    from pluginry.contribution.discovery import discover as find
    from pluginry.contribution.forges import place_of
    from pluginry.contribution.submission import propose_here, release_branch

    folder = registry_at(registry)
    address = GitProposals(folder=folder).remote(remote)
    name = repository or repository_of(place_of(address))
    if not name:
        raise UsageError("it is not known where the registry lies", hint="give --repository OWNER/NAME")
    forge = forge_of(name, base=base)
    if not forge.api.token and not dry_run:
        raise AuthError("nobody is logged in who could propose something", hint="set GH_TOKEN, or see --dry-run")
    git = GitProposals(folder=folder, token=forge.api.token, token_host=forge.host)
    owner = name.partition("/")[0]
    start = git.fetch(address, base)
    entries = [plugin_of(folder, plugin) for plugin in plugins] or list(_all(folder))
    outcomes: list[dict[str, Any]] = []
    for found in find(
        entries,
        tags=GitTags(),
        upstream=upstream_of(folder),
        is_known=lambda plugin, version: forge.find(release_branch(plugin, version), owner=owner) is not None,
        numbers_of=forge.numbers_of,
    ):
        outcome = _plain(found)
        outcomes.append(outcome)
        if found.proposal is None or dry_run:
            continue
        try:
            done = propose_here(found.proposal, forge=forge, branches=git, address=address, owner=owner, base=start)
            outcome["url"] = done.pull_request.url
        except PluginryError as error:
            outcome["trouble"] = str(error)
        if sum("url" in outcome for outcome in outcomes) >= limit:
            break
    console.result({"found": outcomes}, map(_line, outcomes) if outcomes else "Nothing is new.")
    return _TROUBLE_EXIT_STATUS if any(outcome["trouble"] for outcome in outcomes) else 0


def _all(registry: Path) -> Iterator[PluginEntry]:
    from pluginry.publisher.load import load_registry

    yield from load_registry(registry).registry.plugins.values()


def _plain(found: Discovered) -> dict[str, Any]:
    return {
        "id": str(found.plugin),
        "version": str(found.version) if found.version else None,
        "trouble": str(found.trouble) if found.trouble else None,
    }


def _line(outcome: dict[str, Any]) -> str:
    what = f"{outcome['id']} {outcome['version'] or ''}".rstrip()
    return f"{what}: {outcome['trouble'] or outcome.get('url') or 'new'}"
