"""News about content: a finding is data, collected and never raised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DocumentPath = tuple[str | int, ...]
"""Keys and list positions from the root of a document to a value."""


class Severity(StrEnum):
    """What a finding means for the verdict."""

    NOTE = "note"
    NEEDS_REVIEW = "needs_review"
    BLOCKS = "blocks"


class Verdict(StrEnum):
    """The sum of all findings."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NEEDS_REVIEW = "needs_review"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where in a document: ``file`` as given or relative to the registry, ``line`` and ``column`` from 1.

    ``line`` 0 means the file as a whole.
    """

    file: str
    line: int = 0
    column: int = 0
    path: DocumentPath = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing noticed: stable ``rule`` id, ``where``, ``message`` (what and why) and ``hint`` (what to do)."""

    rule: str
    severity: Severity
    where: Location
    message: str
    hint: str = ""


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict that the worst of `findings` gives."""
    severities = {finding.severity for finding in findings}
    if Severity.BLOCKS in severities:
        return Verdict.REFUSED
    return Verdict.NEEDS_REVIEW if Severity.NEEDS_REVIEW in severities else Verdict.PASS


def in_reading_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return `findings`, each once, by file, line, column, rule: the order in which a person reads them."""
    # What is equal by this key keeps the order in which it came: a set would shuffle it from run to run.
    once = dict.fromkeys(findings)
    return tuple(sorted(once, key=lambda f: (f.where.file, f.where.line, f.where.column, f.rule, f.message)))
