"""Open pull requests at GitHub, for a robot that judges and merges; see `ReviewForge`.

In: ``OWNER/NAME`` of the registry's repository. Out: open pull requests, what people said about them, the base branch's
commit. Decides nothing: who may say what is decided by those who ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pluginry.adapters.github_answers import account_of, comment_of, pull_request_of, review_of, text_of, whole
from pluginry.adapters.github_forge import GithubForge
from pluginry.errors import NotFoundError, TransportError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.listing import Account
    from pluginry.model.proposal import Comment, PullRequest, Review

_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubReviews(GithubForge):
    """The pull requests of a repository into its branch ``base``."""

    def tip(self) -> str:
        """Return the newest commit of the base branch; see `ReviewForge`."""
        found = whole(self.api.get(self._path(f"git/ref/heads/{quote(self.base)}")), "branch")
        commit = text_of(whole(found.get("object"), "object"), "sha")
        if not _COMMIT.fullmatch(commit):
            raise TransportError("the forge answers in a way that nobody expects", why="its commit is not one")
        return commit

    def clone_address(self) -> str:
        """Return where git finds the repository; see `ReviewForge`."""
        return text_of(whole(self.api.get(self._path()), "repository"), "clone_url")

    def open_requests(self) -> tuple[PullRequest, ...]:
        """Return the open pull requests into the base branch; see `ReviewForge`."""
        query = {"state": "open", "base": self.base, "sort": "created", "direction": "asc"}
        return tuple(pull_request_of(one) for one in self.api.pages(self._path("pulls"), **query))

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Return the comments of a pull request, oldest first; see `ReviewForge`."""
        found = self.api.pages(self._path(f"issues/{number}/comments"))
        # What is left of an account that was deleted has no author, and nobody who could be allowed to say something.
        return tuple(comment_of(one) for one in found if whole(one, "comment").get("user") is not None)

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Return the reviews of a pull request, oldest first; see `ReviewForge`."""
        found = (review_of(one) for one in self.api.pages(self._path(f"pulls/{number}/reviews")))
        return tuple(review for review in found if review is not None)

    def ask_for_review(self, number: int, accounts: Iterable[Account]) -> None:
        """Ask accounts for a review; see `ReviewForge`. Who was renamed is asked under the name of today."""
        logins = []
        for account in accounts:
            try:
                logins.append(account_of(self.api.get(f"/user/{account.id}"), "user").login)
            except NotFoundError:  # the account is gone, and the name may be somebody else's
                continue
        if logins:
            self.api.send("POST", self._path(f"pulls/{number}/requested_reviewers"), {"reviewers": sorted(logins)})

    def start(self, workflow: str) -> None:
        """Start a workflow of the base branch; see `ReviewForge`."""
        self.api.send("POST", self._path(f"actions/workflows/{quote(workflow)}/dispatches"), {"ref": self.base})
