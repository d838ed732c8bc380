"""What a check stands for: its stable id, why it exists and how to satisfy it."""

from __future__ import annotations

from dataclasses import dataclass

from pluginry.model.finding import Finding, Location, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A check by its stable ``id``: what is wrong (``title``), ``why`` that matters, and the usual ``fix``."""

    id: str
    title: str
    why: str
    fix: str
    severity: Severity = Severity.BLOCKS

    def finding(self, where: Location, message: str = "", *, hint: str = "") -> Finding:
        """Return a finding of this rule; without `message` or `hint` it speaks the rule's own words."""
        return Finding(
            rule=self.id,
            severity=self.severity,
            where=where,
            message=message or self.title,
            hint=hint or self.fix,
        )
