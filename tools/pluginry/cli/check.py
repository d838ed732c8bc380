"""``pluginry check`` and ``pluginry explain``: everything that is wrong in one run, and what each rule stands for."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import click

from pluginry.cli.command import command
from pluginry.cli.finding_formats import FORMATS, as_json, as_text, summary
from pluginry.contribution import judge
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import NEEDS_REVIEW_EXIT_STATUS, NotFoundError, UsageError
from pluginry.importing import rules as importing
from pluginry.model.finding import Verdict, in_reading_order, verdict_of
from pluginry.publisher import registry_layout, scan
from pluginry.publisher.load import check_file, load_project, load_registry
from pluginry.publisher.source_digests import check_digests
from pluginry.publisher.validate import ALL_RULES, validate, validate_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pluginry.cli.console import Console
    from pluginry.model.finding import Finding
    from pluginry.model.rule import Rule

RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rule in (*ALL_RULES, *scan.RULES, *importing.RULES, *judge.RULES)}
"""Every rule that a finding can name."""

_EXIT_STATUSES = {Verdict.PASS: 0, Verdict.REFUSED: 1, Verdict.NEEDS_REVIEW: NEEDS_REVIEW_EXIT_STATUS}
_REGISTRY_FOLDERS = ("plugins", "hosts", "namespaces")


@command("check", short_help="Find everything that is wrong with registry files or a plugin project.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), default="text", help="How to list findings.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the findings to a file.")
def check(console: Console, *, paths: tuple[Path, ...], format_name: str, output: Path | None) -> int:
    """Find everything that is wrong, in one run.

    PATH is a registry, a folder or file in one, a plugin project, or a single document. Without PATH the folder
    `registry` is checked if there is one, else the current folder.

    Exit status: 0 nothing blocks, 1 something blocks, 10 only findings that a person has to review.
    """
    findings = in_reading_order(findings_at(paths or (Path(),)))
    render = as_json if console.as_json else FORMATS[format_name]
    text = render(findings, RULES)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)
        console.say(summary(findings))
    return _EXIT_STATUSES[verdict_of(findings)]


def tell(console: Console, findings: Sequence[Finding], *, err: bool = False) -> None:
    """Show `findings` as ``pluginry check`` does, or on standard error beside the result of another command."""
    click.echo((as_json if console.as_json else as_text)(findings, RULES), nl=False, err=err)


@command("explain", short_help="Say what a rule means and what to do.")
@click.argument("rule", required=False)
def explain(console: Console, *, rule: str | None) -> None:
    """Say what RULE (such as yaml.alias) means, why it exists and what to do; without RULE list all rules."""
    if rule is None or any(name.startswith(f"{rule}.") for name in RULES):
        chosen = [known for known in RULES.values() if rule is None or known.id.startswith(f"{rule}.")]
        console.result([_as_plain(known) for known in chosen], _listed(chosen))
        return
    if rule not in RULES:
        hint = did_you_mean(rule, RULES) or "`pluginry explain` lists all rules"
        raise NotFoundError(f"there is no rule {rule[:80]!r}", hint=hint)
    known = RULES[rule]
    lines = (f"{known.id} ({known.severity}): {known.title}", f"  why: {known.why}", f"  fix: {known.fix}")
    console.result(_as_plain(known), lines)


def _as_plain(rule: Rule) -> dict[str, str]:
    return {"id": rule.id, "severity": rule.severity, "title": rule.title, "why": rule.why, "fix": rule.fix}


def _listed(rules: Iterable[Rule]) -> Iterator[str]:
    for family, members in groupby(rules, key=lambda rule: rule.id.partition(".")[0]):
        yield family
        for rule in members:
            yield f"  {rule.id:<36} {rule.title}"


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError("the findings cannot be written", where=str(output), why=error.strerror or "") from error


def findings_at(paths: Iterable[Path]) -> Iterator[Finding]:
    """Yield the findings at all `paths`; a registry is read once, however many of its files are named."""
    checked: dict[Path, tuple[Finding, ...]] = {}
    for path in paths:
        if not path.exists():
            raise UsageError("there is no such file or folder", where=str(path))
        if path.is_symlink():  # in a pull request it may lead anywhere on this machine
            raise UsageError("this is a link", where=str(path), hint="name what it leads to")
        registry = _registry_of(path)
        if registry is not None:
            if registry not in checked:
                checked[registry] = tuple(_findings_of_registry(registry))
            inner = path.resolve().relative_to(registry) if path.resolve().is_relative_to(registry) else Path()
            yield from (_seen_from_here(f, registry) for f in checked[registry] if _is_in(f, inner))
        elif path.is_file():
            yield from (_seen_from_here(finding, path.parent) for finding in check_file(path))
        elif (path / registry_layout.MANIFEST_FILE).exists() or (path / "plugin.json").exists():
            loaded = load_project(path)
            yield from (_seen_from_here(f, path) for f in (*loaded.findings, *validate_project(loaded)))
        else:
            hint = f"a registry has {registry_layout.CONFIG_FILE}, a plugin project has {registry_layout.MANIFEST_FILE}"
            raise UsageError("this is neither a registry nor a plugin project", where=str(path), hint=hint)


def _findings_of_registry(folder: Path) -> Iterator[Finding]:
    loaded = load_registry(folder)
    yield from loaded.findings
    yield from validate(loaded)
    yield from check_digests(loaded, folder)


def _registry_of(path: Path) -> Path | None:
    """Return the registry that `path` is, holds as its folder ``registry``, or lies in."""
    resolved = path.resolve()
    for folder in (resolved, resolved / "registry", *resolved.parents):
        if folder.is_symlink() or not (folder / registry_layout.CONFIG_FILE).is_file():
            continue
        is_meant = folder in (resolved, resolved / "registry")  # one further up may be of anything
        if is_meant or any((folder / name).is_dir() for name in _REGISTRY_FOLDERS):
            return folder
    # A folder that was named, and lacks only its registry.yaml, is a registry with a finding.
    return resolved if all((resolved / name).is_dir() for name in _REGISTRY_FOLDERS) else None


def _is_in(finding: Finding, inner: Path) -> bool:
    return PurePosixPath(finding.where.file).is_relative_to(inner.as_posix())


def _seen_from_here(finding: Finding, folder: Path) -> Finding:
    """Return a finding about a file in `folder` with the file's path from the current folder."""
    file = Path(os.path.relpath(folder / finding.where.file)).as_posix()
    return replace(finding, where=replace(finding.where, file=file))
