"""What was decided about a pull request: ``decision.json``, for robots that merge, label and wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pluginry.model.finding import Severity, Verdict
from pluginry.model.names import PluginId


class Waiting(StrEnum):
    """Whose turn it is."""

    NOBODY = "nobody"
    AUTHOR = "author"
    OWNERS = "owners"
    REVIEWERS = "reviewers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why: the ``rule``, what it found at ``file`` and ``line``, and the ``tier`` that can decide about it.

    A reason that blocks has no tier: nobody can approve it.
    """

    rule: str
    severity: Severity
    message: str
    file: str
    line: int = 0
    tier: int | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The ``verdict`` on merging commit ``head`` into commit ``base``; it holds for no other commits.

    ``merges`` says that policy lets it merge without a person pressing the button. ``command`` reproduces it.
    """

    format: int = field(default=1, metadata={"always": True})
    verdict: Verdict
    tier: int
    merges: bool
    waiting_for: Waiting
    base: str
    head: str
    command: str
    plugins: tuple[PluginId, ...] = ()
    reasons: tuple[Reason, ...] = ()
    labels: tuple[str, ...] = ()
