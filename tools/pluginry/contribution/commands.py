"""Commands that people write below a pull request, as in ``/pluginry hold``.

In: comments and reviews, as the forge tells them. Out: what was said, by numbers of accounts. A comment is a command
only as a whole, as it was first written, and never when the robot itself wrote it. An approval names the full commit
that it is for, so that no later push can use it. Who may say what is not decided here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pluginry.contribution.people import last_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.listing import Account
    from pluginry.model.proposal import Comment, Review

_COMMAND: Final = re.compile(r"/pluginry (?:(approve) ([0-9a-f]{40}(?:[0-9a-f]{24})?)|(hold|unhold|recheck))")
_MAX_TEXT: Final = 200


class Verb(StrEnum):
    """What can be said."""

    APPROVE = "approve"
    HOLD = "hold"
    UNHOLD = "unhold"
    RECHECK = "recheck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command and who gave it; ``comment`` is the number of the comment, ``commit`` what an approval is for."""

    comment: int
    author: Account
    verb: Verb
    commit: str = ""


def read_commands(comments: Iterable[Comment], *, robot: int) -> tuple[Command, ...]:
    """Return the commands in `comments`, oldest first; `robot` is the number of the account that is not listened to."""
    found = []
    for comment in comments:
        if comment.is_edited or comment.author.id == robot or len(comment.text) > _MAX_TEXT:
            continue
        if match := _COMMAND.fullmatch(comment.text.strip(" \t\r\n")):
            verb = Verb(match[1] or match[3])
            found.append(Command(comment=comment.id, author=comment.author, verb=verb, commit=match[2] or ""))
    return tuple(found)


def approvals_of(commands: Iterable[Command], reviews: Iterable[Review], *, head: str) -> frozenset[int]:
    """Return the accounts that approve the commit `head`, by command or button.

    Whose last press of a button wants changes or took an approval back does not approve, whatever the commands say.
    """
    words = last_words(reviews)
    pressed = {account for account, review in words.items() if review.state == "APPROVED" and review.commit == head}
    against = {account for account, review in words.items() if review.state != "APPROVED"}
    said = {one.author.id for one in commands if one.verb is Verb.APPROVE and one.commit == head}
    return frozenset((pressed | said) - against)


def holds_of(commands: Iterable[Command], *, allowed: frozenset[int], reviewers: frozenset[int]) -> frozenset[int]:
    """Return whose hold stands, of those who are `allowed` one: they let go themselves, or one of `reviewers` does."""
    holding: set[int] = set()
    for one in commands:
        if one.author.id not in allowed:
            continue
        if one.verb is Verb.HOLD:
            holding.add(one.author.id)
        elif one.verb is Verb.UNHOLD:
            holding -= holding if one.author.id in reviewers else {one.author.id}
    return frozenset(holding)
