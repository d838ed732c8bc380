"""``pluginry bump``: the next release of a plugin as a file of the registry, digests computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.cli.contribution_wiring import new_version, plugin_of, registry_at, registry_option, upstream_of
from pluginry.cli.written import Written
from pluginry.errors import NotFoundError, UsageError
from pluginry.model.names import PluginId
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from pluginry.cli.console import Console
    from pluginry.model.digest import BlobRef
    from pluginry.model.manifest import Change
    from pluginry.model.registry import PluginEntry
    from pluginry.model.release import Source

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@command("bump", short_help="Write the next release of a plugin into a registry.")
@click.argument("plugin", type=Written(PluginId.parse, "ID"), required=False)
@click.argument("version", type=Written(Version, "VERSION"), required=False)
@registry_option
@click.option("--project", type=_FOLDER, help="The plugin project: id and version from its plugin.yaml, and changes.")
@click.option("--commit", default="", help="Commit of this version, for releases made from git. [default: of its tag]")
@click.option("--dry-run", is_flag=True, help="Do everything but write the file.")
def bump(
    console: Console,
    *,
    plugin: PluginId | None,
    version: Version | None,
    registry: Path,
    project: Path | None,
    commit: str,
    dry_run: bool,
) -> None:
    """Write release VERSION of PLUGIN into a registry: like the last one, with what is new.

    Everything that the release names is fetched, and its sha256 computed from that. The version is that of the plugin
    project, else the newest tag of the plugin's repository. Where releases are packed from sources in the registry,
    those of the project are copied there. What is there already is never overwritten.
    """
    from pluginry.adapters.git_tags import GitTags
    from pluginry.contribution.discovery import commit_finder
    from pluginry.contribution.next_release import newest, next_release, release_text
    from pluginry.publisher import registry_layout
    from pluginry.publisher.scaffold.new_files import write_new

    place = registry_at(registry)
    known_id, known_version = _of_project(project)
    entry = plugin_of(place, str(plugin or known_id))
    wanted = _wanted(entry, version, known_version)
    upstream, sources = upstream_of(place), _new_sources(project, entry, wanted, place)
    if project is not None and sources:
        upstream = replace(upstream, fetchers={**upstream.fetchers, "path": _ThisFolder(project)})
    release = next_release(
        entry,
        wanted,
        upstream=upstream,
        commit_of=(lambda _: commit) if commit else commit_finder(entry, wanted, GitTags()),
        changes=_changes(project, wanted),
    )
    last = newest(entry)
    like = (place / registry_layout.release_file(entry, last.version)).read_text("utf-8")
    name = registry_layout.release_file(entry, wanted)
    text, file = release_text(release, like=(like, last)), place / name
    if not dry_run:
        write_new({**sources, name: text}, place).pop_all()
    data = {"id": str(entry.id), "version": str(wanted), "file": file.as_posix(), "written": not dry_run}
    console.result({**data, "content": text.decode()}, [file.as_posix()] if not dry_run else text.decode().splitlines())
    if not dry_run:
        console.say(f"Next: `pluginry publish`; `pluginry submit {entry.id}` if others decide.")


def _wanted(entry: PluginEntry, said: Version | None, of_project: Version | None) -> Version:
    """Return the version to write: the one that was `said`, that of the project, or the newest tag.

    Raises:
        NotFoundError, UsageError: there is none, or the project is still at one that is listed.

    """
    from pluginry.adapters.git_tags import GitTags

    if said is None and of_project in entry.releases:
        hint = "write the next version into its plugin.yaml"
        raise UsageError(f"the project is at {of_project}, which is listed already", where=str(entry.id), hint=hint)
    if not (said or of_project or entry.listing.source):
        hint = "name it, or pass --project with the folder of the plugin"
        raise UsageError("it is not said which version", where=str(entry.id), hint=hint)
    return said or of_project or new_version(entry, GitTags())


@dataclass(frozen=True, slots=True)
class _ThisFolder:
    """A `SourceFetcher` of sources that will lie in the registry, and are in ``folder`` until then."""

    folder: Path

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:  # noqa: ARG002 - what each is given
        """Return the folder, whatever the `source` is called."""
        return self.folder


def _new_sources(project: Path | None, entry: PluginEntry, version: Version, registry: Path) -> dict[str, Path]:
    """Return the files of a project that the release is to be packed from, by their names in the registry.

    Raises:
        NotFoundError, UsageError: the last release cannot be continued, or this is no project of that release.

    """
    from pluginry.contribution.first_release import kept_sources
    from pluginry.contribution.next_release import next_trees
    from pluginry.publisher.pack import digest_of_plan, plan_package

    if version in entry.releases:
        return {}
    trees = [f"{entry.folder}/{tree}" for tree in next_trees(entry, version)]
    missing = [tree for tree in trees if not (registry / tree).exists()]
    if missing and project is None:
        hint = "pass --project with the folder of the plugin: they are copied from there"
        raise UsageError("the sources of this version are not in the registry", where=missing[0], hint=hint)
    if not trees or project is None:
        return {}
    plan = plan_package(project)
    found = (plan.manifest.id, plan.manifest.version) if plan.manifest else None
    if found != (entry.id, version):
        hint = "write id and version into its plugin.yaml, or name another project"
        raise UsageError(f"this is not the project of {entry.id} {version}", where=str(project), hint=hint)
    for tree in trees:
        if tree not in missing and digest_of_plan(plan_package(registry / tree)) != digest_of_plan(plan):
            hint = "remove them, if a copy broke off; or leave --project away"
            raise UsageError("the registry has other sources of this version", where=tree, hint=hint)
    return {f"{tree}/{name}": path for tree in missing for name, path in kept_sources(plan).items()}


def _of_project(project: Path | None) -> tuple[str, Version | None]:
    """Return id and version that a plugin project has now."""
    if project is None:
        return "", None
    from pluginry.publisher.load import load_project

    tree = load_project(project).tree
    if tree is None:
        raise NotFoundError("there is no plugin.yaml that can be read", where=str(project), hint="run `pluginry check`")
    return str(tree.manifest.id), tree.manifest.version


def _changes(project: Path | None, version: Version) -> tuple[Change, ...]:
    from pluginry.contribution.changelog import changes_of

    file = (project or Path()) / "CHANGELOG.md"
    if project is None or not file.is_file():
        return ()
    return changes_of(file.read_text("utf-8", errors="replace"), version)
