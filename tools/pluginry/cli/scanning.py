"""``pluginry scan`` and ``pluginry rescan``: looking into packages, of one's own and of all that was published."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.check import RULES
from pluginry.cli.command import command
from pluginry.cli.finding_formats import FORMATS, as_json
from pluginry.cli.publish_target import reads_target
from pluginry.cli.publisher_wiring import PublisherPlaces, ledger_branch_option, ledger_of
from pluginry.cli.table import counted
from pluginry.errors import NEEDS_REVIEW_EXIT_STATUS, UsageError
from pluginry.model.finding import Severity, Verdict, verdict_of
from pluginry.model.names import ANY_PLATFORM
from pluginry.publisher import registry_layout
from pluginry.publisher.scan_setup import ScanSetup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from pluginry.cli.console import Console
    from pluginry.cli.publish_target import Target
    from pluginry.model.facts import ScanFinding
    from pluginry.model.finding import Finding
    from pluginry.publisher.rescan import OutdatedRelease
    from pluginry.publisher.scan import ScanResult

_PATH = click.Path(exists=True, path_type=Path)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_EXIT_STATUSES = {Verdict.PASS: 0, Verdict.REFUSED: 1, Verdict.NEEDS_REVIEW: NEEDS_REVIEW_EXIT_STATUS}
_SHOWN = 50


def _data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say with which data scanners look: ``osv`` and ``rules``."""
    for option in (
        click.option("--rules", type=_FOLDER, help="Folder of further YARA rules. [default: .pluginry/rules]"),
        click.option("--osv", type=_PATH, help="Zip or folder of OSV documents. [default: .pluginry/osv.zip]"),
    ):
        command = option(command)
    return command


@command("scan", short_help="Look into packages as the marketplace does.")
@click.argument("paths", nargs=-1, required=True, type=_PATH, metavar="PATH...")
@click.option("--registry", type=_FOLDER, help="Registry with the hosts and the switches of the scanners.")
@click.option("--licence", default="", metavar="SPDX", help="Licence that the plugin is or will be listed with.")
@_data_options
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), default="text", help="How to list findings.")
def scan(
    console: Console,
    *,
    paths: tuple[Path, ...],
    registry: Path | None,
    licence: str,
    osv: Path | None,
    rules: Path | None,
    format_name: str,
) -> int:
    """Look into packages as the marketplace does: secrets, access, disguised code, known vulnerabilities and more.

    PATH is a package or a plugin project, which is packed first. Nothing of it runs, and nothing is asked of anybody.

    Exit status: 0 nothing blocks, 1 something blocks, 10 only findings that a person has to review.
    """
    setup = _setup(registry, osv, rules)
    results = [(path, _scanned(path, licence, setup)) for path in paths]
    findings = [_seen_from_here(finding, path) for path, result in results for finding in result.findings]
    if console.as_json:
        click.echo(as_json(findings, RULES), nl=False)
    else:
        click.echo(FORMATS[format_name](findings, RULES), nl=False)
        for path, result in results if format_name == "text" else ():
            for line in _told(path, result):
                console.say(line)
    return _EXIT_STATUSES[verdict_of(findings)]


def _setup(registry: Path | None, osv: Path | None, rules: Path | None) -> ScanSetup:
    from pluginry.publisher.load import load_registry

    folder = registry or Path("registry")
    places = PublisherPlaces.at(folder.resolve().parent, None).workspace
    if registry is None and not (folder / registry_layout.CONFIG_FILE).is_file():
        return ScanSetup(osv=osv or places.osv, rules=rules or places.rules)
    workspace = replace(places, osv=osv or places.osv, rules=rules or places.rules)
    return workspace.scan_setup(load_registry(folder).registry)


def _scanned(path: Path, licence: str, setup: ScanSetup) -> ScanResult:
    from pluginry.publisher.pack import pack
    from pluginry.publisher.scan_files import PackageFile, scan_file

    with tempfile.TemporaryDirectory() as scratch:
        package = pack(path, out=Path(scratch) / "package.zip").path if path.is_dir() else path
        _, result = scan_file(PackageFile(path=package, platform=ANY_PLATFORM), licence=licence, setup=setup)
    return result


def _seen_from_here(finding: Finding, path: Path) -> Finding:
    """Return a finding about a member of `path` with the path in front of it."""
    return replace(finding, where=replace(finding.where, file=f"{path.as_posix()}/{finding.where.file}"))


def _told(path: Path, result: ScanResult) -> Iterator[str]:
    """Yield what is no finding: access that was seen, packages inside, and scanners that did not run."""
    for seen in result.observed:
        first = seen.places[0]
        asked = f", asked for as {', '.join(seen.declared)}" if seen.declared else ""
        yield f"{path}: it {seen.says} ({first.what}, {first.file}:{first.line}; {counted(seen.count, 'place')}){asked}"
    if result.vendored:
        yield f"{path}: {counted(len(result.vendored), 'package')} of PyPI or npm inside"
    for name, reason in sorted(result.not_run.items()):
        yield f"{path}: {name} did not run: {reason}"


@command("rescan", short_help="Look again at what was published, with the scanners of today.")
@reads_target
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@_data_options
@ledger_branch_option
@click.option("--cluster", metavar="ADDRESS", help="Scheduler of dask whose workers scan; they see the same files.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes on this machine. [default: one for each processor]")
@click.option(
    "--seconds", type=click.IntRange(min=1), default=120, show_default=True, help="Longest time of a release."
)
@click.option("--memory-mb", type=click.IntRange(min=256), default=2048, show_default=True, help="Memory of a release.")
def rescan(
    console: Console,
    *,
    target: Target,
    workspace: Path,
    osv: Path | None,
    rules: Path | None,
    ledger_branch: str | None,
    cluster: str | None,
    jobs: int | None,
    seconds: int,
    memory_mb: int,
) -> int:
    """Look again at the releases in TARGET that not every scanner has looked at as it does today.

    New facts become events of the ledger; the next publication shows them. Nothing is unpublished. A run that was
    broken off goes on where it was.

    Exit status: 0 nothing new to look at, 10 new findings that a person has to review.
    """
    from pluginry.encoding.ledger_files import load_ledgers
    from pluginry.hosts.scan_work import ScanLimits, scan_all
    from pluginry.publisher.load import load_registry
    from pluginry.publisher.object_access import ObjectAccess
    from pluginry.publisher.rescan import bring_packages, keep, news_in, outdated
    from pluginry.publisher.withdrawn import withdrawn_releases

    places = PublisherPlaces.at(workspace.resolve(), None)
    push = ledger_of(places, ledger_branch)
    space = replace(places.workspace, osv=osv or places.workspace.osv, rules=rules or places.workspace.rules)
    registry, ledgers = load_registry(space.registry).registry, load_ledgers(space.ledger)
    setup = space.scan_setup(registry)
    news: list[tuple[OutdatedRelease, tuple[ScanFinding, ...]]] = []
    changed = 0
    with target.open(writes=False) as store, ExitStack() as stack:
        access = ObjectAccess(space.objects, store, withdrawn=withdrawn_releases(registry.advisories, ledgers.values()))
        left = tuple(outdated(registry, ledgers, access, setup))
        new_executor = _executors(stack, cluster, jobs)
        advance = stack.enter_context(console.progress("scanning", total=len(left)))
        done = scan_all(
            _with_packages(left, lambda release: bring_packages(release, access)),
            objects=space.objects,
            setup=setup,
            new_executor=new_executor,
            limits=ScanLimits(seconds=seconds, memory_bytes=memory_mb << 20),
        )
        for release, facts in done:
            changed += keep(space, ledgers, release, facts, at=datetime.now(UTC))
            if found := news_in(facts, release.facts):
                news.append((release, found))
            advance(1)
    push()
    return _tell(console, len(left), changed, sorted(news, key=lambda one: str(one[0])))


def _with_packages(
    releases: tuple[OutdatedRelease, ...], bring: Callable[[OutdatedRelease], None]
) -> Iterator[OutdatedRelease]:
    """Yield each release when its packages are at hand: no more is fetched than is about to be scanned."""
    for release in releases:
        bring(release)
        yield release


def _executors(stack: ExitStack, cluster: str | None, jobs: int | None) -> Callable[[], Executor]:
    """Return what makes executors: over the cluster at that address, or processes here."""
    if cluster is None:
        context = multiprocessing.get_context("spawn")
        return lambda: ProcessPoolExecutor(max_workers=jobs or os.cpu_count(), mp_context=context)
    if jobs is not None:
        raise UsageError("--jobs is for this machine, and the cluster has its own workers")
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise UsageError("--cluster needs dask", hint="install the package distributed") from error
    try:
        connect: Any = Client  # dask has no types
        client = stack.enter_context(connect(cluster, timeout=30))
    except (OSError, ValueError) as error:
        raise UsageError("the cluster does not answer", where=cluster, why=str(error)) from error
    new_executor: Callable[[], Executor] = client.get_executor
    return new_executor


def _tell(
    console: Console, looked_at: int, changed: int, news: list[tuple[OutdatedRelease, tuple[ScanFinding, ...]]]
) -> int:
    weights = Counter(finding.severity for _, found in news for finding in found)
    data = {
        "looked_at": looked_at,
        "changed": changed,
        "news": [
            {
                "release": str(release),
                "rule": finding.rule,
                "severity": finding.severity,
                "file": finding.file,
                "line": finding.line,
                "message": finding.message,
            }
            for release, found in news
            for finding in found
        ],
    }
    lines = [
        f"{release}: {finding.severity} {finding.rule}: {finding.file}:{finding.line}: {finding.message}"
        for release, found in news
        for finding in found
        if finding.severity != Severity.NOTE
    ]
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    summary = f"{counted(looked_at, 'release')} looked at again; {changed} with other facts than before"
    console.result(data, [*lines[:_SHOWN], *more, summary])
    return NEEDS_REVIEW_EXIT_STATUS if weights.keys() - {Severity.NOTE} else 0
