"""From changed files to a pull request: the same proposal always ends in the same one, however often it is made.

In: files of the registry, a forge, the branches of a clone. Out: the pull request, and what was done about it.
Never touches a branch that is not named after what it proposes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from pluginry.errors import UsageError
from pluginry.model.names import PluginId
from pluginry.model.proposal import Proposal, Stage, Workplace
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.proposal import PullRequest
    from pluginry.model.registry import PluginEntry
    from pluginry.model.versions import Version
    from pluginry.ports import Forge, ProposalBranches

BRANCHES: Final = "pluginry"
"""Every branch of ours begins with it."""
REGISTRY: Final = "registry"
_PLUGIN_DEPTH: Final = 3  # plugins/<namespace>/<name>
_BODY: Final = "Proposed with `pluginry {command}`. What is to be said about it follows from the files.\n"


class Action(StrEnum):
    """What became of a proposal."""

    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A proposal at the forge."""

    action: Action
    pull_request: PullRequest


def release_branch(plugin: PluginId, version: Version) -> str:
    """Return the branch that a release is proposed on."""
    return f"{BRANCHES}/{plugin}/{version}"


def listing_branch(subject: PluginId | str) -> str:
    """Return the branch that everything else about a plugin, or a namespace, is proposed on."""
    return f"{BRANCHES}/{subject}/listing"


def release_proposal(entry: PluginEntry, version: Version, content: bytes) -> Proposal:
    """Return the proposal of one new release."""
    return Proposal(
        branch=release_branch(entry.id, version),
        title=f"{entry.id} {version}",
        body=_BODY.format(command="discover"),
        files={f"{REGISTRY}/{registry_layout.release_file(entry, version)}": content},
    )


def proposal_of(files: Mapping[str, bytes]) -> Proposal:
    """Return the proposal of changed `files`, by path in the repository: those of one plugin or of one namespace.

    Raises:
        UsageError: there are none, or they are about several things.

    """
    subjects = {_subject(path) for path in files}
    if not subjects:
        hint = "write a release with `pluginry bump`, or change the listing"
        raise UsageError("nothing differs from the registry", hint=hint)
    if len(subjects) > 1:
        why = ", ".join(sorted(subject or "other files" for subject in subjects))
        hint = "submit one plugin at a time: `pluginry submit namespace/name`"
        raise UsageError("a proposal is about one plugin", why=why, hint=hint)
    subject = subjects.pop()
    if not subject:
        raise UsageError("only plugins and namespaces are submitted", where=min(files), hint="use git for the rest")
    versions = [path.stem for path in map(PurePosixPath, files) if path.parent.name == "releases"]
    only_one = versions[0] if len(versions) == len(files) == 1 else ""
    branch = f"{BRANCHES}/{subject}/{only_one}" if only_one else listing_branch(subject)
    title = f"{subject} {only_one}".rstrip()
    return Proposal(branch=branch, title=title, body=_BODY.format(command="submit"), files=files)


def submit(
    proposal: Proposal, *, forge: Forge, branches: ProposalBranches, workplace: Workplace, commit: str
) -> Submitted:
    """Push `commit`, which makes `proposal`, and return its pull request, opened now or brought up to date.

    Raises:
        PluginryError: as the forge and git say.

    """
    is_new = branches.push(commit, address=workplace.address, branch=proposal.branch)
    found = forge.find(proposal.branch, owner=workplace.owner)
    if found is not None and (found.stage is Stage.OPEN or not is_new):
        action = Action.UPDATED if is_new else Action.UNCHANGED
        if is_new:
            forge.update(found.number, title=proposal.title, body=proposal.body)
        return Submitted(action=action, pull_request=found)
    made = forge.open(proposal.branch, owner=workplace.owner, title=proposal.title, body=proposal.body)
    return Submitted(action=Action.OPENED, pull_request=made)


def propose_here(
    proposal: Proposal, *, forge: Forge, branches: ProposalBranches, address: str, owner: str, base: str
) -> Submitted:
    """Propose something in the name of the registry itself, from a branch of its own repository at `address`.

    Raises:
        PluginryError: as the forge and git say.

    """
    commit = branches.commit(base, proposal.files, message=f"{proposal.title}\n", author=forge.whoami())
    workplace = Workplace(owner=owner, address=address)
    return submit(proposal, forge=forge, branches=branches, workplace=workplace, commit=commit)


def _subject(path: str) -> str:
    """Return the plugin or namespace that a file is about; empty for anything else."""
    parts = PurePosixPath(path).parts
    if parts[:2] == (REGISTRY, "plugins") and len(parts) > 1 + _PLUGIN_DEPTH:
        return str(PluginId.parse(f"{parts[2]}/{parts[3]}"))
    if parts[:2] == (REGISTRY, "namespaces") and len(parts) == _PLUGIN_DEPTH:
        return f"namespaces/{PurePosixPath(path).stem}"
    return ""
