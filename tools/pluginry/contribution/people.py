"""Who asks for a change and who agreed to it, as the forge says: accounts that count by number.

In: what the forge says of a pull request, as JSON. Out: `People`. Names and addresses in commits count for nothing:
anybody can write them. An approval counts for the commit that was looked at, and only the last word of each account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding import strict_json
from pluginry.errors import DocumentError
from pluginry.model.listing import Account
from pluginry.model.proposal import Review

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_BYTES: Final = 8 << 20
_MAX_DEPTH: Final = 64
_LAST_WORDS: Final = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The ``author`` of a pull request (None: nobody knows), and the accounts that approved its head commit."""

    author: Account | None = None
    approvals: frozenset[int] = frozenset()

    @property
    def agreeing(self) -> frozenset[int]:
        """All who stand behind the change: author and approving accounts."""
        return self.approvals | ({self.author.id} if self.author else frozenset())

    def approved_by(self, accounts: Iterable[Account]) -> int:
        """Return how many of `accounts`, other than the author, approved."""
        others = {account.id for account in accounts} - ({self.author.id} if self.author else set())
        return len(others & self.approvals)

    def include(self, accounts: Iterable[Account]) -> bool:
        """Return whether the author or somebody who approved is one of `accounts`."""
        return bool({account.id for account in accounts} & self.agreeing)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """What the event of a pull request says: its ``number``, ``author``, and commits."""

    number: int
    author: Account
    base: str
    head: str


def read_event(data: bytes) -> PullRequest:
    """Return the pull request that a forge's event is about; its own form is that of GitHub and Gitea.

    Raises:
        DocumentError: it is no such event.

    """
    event = strict_json.parse(data, what="the event", max_bytes=MAX_BYTES, max_depth=_MAX_DEPTH)
    found = _of(event, "pull_request")
    number = found.get("number") if isinstance(found, Mapping) else None
    base, head = (_of(_of(found, side), "sha") for side in ("base", "head"))
    if not isinstance(number, int) or not isinstance(base, str) or not isinstance(head, str):
        raise DocumentError("this is not the event of a pull request", where="pull_request")
    return PullRequest(number=number, author=_account(_of(found, "user")), base=base, head=head)


def read_approvals(data: bytes, *, head: str) -> frozenset[int]:
    """Return the accounts whose last word on the commit `head` is an approval, from a forge's list of reviews.

    Raises:
        DocumentError: it is no such list.

    """
    reviews = strict_json.parse(data, what="the approvals", max_bytes=MAX_BYTES, max_depth=_MAX_DEPTH)
    if not isinstance(reviews, list):
        raise DocumentError("the approvals are not a list of reviews")
    said = (
        Review(
            author=_account(_of(review, "user")),
            state=str(_of(review, "state")).upper(),
            commit=str(_of(review, "commit_id")),
        )
        for review in reviews
        if isinstance(_of(review, "user"), Mapping)
    )
    words = last_words(said).items()
    return frozenset(account for account, last in words if last.state == "APPROVED" and last.commit == head)


def last_words(reviews: Iterable[Review]) -> Mapping[int, Review]:
    """Return the last of `reviews` of each account that agrees, disagrees, or takes that back; others say nothing."""
    return {review.author.id: review for review in reviews if review.state in _LAST_WORDS}


def _account(user: Any) -> Account:
    login, number = _of(user, "login"), _of(user, "id")
    if not isinstance(login, str) or not isinstance(number, int) or isinstance(number, bool):
        raise DocumentError("an account has a login and a number", where="user")
    return Account(login=login, id=number)


def _of(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None
