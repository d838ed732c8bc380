"""``pluginry submission``: where a submission stands, and whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.contribution_wiring import (
    config_of,
    forge_of,
    plugin_of,
    registry_at,
    registry_option,
    repository_of,
)
from pluginry.cli.written import Written
from pluginry.errors import AuthError, DocumentError, TransportError, UsageError
from pluginry.model.names import PluginId
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.adapters.github_forge import GithubForge
    from pluginry.cli.console import Console
    from pluginry.model.proposal import PullRequest

_MAX_BYTES = 8 << 20


@command("submission", short_help="Tell where your submission stands, and whose turn it is.")
@click.argument("plugin", type=Written(PluginId.parse, "ID"))
@click.argument("version", type=Written(Version, "VERSION"), required=False)
@registry_option
@click.option("--remote", default="origin", show_default=True, help="Remote of the registry itself.")
@click.option("--repository", help="OWNER/NAME at GitHub. [default: as the remote says]")
@click.option("--author", help="Login of who submitted it. [default: you, else the registry itself]")
@click.option("--from", "place", help="Published marketplace, address or folder. [default: as registry.yaml says]")
def submission(
    console: Console,
    *,
    plugin: PluginId,
    version: Version | None,
    registry: Path,
    remote: str,
    repository: str | None,
    author: str | None,
    place: str | None,
) -> None:
    """Tell where release VERSION of PLUGIN stands; without VERSION its newest one, or the change of its listing.

    Queued, waiting for you, for another owner or for a reviewer, merged, or published in which index.
    """
    from pluginry.adapters.git_proposals import GitProposals
    from pluginry.contribution.forges import place_of
    from pluginry.contribution.standing import standing_of
    from pluginry.contribution.submission import listing_branch, release_branch
    from pluginry.model.proposal import Checks

    folder = registry_at(registry)
    chosen = version or max(plugin_of(folder, str(plugin)).releases, default=None)
    name = repository or repository_of(place_of(GitProposals(folder=folder).remote(remote)))
    if not name:
        raise UsageError("it is not known where the registry lies", hint="give --repository OWNER/NAME")
    forge = forge_of(name)
    branches = ([release_branch(plugin, chosen)] if chosen else []) + [listing_branch(plugin)] * (version is None)
    found = _found(forge, branches, author)
    address = place or config_of(folder).base_url
    serial = _published_in(address, plugin, chosen) if address and chosen else None
    checks = forge.checks_of(found.head) if found else Checks.NONE
    standing = standing_of(found, checks, published_in=serial)
    data: dict[str, Any] = {"id": str(plugin), "version": str(chosen) if chosen else None, "state": str(standing.state)}
    data |= {"serial": standing.serial, "url": found.url if found else None, "next": standing.next_step}
    where = f" in index {standing.serial}" if standing.serial is not None else ""
    lines = [f"{plugin}{f' {chosen}' if chosen else ''}: {standing.state}{where}", f"  {standing.next_step}"]
    console.result(data, [*lines, *([f"  {found.url}"] if found else [])])


def _found(forge: GithubForge, branches: list[str], author: str | None) -> PullRequest | None:
    """Return the pull request from one of `branches`: of `author`, else of who asks or of the registry itself."""
    owners = [author] if author else [*_me(forge), forge.repository.partition("/")[0]]
    for branch in branches:
        for owner in owners:
            if found := forge.find(branch, owner=owner):
                return found
    return None


def _me(forge: GithubForge) -> list[str]:
    try:
        return [forge.whoami().login]
    except AuthError:  # nobody is logged in: registries are public
        return []


def _published_in(address: str, plugin: PluginId, version: Version) -> int | None:
    """Return the serial of the published index if it has this release; what is not reachable has nothing."""
    from pluginry.encoding import strict_json
    from pluginry.hosts.connections import Connections
    from pluginry.model.access import Access
    from pluginry.model.layout import STATUS_KEY, plugin_key

    transport = Connections().transport(address, Access())
    try:
        told = [transport.fetch(key, max_bytes=_MAX_BYTES) for key in (plugin_key(plugin), STATUS_KEY)]
        record, status = (strict_json.parse(data, what=address, max_bytes=_MAX_BYTES, max_depth=64) for data in told)
        versions = {release["version"] for release in record["releases"]}
        return int(status["serial"]) if str(version) in versions else None
    except (TransportError, DocumentError, KeyError, TypeError, ValueError):
        return None
