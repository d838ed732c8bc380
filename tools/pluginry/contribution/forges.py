"""Which forge a registry lies at, and what a person does there by hand to propose a change.

In: the address of a repository. Out: a `ForgePlace`, links and commands. Guesses by host names only, and says so by
calling the rest ``other``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from pluginry.model.proposal import Proposal

GITHUB, GITLAB, GITEA, OTHER = KINDS = ("github", "gitlab", "gitea", "other")
_SCP: Final = re.compile(r"(?:[^@/]+@)?(?P<host>[A-Za-z0-9.-]+):(?P<path>[^/].*)")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+")
_SIGNS: Final = ((GITHUB, ("github",)), (GITLAB, ("gitlab",)), (GITEA, ("gitea", "forgejo", "codeberg")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgePlace:
    """A repository such as ``OWNER/NAME`` at the forge on ``host``."""

    kind: str
    host: str
    repository: str

    @property
    def address(self) -> str:
        """Its page."""
        return f"https://{self.host}/{self.repository}"


def place_of(address: str) -> ForgePlace | None:
    """Return the forge that `address`, of a git remote, is at; None for a folder and what cannot be read."""
    scp = None if "://" in address else _SCP.fullmatch(address)
    try:
        parts = urlsplit(address)
        host, path = (scp["host"], scp["path"]) if scp else (parts.hostname or "", parts.path)
    except ValueError:
        return None
    repository = path.strip("/").removesuffix(".git")
    if not host or not _REPOSITORY.fullmatch(repository):
        return None
    kind = next((kind for kind, signs in _SIGNS if any(sign in host for sign in signs)), OTHER)
    return ForgePlace(kind=kind, host=host.lower(), repository=repository)


def by_hand(place: ForgePlace | None, proposal: Proposal, *, commit: str, base: str) -> tuple[str, ...]:
    """Return what to do, line by line, to propose `commit`, which is in the clone already."""
    push = f"git push FORK {commit}:refs/heads/{proposal.branch}"
    if place is None:
        return ("Mail the patch to whoever looks after the registry, or", push)
    branch = quote(proposal.branch)
    steps = (f"Fork {place.address}, if you have not yet, and put its address in the place of FORK:", push)
    if place.kind == GITLAB:
        options = f"-o merge_request.create -o merge_request.target={base} -o merge_request.title='{proposal.title}'"
        return (steps[0], f"git push {options} FORK {commit}:refs/heads/{proposal.branch}",
                "or push without options and open the merge request at",
                f"{place.address}/-/merge_requests/new?merge_request%5Bsource_branch%5D={branch}")  # fmt: skip
    if place.kind == GITEA:
        return (*steps, "Open the pull request, with your login in the place of LOGIN:",
                f"{place.address}/compare/{base}...LOGIN:{branch}")  # fmt: skip
    if place.kind == GITHUB:
        return (*steps, "Open the pull request, with your login in the place of LOGIN:",
                f"{place.address}/compare/{base}...LOGIN:{branch}?expand=1")  # fmt: skip
    return (*steps, f"and open a pull request from it at {place.address}.")
