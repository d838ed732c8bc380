"""Where a submission stands, and whose turn it is: from the pull request, its checks and labels, and what is published.

In: what the forge and the published marketplace say. Out: one `Standing`. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pluginry.model.decision import Waiting
from pluginry.model.proposal import Checks, Stage

if TYPE_CHECKING:
    from pluginry.model.proposal import PullRequest


class State(StrEnum):
    """How far a submission has come."""

    UNKNOWN = "not submitted"
    QUEUED = "queued"
    WAITING_FOR_YOU = "waiting for you"
    WAITING_FOR_OWNERS = "waiting for an owner"
    WAITING_FOR_REVIEWERS = "waiting for a reviewer"
    READY = "ready to be merged"
    CLOSED = "closed without being merged"
    MERGED = "merged, not published yet"
    PUBLISHED = "published"


_WAITING: Final = "waiting: "
_TURNS: Final = {
    f"{_WAITING}{Waiting.AUTHOR}": State.WAITING_FOR_YOU,
    f"{_WAITING}{Waiting.OWNERS}": State.WAITING_FOR_OWNERS,
    f"{_WAITING}{Waiting.REVIEWERS}": State.WAITING_FOR_REVIEWERS,
    f"{_WAITING}{Waiting.NOBODY}": State.READY,
}
_NEXT: Final = {
    State.UNKNOWN: "propose it with `pluginry submit`",
    State.QUEUED: "the checks are still running",
    State.WAITING_FOR_YOU: "the comment on the pull request says what to correct; then `pluginry submit` again",
    State.WAITING_FOR_OWNERS: "another owner of the plugin has to approve it",
    State.WAITING_FOR_REVIEWERS: "a reviewer of the registry has to approve it",
    State.READY: "nothing stands in the way",
    State.CLOSED: "the conversation on the pull request says why",
    State.MERGED: "the next publication has it",
    State.PUBLISHED: "users can install it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a submission stands; ``serial`` is that of the index that has it, when it is published."""

    state: State
    serial: int | None = None

    @property
    def next_step(self) -> str:
        """What happens next, or what to do, in words."""
        return _NEXT[self.state]


def standing_of(pull_request: PullRequest | None, checks: Checks, *, published_in: int | None) -> Standing:
    """Return how a submission stands; `published_in` is the serial of the index that has the release, or None."""
    if published_in is not None:
        return Standing(state=State.PUBLISHED, serial=published_in)
    if pull_request is None:
        return Standing(state=State.UNKNOWN)
    if pull_request.stage is not Stage.OPEN:
        return Standing(state=State.MERGED if pull_request.stage is Stage.MERGED else State.CLOSED)
    if checks is Checks.RUNNING:
        return Standing(state=State.QUEUED)
    turn = next((_TURNS[label] for label in pull_request.labels if label in _TURNS), None)
    if turn is not None:
        return Standing(state=turn)
    # Nobody labelled it, so what the checks said is all there is: when they are green somebody has to press the button.
    by_checks = {Checks.FAILED: State.WAITING_FOR_YOU, Checks.PASSED: State.WAITING_FOR_REVIEWERS}
    return Standing(state=by_checks.get(checks, State.QUEUED))
