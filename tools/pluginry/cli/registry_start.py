"""``pluginry registry init``: a new registry, of which nobody has to type the YAML.

In: words of people. Out: new files that `pluginry check` accepts, all of them or none. Nothing is committed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.cli.questions import Questions, slug, title_of
from pluginry.cli.written import Written
from pluginry.errors import UsageError
from pluginry.model.names import Name
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.cli.console import Console

REFUSED_EXIT_STATUS = 1
_QUESTIONS = {
    "name": "What the marketplace is called",
    "summary": "What it offers, in a sentence",
    "host-id": "Application that its plugins are for, as an id",
}


@command("init", short_help="Start a registry.")
@click.argument("folder", metavar="[FOLDER]", default=Path(), type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="What the marketplace is called.")
@click.option("--summary", help="What it offers, in a sentence.")
@click.option("--category", "shelves", multiple=True, default=("Tools",), show_default=True, help="Title of a shelf.")
@click.option("--host-id", help="The application that its plugins are for. [default: from the name]")
@click.option("--host-title", help="What that application is called. [default: from its id]")
@click.option(
    "--host-version",
    "versions",
    type=Written(Version, "VERSION"),
    multiple=True,
    default=("1.0.0",),
    show_default=True,
    help="A version of it that there is.",
)
@click.option("--runtime", "runtimes", multiple=True, default=("python",), show_default=True, help="How it runs them.")
@click.option("--dry-run", is_flag=True, help="Only say which files would be written.")
def init(
    console: Console,
    *,
    folder: Path,
    name: str | None,
    summary: str | None,
    shelves: tuple[str, ...],
    host_id: str | None,
    host_title: str | None,
    versions: tuple[Version, ...],
    runtimes: tuple[str, ...],
    dry_run: bool,
) -> int:
    """Start the registry of a new marketplace in FOLDER/registry, FOLDER being the current one if none is named.

    What is written can be published at once. On a terminal, name, summary and host are asked for; --category,
    --host-version and --runtime can be given several times. Nothing is ever overwritten.

    Exit status: 0 written, 1 refused.
    """
    from pluginry.model.registry import Category
    from pluginry.publisher.scaffold.project import one_line
    from pluginry.publisher.scaffold.registry import GITIGNORE_FILE, a_host, registry_files

    ask = Questions(_QUESTIONS, asks=not console.as_json and sys.stdin.isatty(), takes_defaults=True)
    called = ask.answer("name", name, "", one_line)
    says = ask.answer("summary", summary, "", one_line)
    host = ask.answer("host-id", host_id, slug(called, "app"), Name)
    title = one_line(title_of(host) if host_title is None else host_title)
    categories = [Category(id=slug(one, "tools")[:30].strip("-"), title=one_line(one)) for one in shelves]
    files = dict(registry_files(called, says, categories, a_host(host, title, versions=versions, runtimes=runtimes)))
    if (folder / "registry.yaml").exists():
        raise UsageError(
            "this is a registry already", where=str(folder), hint="name the folder around it, or a new one"
        )
    has_gitignore = os.path.lexists(folder / GITIGNORE_FILE)
    if has_gitignore:
        del files[GITIGNORE_FILE]
    if not (dry_run or write_checked(console, files, folder, registry=folder / "registry")):
        return REFUSED_EXIT_STATUS
    data = {"folder": folder.as_posix(), "name": called, "host": str(host), "files": sorted(files)}
    console.result({**data, "written": not dry_run}, [(folder / file).as_posix() for file in sorted(files)])
    if has_gitignore:
        console.say("Let git ignore /.pluginry/, /dist/ and /.dist.lock: the .gitignore that is there is yours.")
    if not dry_run:
        console.say(
            "Next: `pluginry trust init`, `pluginry registry add PROJECT`, `pluginry publish dist`, in this folder."
        )
    return 0


def write_checked(console: Console, files: Mapping[str, bytes | Path], folder: Path, *, registry: Path) -> bool:
    """Write new `files` below `folder` if the `registry` is sound with them; return whether they are there now.

    What speaks against them is shown, and what else a person should look at in them.

    Raises:
        UsageError: something is there already, or cannot be written.
    """
    from pluginry.cli.check import findings_at, tell
    from pluginry.model.finding import Verdict, in_reading_order, verdict_of
    from pluginry.publisher.scaffold.new_files import write_new

    with write_new(files, folder) as undo:
        findings = in_reading_order(findings_at([registry]))
        if verdict_of(findings) is Verdict.REFUSED:
            tell(console, findings)
            console.say("Nothing was written.")
            return False
        undo.pop_all()
    new = {(folder / name).resolve() for name in files}
    about_new = tuple(one for one in findings if Path(one.where.file).resolve() in new)
    if about_new and not (console.as_json or console.quiet):
        tell(console, about_new, err=True)
    return True
