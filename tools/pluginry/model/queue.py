"""The open pull requests of a registry, in the order in which they are looked at: ``queue.json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pluginry.model.listing import Account


class WaitingFor(StrEnum):
    """Whose turn it is; of nobody: it can be merged, of the robot: it was not judged yet."""

    AUTHOR = "author"
    OWNERS = "owners"
    REVIEWERS = "reviewers"
    NOBODY = "nobody"
    ROBOT = "robot"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRequest:
    """A pull request in the queue; ``title`` are words of its author, ``reasons`` names of rules."""

    number: int
    url: str
    title: str
    author: Account
    waiting_for: WaitingFor
    opened_at: datetime | None = None
    is_held: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The open pull requests as they were at ``generated_at``; it is not known what became of them since."""

    format: int = field(default=1, metadata={"always": True})
    generated_at: datetime
    requests: tuple[QueuedRequest, ...] = ()
