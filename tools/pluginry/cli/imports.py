"""``pluginry import``: bring plugins of other registries into this one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.cli.console import printable
from pluginry.cli.import_github import github
from pluginry.cli.import_marketplace import marketplace
from pluginry.errors import UsageError
from pluginry.model.names import Name

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.cli.console import Console
    from pluginry.importing.package_kind import PackageKind, PackageRegistry
    from pluginry.importing.report import ImportReport
    from pluginry.model.listing import Account

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)
_ACCOUNT = re.compile(r"(?P<login>[A-Za-z0-9][A-Za-z0-9-]{0,38}):(?P<id>[1-9][0-9]{0,14})")
NOTHING_ACCEPTED_EXIT_STATUS = 1

_report_option = click.option("--report", "report_file", type=_FILE, help="Write the whole report to FILE as JSON.")
_owner_option = click.option(
    "--owner", required=True, metavar="LOGIN:ID", help="Account at the forge that owns what has no other owner."
)
_registry_option = click.option(
    "--registry", type=_FOLDER, default=Path("registry"), show_default=True, help="Folder of the registry to write to."
)


@click.group()
def import_group() -> None:
    """Bring plugins of another registry into this one.

    What cannot be converted is listed with file, line and reason. Releases that are there are never changed.
    """


@command("krew")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@_registry_option
@_owner_option
@_report_option
def krew(console: Console, folder: Path, registry: Path, owner: str, report_file: Path | None) -> int:
    """Convert the krew index in FOLDER (manifests of kubectl plugins). Downloads nothing."""
    from pluginry.importing.krew import import_krew

    return tell(console, import_krew(folder, registry, owner=account_named(owner)), report_file)


@command("nvda")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@_registry_option
@_owner_option
@_report_option
def nvda(console: Console, folder: Path, registry: Path, owner: str, report_file: Path | None) -> int:
    """Convert the add-on store of NVDA in FOLDER. Downloads nothing."""
    from pluginry.importing.nvda import import_nvda

    return tell(console, import_nvda(folder, registry, owner=account_named(owner)), report_file)


def _package_options(function: Callable[..., int]) -> Callable[..., int]:
    """Declare what the imports of packages have in common."""
    for option in (
        _report_option,
        click.option("--host", help="Host of packages that do not show which one they are for."),
        click.option("--version", "versions", multiple=True, help="Exactly this version, as it is written there."),
        click.option(
            "--releases", type=click.IntRange(1, 100), default=3, show_default=True, help="How many releases."
        ),
        _registry_option,
        click.argument("names", nargs=-1, required=True),
    ):
        function = option(function)
    return function


@command("pypi")
@_package_options
@click.option("--namespace", default="pypi", show_default=True, help="Namespace of the mirrored plugins.")
def pypi(console: Console, **arguments: object) -> int:
    """List the Python packages NAMES and their newest releases, through pip."""
    from pluginry.adapters.pypi_source import PypiSource
    from pluginry.importing.pypi import PypiPackages

    return _mirror(console, PypiPackages(), PypiSource(), **arguments)  # type: ignore[arg-type]  # click typed them


@command("npm")
@_package_options
@click.option("--namespace", default="npm", show_default=True, help="Namespace of the mirrored plugins.")
def npm(console: Console, **arguments: object) -> int:
    """List the npm packages NAMES and their newest releases, through npm."""
    from pluginry.adapters.npm_source import NpmSource
    from pluginry.importing.npm import NpmPackages

    return _mirror(console, NpmPackages(), NpmSource(), **arguments)  # type: ignore[arg-type]  # click typed them


def _mirror(
    console: Console,
    kind: PackageKind,
    source: PackageRegistry,
    *,
    names: tuple[str, ...],
    registry: Path,
    namespace: str,
    releases: int,
    versions: tuple[str, ...],
    host: str | None,
    report_file: Path | None,
) -> int:
    from pluginry.importing.package_kind import Wanted
    from pluginry.importing.package_mirror import mirror_package
    from pluginry.importing.report import ImportReport
    from pluginry.importing.target import read_target

    target = read_target(registry, Name(namespace))
    wanted = Wanted(count=releases, versions=versions, host=Name(host) if host else None)
    if wanted.host and wanted.host not in target.hosts:
        raise UsageError(
            f"there is no host {host}", where=str(registry / "hosts"), hint=f"one of {', '.join(target.hosts)}"
        )
    outcomes = []
    with console.progress("importing", total=len(names)) as advance:
        for name in names:
            outcomes.append(mirror_package(name, kind=kind, registry=source, target=target, wanted=wanted))
            advance(1)
    return tell(console, ImportReport(kind=kind.kind, outcomes=tuple(outcomes)), report_file)


def account_named(text: str) -> Account:
    """Return the account written LOGIN:ID.

    Raises:
        UsageError: it is not written so.

    """
    from pluginry.model.listing import Account

    found = _ACCOUNT.fullmatch(text)
    if not found:
        raise UsageError(
            f"{text[:60]!r} is not an account",
            why="it is a login of letters, digits and hyphens and a numeric id, written LOGIN:ID",
            hint="look up the numeric id at the forge's users API: names can be re-registered, numbers cannot",
        )
    return Account(login=found["login"], id=int(found["id"]))


def tell(console: Console, report: ImportReport, report_file: Path | None) -> int:
    """Print `report`, and return the exit status: 1 when nothing was accepted."""
    document = report.as_document()
    if report_file is not None:
        report_file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    console.result(document, (printable(line) for line in report.as_lines()))
    return NOTHING_ACCEPTED_EXIT_STATUS if all(outcome.refused for outcome in report.outcomes) else 0


for _subcommand in (krew, nvda, pypi, npm, github, marketplace):
    import_group.add_command(_subcommand)
