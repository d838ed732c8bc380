"""A change that somebody proposes to the registry, and the pull request that a forge makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from pluginry.model.listing import Account


class Stage(StrEnum):
    """Where a pull request is in its life."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class Checks(StrEnum):
    """What continuous integration says of a commit."""

    NONE = "none"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


ROBOT: Final = Account(login="github-actions[bot]", id=41898282)
"""Who acts with the token of a workflow at GitHub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is to change: content of ``files`` by path in the repository, and the words for it.

    ``branch`` follows from what it is about, so that proposing it again finds the pull request of the first time.
    """

    branch: str
    title: str
    body: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request at the forge; ``head`` is the commit that would be merged, ``title`` words of its author."""

    number: int
    url: str
    stage: Stage
    author: Account
    head: str
    labels: tuple[str, ...] = ()
    title: str = ""
    opened_at: datetime | None = None
    is_draft: bool = False
    asked: frozenset[int] = frozenset()
    """Who was asked for a review, by number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody wrote below a pull request, as it is now; ``is_edited``: not as it was written first."""

    id: int
    author: Account
    text: str
    is_edited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What somebody said of ``commit`` with the forge's own buttons, as in ``APPROVED``."""

    author: Account
    state: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where an account may push branches: the ``owner`` of a fork, or of the repository itself, and its address."""

    owner: str
    address: str
