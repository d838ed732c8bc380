"""``pluginry import github``: listing and release of a plugin, drafted from its developer's release at GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.cli.contribution_wiring import category_of, forge_of, registry_at, registry_option, upstream_of
from pluginry.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.cli.console import Console

_NO_OWNER = "Account that owns the plugin. [default: the owner of the repository]"


@command("github", short_help="Draft listing and release from OWNER/REPO@TAG.")
@click.argument("release", metavar="OWNER/REPO@TAG")
@registry_option
@click.option("--category", help="Shelf of the catalogue. [default: the registry's first]")
@click.option("--owner", metavar="LOGIN:ID", help=_NO_OWNER)
@click.option("--dry-run", is_flag=True, help="Write nothing: only show what would be.")
def github(
    console: Console, *, release: str, registry: Path, category: str | None, owner: str | None, dry_run: bool
) -> None:
    """Draft listing and release of the plugin that is released as OWNER/REPO@TAG.

    Files of the release that are packages are taken as they are; without any the sources of the tag are packed. Ids,
    hosts, versions and digests come from the packages. What is there already is not changed. Look at the listing before
    you submit it: words and licence are the forge's.
    """
    from pluginry.adapters.github_releases import GithubReleases
    from pluginry.cli.imports import account_named
    from pluginry.contribution.github_import import draft_of
    from pluginry.encoding import documents
    from pluginry.encoding.yaml_writer import write_yaml
    from pluginry.importing.listing_files import has_release, write_plugin, write_release

    name, at, tag = release.partition("@")
    if not (at and tag):
        raise UsageError("it is not said which release", where=release[:80], hint="write OWNER/REPO@TAG")
    folder = registry_at(registry)
    shelf = category_of(folder, category)
    found = GithubReleases(api=forge_of(name).api).release(name, tag)
    draft = draft_of(found, upstream_of(folder), category=shelf, owner=account_named(owner) if owner else None)
    if has_release(folder, draft.plugin, draft.release.version):
        raise UsageError("this release is there already", where=f"{draft.plugin} {draft.release.version}")
    if not dry_run:
        readme = f"# {draft.listing.name}\n\n{draft.listing.summary}\n"
        write_plugin(folder, draft.plugin, draft.listing, readme)
        write_release(folder, draft.plugin, draft.release)
    texts = [write_yaml(documents.to_plain(model)).decode() for model in (draft.listing, draft.release)]
    data = {"id": str(draft.plugin), "version": str(draft.release.version), "written": not dry_run}
    data |= {"listing": texts[0], "release": texts[1], "left_out": list(draft.left_out)}
    console.result(data, "\n".join(texts).splitlines())
    console.say(f"Next: look at it, then `pluginry submit {draft.plugin}`.")
