"""Goes over the open pull requests: judges each that was not judged as it stands, and has the robot act.

In: a forge, what fetches and judges. Out: an `Outcome` for each. Pull requests are taken in turns, each is judged
against the branch as it is at that moment, and trouble with one keeps no other from being looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from pluginry.contribution.commands import Verb, approvals_of, read_commands
from pluginry.contribution.people import People
from pluginry.contribution.queue import in_turns
from pluginry.contribution.robot import Done, Outcome, apply, is_known, key_of
from pluginry.contribution.rules.packages import TOO_MUCH
from pluginry.errors import PluginryError, PublishConflictError
from pluginry.publisher.quarantine_list import unexpected_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pluginry.contribution.judge import Judgement
    from pluginry.model.decision import Decision
    from pluginry.model.proposal import PullRequest
    from pluginry.model.rule import Rule
    from pluginry.ports import ReviewForge

_ANY_BASE: Final = ""


class Bench(Protocol):
    """Fetches the commits of a pull request as data, and judges them."""

    def __call__(self, request: PullRequest, base: str, people: People) -> tuple[Decision, Judgement]:
        """Return the decision on merging `request` into commit `base`; any `PluginryError` means that there is none."""


def sweep(
    forge: ReviewForge, bench: Bench, *, rules: Mapping[str, Rule], only: Collection[int] = ()
) -> Iterator[Outcome]:
    """Yield what becomes of the open pull requests, or of those with the numbers `only`.

    Raises:
        AuthError: the token may not do this.
        TransportError: the forge does not answer, or asks to wait.

    """
    robot = forge.whoami().id
    for request in in_turns(forge.open_requests()):
        if not only or request.number in only:
            yield _whatever_happens(forge, bench, request, rules, robot)


def _whatever_happens(
    forge: ReviewForge, bench: Bench, request: PullRequest, rules: Mapping[str, Rule], robot: int
) -> Outcome:
    """Return what becomes of `request`; a mistake of ours that it brings to light is news about it alone."""
    try:
        return _one(forge, bench, request, rules, robot)
    except PluginryError:
        raise  # the forge's own trouble is everybody's
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are still to be looked at
        return Outcome(number=request.number, done=Done.NOT_JUDGED, why=unexpected_words(error, doing="judging"))


def _one(forge: ReviewForge, bench: Bench, request: PullRequest, rules: Mapping[str, Rule], robot: int) -> Outcome:
    comments, base = forge.comments(request.number), forge.tip()
    commands = read_commands(comments, robot=robot)
    reviews = forge.reviews(request.number)
    approvals = approvals_of(commands, reviews, head=request.head)
    key, lasting = (key_of(request, commit, approvals, commands) for commit in (base, _ANY_BASE))
    if is_known(key, comments, robot=robot) or is_known(lasting, comments, robot=robot):
        return Outcome(number=request.number, done=Done.KNOWN)
    people = People(author=request.author, approvals=approvals)
    try:
        decision, judgement = bench(request, base, people)
    except PublishConflictError:
        return Outcome(number=request.number, done=Done.MOVED)
    except PluginryError as error:
        return Outcome(number=request.number, done=Done.NOT_JUDGED, why=error.what)
    # A hold that was written while judging has to be seen: that took minutes, this takes one request.
    late = read_commands(forge.comments(request.number), robot=robot)
    if {one.comment for one in late if one.verb is Verb.HOLD} - {one.comment for one in commands}:
        return Outcome(number=request.number, done=Done.MOVED)
    # What took all that one pull request may take is not begun with again whenever another one is merged.
    is_too_much = any(finding.rule == TOO_MUCH.id for finding in judgement.findings)
    try:
        return apply(forge, request, decision, judgement, commands, rules=rules, key=lasting if is_too_much else key)
    except PublishConflictError:
        return Outcome(number=request.number, done=Done.MOVED)
