"""``pluginry ci sweep``: the robot that judges open pull requests, answers on them, and merges what policy lets it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.contribution_wiring import github_api, repository_of
from pluginry.errors import PublishConflictError, UsageError

if TYPE_CHECKING:
    from pluginry.adapters.github_reviews import GithubReviews
    from pluginry.cli.console import Console
    from pluginry.contribution.judge import Judgement
    from pluginry.contribution.people import People
    from pluginry.contribution.robot import Outcome
    from pluginry.contribution.sweep import Bench
    from pluginry.model.decision import Decision
    from pluginry.model.proposal import PullRequest

_TRY_AGAIN = 3


@command("sweep", short_help="Judge open pull requests, answer on them, merge what policy lets merge.")
@click.argument("numbers", nargs=-1, type=click.IntRange(min=1))
@click.option("--repository", help="OWNER/NAME at GitHub. [default: that of the workflow]")
@click.option("--base", default="main", show_default=True, help="Branch that changes are merged into.")
@click.option("--clone", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path(),
              help="A clone of the repository with its whole history. [default: here]")  # fmt: skip
@click.option("--offline", is_flag=True, help="Ask nobody but the forge: new releases then need a person.")
@click.option("--start", metavar="WORKFLOW", help="Start this workflow when something was merged, as in publish.yml.")
def sweep(
    console: Console,
    *,
    numbers: tuple[int, ...],
    repository: str | None,
    base: str,
    clone: Path,
    offline: bool,
    start: str | None,
) -> int:
    """Judge the open pull requests, or those with NUMBERS, that were not judged as they stand; say so there.

    One comment and labels say what was decided and whose turn it is. What policy lets merge by itself is merged: the
    very commit that was judged. Their commits are fetched as data, and nothing of them is checked out or run.

    Exit status: 0 all were looked at, 3 something could not be judged or merged: try again.
    """
    from pluginry.cli.check import RULES
    from pluginry.contribution.robot import Done
    from pluginry.contribution.sweep import sweep as swept

    name = repository or repository_of(None)
    if not name:
        raise UsageError("it is not known where the registry lies", hint="give --repository OWNER/NAME")
    forge = _forge(name, base)
    found = list(swept(forge, _bench(forge, clone, offline=offline), rules=RULES, only=frozenset(numbers)))
    if start and any(one.done is Done.MERGED for one in found):
        forge.start(start)  # what a workflow merges starts no other workflow by itself
    data: list[dict[str, Any]] = [
        {
            "number": one.number,
            "done": str(one.done),
            "waiting_for": str(one.waiting_for) if one.waiting_for else None,
            "why": one.why,
        }
        for one in found
    ]
    lines = [_line(one) for one in found]
    console.result({"pull_requests": data}, lines or ["no pull request is open"])
    return _TRY_AGAIN if any(one.done in (Done.NOT_JUDGED, Done.NOT_MERGED) for one in found) else 0


def _line(one: Outcome) -> str:
    turn = f" for {one.waiting_for}" if one.waiting_for else ""
    return f"#{one.number}: {one.done}{turn}{f': {one.why}' if one.why else ''}"


def _forge(name: str, base: str) -> GithubReviews:
    from pluginry.adapters.github_reviews import GithubReviews

    return GithubReviews(api=github_api(), repository=name, base=base)


def _bench(forge: GithubReviews, clone: Path, *, offline: bool) -> Bench:
    from pluginry.adapters.git_commits import GitCommits
    from pluginry.adapters.git_proposals import GitProposals
    from pluginry.cli.judging import judged

    git = GitProposals(folder=clone, token=forge.api.token, token_host=forge.host)
    address = forge.clone_address()

    def bench(request: PullRequest, base: str, people: People) -> tuple[Decision, Judgement]:
        there = git.fetch(address, forge.base), git.fetch_request(address, request.number)
        if there != (base, request.head):
            raise PublishConflictError("it was changed meanwhile", where=f"#{request.number}")
        return judged(GitCommits(clone), base, request.head, people=people, offline=offline)

    return bench
