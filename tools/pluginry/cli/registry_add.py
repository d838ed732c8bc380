"""``pluginry registry add``: a plugin project becomes a listed plugin with a first release.

In: a project, a registry, what the project does not say. Out: new files that `pluginry check` accepts, all of them or
none; every sha256 is worked out. Nothing is committed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.cli.contribution_wiring import category_of, registry_at, registry_option, upstream_of
from pluginry.cli.questions import Questions, title_of
from pluginry.cli.registry_start import REFUSED_EXIT_STATUS, write_checked
from pluginry.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from pluginry.cli.console import Console
    from pluginry.model.listing import Account, Namespace
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import Name
    from pluginry.model.release import ArtifactClaim
    from pluginry.publisher.pack import PackagePlan

_QUESTIONS = {
    "summary": "What it does, in a sentence",
    "license": "Licence, as in SPDX",
    "owner": "Whose it is: the login at the forge",
    "owner-id": "The number of that account at the forge",
}
_SUMMARY_LENGTHS = (3, 80)


@command("add", short_help="List a plugin project, with its first release.")
@click.argument("project", type=click.Path(path_type=Path, file_okay=False))
@registry_option
@click.option("--name", help="What the plugin is called. [default: from its id]")
@click.option("--summary", help="What it does, in at most 80 characters. [default: how its README begins]")
@click.option("--category", help="Shelf of the catalogue. [default: the registry's first]")
@click.option(
    "--license", "license_name", help="SPDX expression. [default: that of its licence text, where it is sure]"
)
@click.option("--owner", metavar="LOGIN", help="Account that owns it. [default: the owners of its namespace]")
@click.option("--owner-id", metavar="N", help="The number of that account at its forge.")
@click.option(
    "--source-url", "url", metavar="URL", help="Where the package is. [default: sources, kept in the registry]"
)
@click.option(
    "--package",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The package, if it is not yet there.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing: only show what would be.")
def add(
    console: Console,
    *,
    project: Path,
    registry: Path,
    name: str | None,
    summary: str | None,
    category: str | None,
    license_name: str | None,
    owner: str | None,
    owner_id: str | None,
    url: str | None,
    package: Path | None,
    dry_run: bool,
) -> int:
    """List the plugin project in PROJECT in a registry, with its version as the first release.

    Its sources are copied into the registry and packed from there, or its package is fetched from --source-url.
    The namespace is written too if nobody has it. On a terminal, what is neither given nor found is
    asked for. Nothing is ever overwritten, and what `pluginry check` would refuse is not left there.

    Exit status: 0 written, 1 refused.
    """
    from pluginry.cli.check import tell
    from pluginry.contribution.first_release import Words, files_of, first_draft, license_in, summary_in
    from pluginry.encoding import documents
    from pluginry.encoding.yaml_writer import write_yaml
    from pluginry.publisher.pack import plan_package
    from pluginry.publisher.scaffold.project import license_expression, one_line

    place = registry_at(registry)
    plan = plan_package(project)
    if plan.is_refused or plan.manifest is None:
        tell(console, plan.findings)
        return REFUSED_EXIT_STATUS
    plugin = plan.manifest.id
    if os.path.lexists(place / "plugins" / str(plugin)):
        hint = f"`pluginry bump {plugin}` writes its next release"
        raise UsageError("the registry has this plugin already", where=str(plugin), hint=hint)
    ask = Questions(_QUESTIONS, asks=not console.as_json and sys.stdin.isatty(), takes_defaults=True)
    readme = _readme(project)
    called = one_line(title_of(plugin.name) if name is None else name)
    says = ask.answer("summary", _said(summary, summary_in(readme)), "", _summary)
    licence = ask.answer("license", _said(license_name, license_in(plan)), "", license_expression)
    owners, namespace = _owners(ask, place, plugin.namespace, owner, owner_id)
    words = Words(name=called, summary=says, category=category_of(place, category), license=licence, owners=owners)
    draft = first_draft(plan.manifest, _claim(plan, plan.manifest, place, url, package), words)
    files = files_of(draft, readme or f"# {called}\n\n{says}\n", sources=plan, namespace=namespace)
    if not (dry_run or write_checked(console, files, place, registry=place)):
        return REFUSED_EXIT_STATUS
    listing, release = (write_yaml(documents.to_plain(model)).decode() for model in (draft.listing, draft.release))
    data = {"id": str(plugin), "version": str(draft.release.version), "files": sorted(files), "written": not dry_run}
    written = [Path(os.path.relpath(place / file)).as_posix() for file in sorted(files)]
    console.result(
        {**data, "listing": listing, "release": release}, f"{listing}\n{release}".splitlines() if dry_run else written
    )
    if not dry_run:
        console.say(
            f"Next: look at listing.yaml, then `pluginry publish`; `pluginry submit {plugin}` if others decide."
        )
    return 0


def _said(given: str | None, draft: str) -> str | None:
    """Return what was given, else the draft if there is one: then there is nothing to ask."""
    return (draft or None) if given is None else given


def _readme(project: Path) -> str:
    """Return the README of the project; empty when it has none.

    Raises:
        DocumentError: it cannot be shown in a catalogue.
    """
    from pluginry.publisher import registry_layout
    from pluginry.publisher.registry_files import RegistryFiles

    if not os.path.lexists(project / registry_layout.README_FILE):
        return ""
    files = RegistryFiles(project)
    text = files.read_text(registry_layout.README_FILE, max_bytes=registry_layout.MAX_README_BYTES)
    if text is None:
        found = files.findings[0]
        raise DocumentError("the README cannot be taken over", where=str(project), why=found.message, hint=found.hint)
    return text


def _summary(text: str) -> str:
    from pluginry.publisher.scaffold.project import one_line

    if not _SUMMARY_LENGTHS[0] <= len(one_line(text)) <= _SUMMARY_LENGTHS[1]:
        raise UsageError("--summary has 3 to 80 characters", hint="the README has room for more")
    return text


def _owners(
    ask: Questions, registry: Path, namespace: Name, login: str | None, number: str | None
) -> tuple[tuple[Account, ...], Namespace | None]:
    """Return who owns the plugin, and the namespace that has to be written for it, if nobody has it.

    Raises:
        UsageError: it is not said, or no account.
        DocumentError: the namespace that is there cannot be read.
    """
    from pluginry.cli.imports import account_named
    from pluginry.model.listing import Namespace, Proof
    from pluginry.publisher import registry_layout
    from pluginry.publisher.registry_files import RegistryFiles

    file = f"namespaces/{namespace}{registry_layout.YAML_SUFFIX}"
    is_known = os.path.lexists(registry / file)
    if is_known and login is None and number is None:
        known: Namespace | None = RegistryFiles(registry).read_document(file, registry_layout.NAMESPACE)
        if known is None:
            raise DocumentError("the namespace cannot be read", where=file, hint="run `pluginry check registry`")
        return known.owners, None
    account = account_named(f"{ask.answer('owner', login, '', str)}:{ask.answer('owner-id', number, '', str)}")
    if is_known:
        return (account,), None
    return (account,), Namespace(
        namespace=namespace,
        title=title_of(namespace),
        owners=(account,),
        proof=Proof(kind="registry", value="given with its first plugin"),
        status="active",
    )


def _claim(
    plan: PackagePlan, manifest: Manifest, registry: Path, url: str | None, package: Path | None
) -> ArtifactClaim:
    """Return the one artifact of the first release.

    Raises:
        PluginryError: the package cannot be had, or is not that of the project.
    """
    from pluginry.contribution.first_release import claim_of_address, claim_of_package, claim_of_tree
    from pluginry.importing.texts import is_download_address

    if url is None:
        if package:
            raise UsageError("it is not said where others get the package", hint="name its address with --source-url")
        return claim_of_tree(plan, manifest.version)
    if not is_download_address(url):
        raise UsageError("--source-url is no https address of a file", hint="write it in its shortest form")
    if package:
        return claim_of_package(package, url, manifest)
    return claim_of_address(url, upstream_of(registry), manifest)
