"""``pluginry ci from-issue``: from a form that somebody filled in to the pull request that it asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.contribution_wiring import forge_of, registry_at, registry_option, repository_of, upstream_of
from pluginry.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from pluginry.adapters.github_forge import GithubForge
    from pluginry.cli.console import Console
    from pluginry.contribution.issue_changes import Case
    from pluginry.model.proposal import Proposal

_FILE = click.Path(dir_okay=False, path_type=Path)
_MARKER = "<!-- pluginry:form -->"
_REFUSED_EXIT_STATUS = 1


@command("from-issue", short_help="Make the pull request that an issue form asks for.")
@click.argument("event", type=_FILE)
@registry_option
@click.option("--remote", default="origin", show_default=True, help="Remote, or address, of the registry itself.")
@click.option("--base", default="main", show_default=True, help="Its branch that changes are merged into.")
@click.option("--repository", help="OWNER/NAME at GitHub. [default: as the remote says]")
@click.option("--dry-run", is_flag=True, help="Propose and answer nothing: only say what is asked for.")
def from_issue(
    console: Console,
    *,
    event: Path,
    registry: Path,
    remote: str,
    base: str,
    repository: str | None,
    dry_run: bool,
) -> int:
    """Read the forge's EVENT of an issue, make what its form asks for, and answer below the issue.

    A new plugin or namespace becomes a pull request. Reports and appeals become cases for the moderators: the issue
    gets a label. What is not filled in as asked is answered with the reason; an issue that is no form is left alone.

    Exit status: 0 proposed, labelled or no form, 1 the form is refused.
    """
    from pluginry.adapters.git_proposals import GitProposals
    from pluginry.contribution.forges import place_of
    from pluginry.contribution.issue_changes import change_of
    from pluginry.contribution.issue_forms import read_issue
    from pluginry.model.proposal import Proposal

    folder = registry_at(registry)
    data = _read(event)
    address = GitProposals(folder=folder).remote(remote) if not dry_run else ""
    name = repository or repository_of(place_of(address))
    forge = None if dry_run else forge_of(name, base=base)
    try:
        form = read_issue(data)
        if form is None:
            console.result({"form": None}, "This issue is none of the forms.")
            return 0
        found = change_of(form, upstream_of(folder))
    except (DocumentError, UsageError) as error:
        if forge is not None and (number := _number(data)):
            forge.comment(number, _refusal(error), marker=_MARKER)
        console.result({"refused": str(error), "hint": error.hint}, f"refused: {error}")
        return _REFUSED_EXIT_STATUS
    outcome: dict[str, Any] = {"form": form.name, "issue": form.number, "author": form.author.id}
    if isinstance(found, Proposal):
        outcome |= {"branch": found.branch, "files": {path: text.decode() for path, text in found.files.items()}}
        if forge is not None:
            outcome["url"] = _propose(found, forge, folder, address, base, form.number)
    else:
        outcome |= {"plugin": str(found.plugin), "label": found.label}
        if forge is not None:
            _hand_over(found, forge, form.number)
    console.result(outcome, f"{form.name}: {outcome.get('url') or outcome.get('label') or outcome['branch']}")
    return 0


def _read(event: Path) -> bytes:
    try:
        return event.read_bytes()
    except OSError as error:
        raise UsageError("the event cannot be read", where=str(event), why=error.strerror or "") from error


def _propose(proposal: Proposal, forge: GithubForge, folder: Path, address: str, base: str, issue: int) -> str:
    from pluginry.adapters.git_proposals import GitProposals
    from pluginry.contribution.submission import propose_here

    git = GitProposals(folder=folder, token=forge.api.token, token_host=forge.host)
    owner = forge.repository.partition("/")[0]
    start = git.fetch(address, base)
    done = propose_here(proposal, forge=forge, branches=git, address=address, owner=owner, base=start)
    text = f"{_MARKER}\nThank you. This became #{done.pull_request.number}; what happens next is told there.\n"
    forge.comment(issue, text, marker=_MARKER)
    return done.pull_request.url


def _hand_over(case: Case, forge: GithubForge, issue: int) -> None:
    forge.set_labels(issue, [case.label], kinds=["report: ", "appeal"])
    text = f"{_MARKER}\nThank you. The moderators have it; they answer here.\n"
    forge.comment(issue, text, marker=_MARKER)


def _refusal(error: DocumentError | UsageError) -> str:
    """Return an answer in our own words: what was typed is shown as code, which makes no links and mentions nobody."""
    from pluginry.contribution.report import quoted_text

    hint = f"\n\n{quoted_text(error.hint)}" if error.hint else ""
    return f"{_MARKER}\nThis could not be taken in: {quoted_text(str(error))}{hint}\n"


def _number(data: bytes) -> int | None:
    """Return the number of the issue in an event, however its form was filled in."""
    from pluginry.contribution.issue_forms import MAX_EVENT_BYTES
    from pluginry.encoding import strict_json

    try:
        found = strict_json.parse(data, what="the event", max_bytes=MAX_EVENT_BYTES, max_depth=64)
        number = found["issue"]["number"]
    except (DocumentError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) and not isinstance(number, bool) else None
