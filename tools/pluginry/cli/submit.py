"""``pluginry submit``: from changed files in a clone of the registry to its pull request, or to a patch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.contribution_wiring import forge_of, registry_at, registry_option, repository_of
from pluginry.cli.finding_formats import as_json, as_text
from pluginry.model.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pluginry.adapters.git_proposals import GitProposals
    from pluginry.cli.console import Console
    from pluginry.contribution.forges import ForgePlace
    from pluginry.model.finding import Finding
    from pluginry.model.proposal import Proposal
    from pluginry.model.rule import Rule

_REFUSED_EXIT_STATUS = 1


@command("submit", short_help="Propose your changes to a registry: opens or updates the pull request.")
@click.argument("plugin", required=False)
@registry_option
@click.option("--remote", default="origin", show_default=True, help="Remote, or address, of the registry itself.")
@click.option("--base", default="main", show_default=True, help="Its branch that changes are merged into.")
@click.option("--repository", help="OWNER/NAME at GitHub. [default: as the remote says]")
@click.option("--patch", "as_patch", is_flag=True, help="Ask no forge: print the patch, and what to do with it.")
@click.option("--dry-run", is_flag=True, help="Only say what would be proposed.")
def submit(
    console: Console,
    *,
    plugin: str | None,
    registry: Path,
    remote: str,
    base: str,
    repository: str | None,
    as_patch: bool,
    dry_run: bool,
) -> int:
    """Propose what differs between a clone and its registry, for PLUGIN or for the only one that differs.

    The change is checked as the registry will check it, put on a branch of its own on top of the newest state, pushed
    to your fork, and a pull request opened; the next time the same one is updated. Your files, branches and commits
    stay as they are. GitHub is asked with GH_TOKEN, GITHUB_TOKEN or the login of `gh`. Without a login, and at other
    forges, the patch is printed with what to do.

    Exit status: 0 proposed or printed, 1 the check found something that blocks.
    """
    from pluginry.adapters.git_proposals import GitProposals
    from pluginry.contribution.forges import GITHUB, place_of
    from pluginry.contribution.submission import proposal_of
    from pluginry.contribution.submission import submit as propose

    folder = registry_at(registry)
    git = GitProposals(folder=folder)
    address = git.remote(remote)
    place = place_of(address)
    start = git.fetch(address, base)
    proposal = proposal_of(git.changed(start, f"registry/plugins/{plugin}" if plugin else "registry"))
    if refused := [finding for finding in _findings(folder, proposal) if finding.severity is Severity.BLOCKS]:
        click.echo((as_json if console.as_json else as_text)(refused, _rules()), nl=False)
        return _REFUSED_EXIT_STATUS
    name = repository or repository_of(place)
    forge = forge_of(name, base=base) if name and (repository or (place and place.kind == GITHUB)) else None
    with_forge = forge is not None and bool(forge.api.token) and not as_patch
    plan = {"branch": proposal.branch, "title": proposal.title, "base": start, "files": sorted(proposal.files)}
    if dry_run:
        plan |= {"action": "pull request" if with_forge else "patch", "repository": name or address}
        console.result(plan, (f"{key}: {_line(value)}" for key, value in plan.items()))
        return 0
    if forge is None or not with_forge:
        commit = git.commit(start, proposal.files, message=_message(proposal), author=None)
        _tell_by_hand(console, git, place, proposal, plan | {"commit": commit, "action": "patch"}, base)
        return 0
    me = forge.whoami()
    git = GitProposals(folder=folder, token=forge.api.token, token_host=forge.host)
    commit = git.commit(start, proposal.files, message=_message(proposal), author=me)
    done = propose(proposal, forge=forge, branches=git, workplace=forge.workplace(), commit=commit)
    data = plan | {"commit": commit, "action": str(done.action), "url": done.pull_request.url}
    console.result(data, f"{done.pull_request.url} ({done.action})")
    return 0


def _findings(registry: Path, proposal: Proposal) -> Iterator[Finding]:
    """Yield what the registry will find in the files of a proposal."""
    from pluginry.publisher.load import load_registry
    from pluginry.publisher.source_digests import check_digests
    from pluginry.publisher.validate import validate

    loaded = load_registry(registry)
    for finding in (*loaded.findings, *validate(loaded), *check_digests(loaded, registry)):
        if f"registry/{finding.where.file}" in proposal.files:
            yield finding


def _rules() -> Mapping[str, Rule]:
    from pluginry.cli.check import RULES

    return RULES


def _message(proposal: Proposal) -> str:
    return f"{proposal.title}\n"


def _line(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _tell_by_hand(
    console: Console,
    git: GitProposals,
    place: ForgePlace | None,
    proposal: Proposal,
    plan: dict[str, Any],
    base: str,
) -> None:
    from pluginry.contribution.forges import by_hand

    patch = git.patch(plan["commit"]).decode(errors="replace")
    steps = by_hand(place, proposal, commit=plan["commit"], base=base)
    console.result({**plan, "patch": patch, "steps": list(steps)}, patch.splitlines())
    for step in steps:
        console.say(step)
