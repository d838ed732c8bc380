"""Pull requests of a registry at GitHub; see `Forge`.

In: ``OWNER/NAME`` of the registry's repository. Out: accounts, pull requests, checks. What the forge says is taken
apart strictly: an answer of another shape is an error, never a guess.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from pluginry.adapters.github_answers import account_of, number_of, pull_request_of, text_of, whole
from pluginry.errors import NotFoundError, PolicyError, PublishConflictError, TransportError
from pluginry.model.proposal import ROBOT, Checks, PullRequest, Stage, Workplace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pluginry.adapters.github_api import GithubApi
    from pluginry.model.listing import Account

_OF_A_ROBOT: Final = "ghs_"
"""Tokens of workflows begin so; they cannot ask who they are."""
_GOOD: Final = frozenset({"success", "neutral", "skipped"})
_FORK_ATTEMPTS: Final = 20
_FORK_PAUSE_S: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubForge:
    """The repository ``OWNER/NAME``; ``base`` is the branch that changes are merged into."""

    api: GithubApi
    repository: str
    base: str = "main"
    sleep: Callable[[float], None] = time.sleep

    @property
    def location(self) -> str:
        """Host and repository."""
        return f"{urlsplit(self.api.address).hostname}/{self.repository}"

    @property
    def host(self) -> str:
        """The machine that git speaks to, without a port."""
        return (urlsplit(self.api.address).hostname or "").removeprefix("api.")

    def whoami(self) -> Account:
        """Return the account of the token; see `Forge`."""
        if self.api.token.startswith(_OF_A_ROBOT):
            return ROBOT
        return account_of(self.api.get("/user"), "user")

    def numbers_of(self, repository: str) -> tuple[str, str]:
        """Return the number of the repository ``OWNER/NAME``, which may be any, and that of its owner."""
        found = whole(self.api.get(f"/repos/{quote(repository)}"), "repository")
        return str(number_of(found, "id")), str(account_of(found.get("owner"), "owner").id)

    def workplace(self) -> Workplace:
        """Return the repository if the account may push to it, else its fork; see `Forge`."""
        here = whole(self.api.get(self._path()), "repository")
        if whole(here.get("permissions", {}), "permissions").get("push") is True:
            return Workplace(owner=self._owner, address=text_of(here, "clone_url"))
        made = whole(self.api.send("POST", self._path("forks"), {"default_branch_only": True}), "fork")
        name, me = text_of(made, "full_name"), self.whoami()
        if account_of(made.get("owner"), "owner") != me:
            raise PolicyError("the forge made a fork that is another's", where=name)
        self._await(name)
        return Workplace(owner=me.login, address=text_of(made, "clone_url"))

    def find(self, branch: str, *, owner: str) -> PullRequest | None:
        """Return the newest pull request from a branch; see `Forge`."""
        query = {"state": "all", "head": f"{owner}:{branch}", "sort": "created", "direction": "desc"}
        found = [pull_request_of(one) for one in self.api.pages(self._path("pulls"), **query)]
        return min(found, key=lambda one: (one.stage is not Stage.OPEN, -one.number), default=None)

    def open(self, branch: str, *, owner: str, title: str, body: str) -> PullRequest:
        """Open a pull request; see `Forge`."""
        content: dict[str, object] = {"title": title, "body": body, "head": f"{owner}:{branch}", "base": self.base}
        content["maintainer_can_modify"] = owner != self._owner
        return pull_request_of(self.api.send("POST", self._path("pulls"), content))

    def update(self, number: int, *, title: str, body: str) -> None:
        """Change the words of a pull request; see `Forge`."""
        self.api.send("PATCH", self._path(f"pulls/{number}"), {"title": title, "body": body})

    def comment(self, number: int, text: str, *, marker: str) -> None:
        """Write a comment, or write it anew; see `Forge`. Another's comment with the marker is left alone."""
        me = self.whoami().id
        for one in self.api.pages(self._path(f"issues/{number}/comments")):
            said = whole(one, "comment")
            if str(said.get("body")).startswith(marker) and account_of(said.get("user"), "user").id == me:
                if said.get("body") != text:
                    self.api.send("PATCH", self._path(f"issues/comments/{int(said['id'])}"), {"body": text})
                return
        self.api.send("POST", self._path(f"issues/{number}/comments"), {"body": text})

    def set_labels(self, number: int, labels: Iterable[str], *, kinds: Iterable[str]) -> None:
        """Let a pull request have these labels of some kinds; see `Forge`."""
        found = self.api.pages(self._path(f"issues/{number}/labels"))
        there = [text_of(whole(label, "label"), "name") for label in found]
        wanted = sorted({label for label in there if not label.startswith(tuple(kinds))} | set(labels))
        if wanted != sorted(there):
            self.api.send("PUT", self._path(f"issues/{number}/labels"), {"labels": wanted})

    def checks_of(self, commit: str) -> Checks:
        """Return what the check runs of a commit come to; see `Forge`."""
        found = whole(self.api.get(self._path(f"commits/{quote(commit)}/check-runs"), per_page=100), "check runs")
        runs = [whole(run, "check run") for run in found.get("check_runs", ())]
        if not runs:
            return Checks.NONE
        if any(run.get("status") == "completed" and run.get("conclusion") not in _GOOD for run in runs):
            return Checks.FAILED
        return Checks.PASSED if all(run.get("status") == "completed" for run in runs) else Checks.RUNNING

    def merge(self, number: int, *, head: str) -> None:
        """Merge a pull request that ends in `head`; see `Forge`."""
        try:
            self.api.send("PUT", self._path(f"pulls/{number}/merge"), {"sha": head, "merge_method": "squash"})
        except PolicyError as error:
            if "HTTP 409" not in error.why:
                raise
            raise PublishConflictError("the pull request was changed meanwhile", where=f"#{number}") from error

    def _await(self, fork: str) -> None:
        """Return when the branches of a new fork are there: forges answer before they are done."""
        for attempt in range(_FORK_ATTEMPTS):
            try:
                self.api.get(f"/repos/{fork}/git/ref/heads/{quote(self.base)}")
            except (NotFoundError, PolicyError) as error:
                if attempt + 1 == _FORK_ATTEMPTS:
                    raise TransportError("the fork is not ready yet", where=fork, hint="try again later") from error
                self.sleep(_FORK_PAUSE_S)
            else:
                return

    @property
    def _owner(self) -> str:
        return self.repository.partition("/")[0]

    def _path(self, rest: str = "") -> str:
        return f"/repos/{self.repository}{'/' if rest else ''}{rest}"
