"""What an import brought in, what it refused and why, as one value.

In: outcomes, one for each plugin (or document) of the other registry. Out: counts, a document for programs, lines for
people. Never: decides anything.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pluginry.model.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of ``subject``, as its registry calls it.

    ``added`` versions were written now, ``kept`` ones were there; those ``left_out`` (as their registry writes them)
    are not in our registry. Without any of the first two it is ``refused``.
    """

    subject: str
    plugin: PluginId | None = None
    added: tuple[Version, ...] = ()
    kept: tuple[Version, ...] = ()
    left_out: tuple[str, ...] = ()
    artifacts: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nothing of it is in our registry."""
        return not (self.added or self.kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """All outcomes of an import from the registry called ``kind``."""

    kind: str
    outcomes: tuple[Outcome, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, in the order of the outcomes."""
        return tuple(finding for outcome in self.outcomes for finding in outcome.findings)

    def reasons(self, *severities: Severity) -> dict[str, int]:
        """Return how many outcomes have a finding of each rule of these severities, the most frequent first."""
        counter: Counter[str] = Counter()
        for outcome in self.outcomes:
            counter.update({finding.rule for finding in outcome.findings if finding.severity in severities})
        return dict(sorted(counter.items(), key=lambda one: (-one[1], one[0])))

    def as_document(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "format": 1,
            "kind": self.kind,
            "counts": self._counts(),
            "blocks": self.reasons(Severity.BLOCKS),
            "notes": self.reasons(Severity.NOTE, Severity.NEEDS_REVIEW),
            "outcomes": [_outcome(outcome) for outcome in self.outcomes],
        }

    def as_lines(self) -> Iterator[str]:
        """Yield the report for people: what was refused and why, what was lost, and the sums."""
        for outcome in self.outcomes:
            for finding in outcome.findings:
                yield f"{finding.where}: {finding.severity.value} {finding.rule}: {finding.message}"
        counts = self._counts()
        for title, reasons in (("refused", self.reasons(Severity.BLOCKS)), ("noted", self.reasons(Severity.NOTE))):
            for rule, count in reasons.items():
                yield f"{title:>8} {count:5} x {rule}"
        yield (
            f"{counts['accepted']} of {counts['read']} accepted, {counts['refused']} refused:"
            f" {counts['releases_added']} releases added ({counts['artifacts_added']} artifacts),"
            f" {counts['releases_kept']} were there, {counts['releases_left_out']} left out"
        )

    def _counts(self) -> dict[str, int]:
        return {
            "read": len(self.outcomes),
            "accepted": sum(not outcome.refused for outcome in self.outcomes),
            "refused": sum(outcome.refused for outcome in self.outcomes),
            "releases_added": sum(len(outcome.added) for outcome in self.outcomes),
            "releases_kept": sum(len(outcome.kept) for outcome in self.outcomes),
            "releases_left_out": sum(len(outcome.left_out) for outcome in self.outcomes),
            "artifacts_added": sum(outcome.artifacts for outcome in self.outcomes),
        }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "subject": outcome.subject,
        "id": str(outcome.plugin) if outcome.plugin else None,
        "added": [str(version) for version in outcome.added],
        "kept": [str(version) for version in outcome.kept],
        "left_out": list(outcome.left_out),
        "findings": [_finding(finding) for finding in outcome.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "file": finding.where.file,
        "line": finding.where.line,
        "column": finding.where.column,
        "message": finding.message,
        "hint": finding.hint,
    }
