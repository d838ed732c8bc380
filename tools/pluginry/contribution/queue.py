"""The order in which open pull requests are looked at: one author with fifty of them keeps nobody waiting.

In: open pull requests. Out: the same, in turns: the oldest of everybody, then the second oldest of everybody.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pluginry.model.queue import Queue, QueuedRequest, WaitingFor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.proposal import PullRequest

HELD: Final = "hold: yes"
"""The label of what somebody holds."""
_WAITING: Final = "waiting: "
_REASON: Final = "reason: "
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def in_turns(requests: Iterable[PullRequest]) -> tuple[PullRequest, ...]:
    """Return `requests` in a fair order: in rounds, in each one of every author, the oldest first."""
    rounds: Counter[int] = Counter()
    placed = []
    for request in sorted(requests, key=_age):
        placed.append((rounds[request.author.id], *_age(request), request))
        rounds[request.author.id] += 1
    return tuple(request for *_, request in sorted(placed, key=lambda one: one[:3]))


def queue_of(requests: Iterable[PullRequest], *, now: datetime) -> Queue:
    """Return `requests`, as they are at `now`, as a queue in a fair order; whose turn it is say the robot's labels."""
    return Queue(generated_at=now, requests=tuple(_turn(request) for request in in_turns(requests)))


def _turn(request: PullRequest) -> QueuedRequest:
    turn = next((label.removeprefix(_WAITING) for label in request.labels if label.startswith(_WAITING)), "")
    return QueuedRequest(
        number=request.number,
        url=request.url,
        title=request.title,
        author=request.author,
        waiting_for=WaitingFor(turn) if turn in set(WaitingFor) else WaitingFor.ROBOT,
        opened_at=request.opened_at,
        is_held=request.is_draft or HELD in request.labels,
        reasons=tuple(label.removeprefix(_REASON) for label in request.labels if label.startswith(_REASON)),
    )


def _age(request: PullRequest) -> tuple[datetime, int]:
    return request.opened_at or _LONG_AGO, request.number
