"""``pluginry ci``: what continuous integration asks about a pull request. Reads git objects; runs nothing of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.ci_sweep import sweep
from pluginry.cli.command import command
from pluginry.cli.finding_formats import as_github
from pluginry.cli.from_issue import from_issue
from pluginry.errors import NEEDS_REVIEW_EXIT_STATUS, UsageError
from pluginry.model.finding import Finding, Location, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.cli.console import Console
    from pluginry.model.decision import Decision

_EXIT_STATUSES = {Verdict.PASS: 0, Verdict.REFUSED: 1, Verdict.NEEDS_REVIEW: NEEDS_REVIEW_EXIT_STATUS}
_FILE = click.Path(dir_okay=False, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.group("ci", short_help="Judge pull requests.")
def ci() -> None:
    """Judge pull requests: what is asked of a registry in continuous integration."""


@command("check", short_help="Judge a pull request.")
@click.option("--base", help="Commit that the change is to be merged into. [default: that of the event]")
@click.option("--head", help="Commit to be merged. [default: that of the event]")
@click.option("--event", "event_file", type=_FILE, help="The forge's event of the pull request: commits and author.")
@click.option("--author-id", type=int, help="Number of the author's account; goes before the event's.")
@click.option("--author", "author_login", default="", help="Login of the author's account.")
@click.option("--approvals", "approvals_file", type=_FILE, help="The forge's list of reviews of the pull request.")
@click.option("--approved-by", type=int, multiple=True, metavar="ID", help="Number of an account that approved.")
@click.option("--repository", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path(),
              help="A clone with both commits. [default: here]")  # fmt: skip
@click.option(
    "--offline", is_flag=True, help="Ask nobody: no package is fetched, no repository of a developer is read."
)
@click.option("--whole", is_flag=True, help="Validate the whole registry, not only what the change reaches.")
@click.option("--decision", "decision_file", type=_OUTPUT, help="Write decision.json here.")
@click.option("--report", "report_file", type=_OUTPUT, help="Write the Markdown report here.")
@click.option("--annotations", is_flag=True, help="Print reasons as workflow annotations.")
def check(
    console: Console,
    *,
    base: str | None,
    head: str | None,
    event_file: Path | None,
    author_id: int | None,
    author_login: str,
    approvals_file: Path | None,
    approved_by: tuple[int, ...],
    repository: Path,
    offline: bool,
    whole: bool,
    decision_file: Path | None,
    report_file: Path | None,
    annotations: bool,
) -> int:
    """Judge merging HEAD into BASE, by the rules, owners and policy of BASE.

    Only git objects are read: nothing is checked out, and nothing of the pull request is run. Who asks and who agreed
    says the forge, by numbers of accounts; names in commits count for nothing.

    Exit status: 0 it may be merged, 10 a person has to look, 1 refused, 3 something could not be reached: try again.
    """
    from pluginry.adapters.git_commits import GitCommits
    from pluginry.cli.check import RULES
    from pluginry.cli.judging import judged
    from pluginry.contribution.people import People, read_approvals, read_event
    from pluginry.contribution.report import as_markdown
    from pluginry.model.listing import Account

    event = read_event(_read(event_file)) if event_file else None
    base, head = base or (event.base if event else None), head or (event.head if event else None)
    if base is None or head is None:
        raise UsageError("it is not said which commits to judge", hint="give --base and --head, or --event")
    commits = GitCommits(repository)
    base, head = commits.commit_of(base), commits.commit_of(head)
    author = event.author if event else None
    if author_id is not None:
        author = Account(login=author_login, id=author_id)
    approvals = frozenset(approved_by)
    if approvals_file is not None:
        approvals |= read_approvals(_read(approvals_file), head=head)
    people = People(author=author, approvals=approvals)
    decision, judgement = judged(commits, base, head, people=people, offline=offline, whole=whole)
    _write(decision_file, f"{json.dumps(_plain(decision), indent=2, sort_keys=True)}\n")
    _write(report_file, as_markdown(decision, RULES, differences=judgement.differences))
    if annotations:
        click.echo(as_github(tuple(_findings(decision)), {}), nl=False)
    console.result(_plain(decision), _lines(decision))
    return _EXIT_STATUSES[decision.verdict]


ci.add_command(check)
ci.add_command(from_issue)
ci.add_command(sweep)


def _plain(decision: Decision) -> object:
    from pluginry.encoding.documents import to_plain

    return to_plain(decision)


def _findings(decision: Decision) -> Iterator[Finding]:
    for reason in decision.reasons:
        where = Location(file=reason.file, line=reason.line, column=1 if reason.line else 0)
        yield Finding(rule=reason.rule, severity=reason.severity, where=where, message=reason.message, hint=reason.hint)


def _lines(decision: Decision) -> Iterator[str]:
    for reason in decision.reasons:
        place = f"{reason.file}:{reason.line}" if reason.line else reason.file
        yield f"{place}: {reason.severity} {reason.rule}: {reason.message}"
        if reason.hint:
            yield f"    fix: {reason.hint}"
    merges = ", and merges by itself" if decision.merges else ""
    yield f"{decision.verdict}{merges}: tier {decision.tier}, waiting for {decision.waiting_for}"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError("a file cannot be read", where=str(file), why=error.strerror or "") from error


def _write(file: Path | None, text: str) -> None:
    if file is None:
        return
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError("the result cannot be written", where=str(file), why=error.strerror or "") from error
