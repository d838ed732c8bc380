"""Findings for people and for programs: text like a compiler's, JSON, workflow annotations, SARIF 2.1.0.

In: findings in reading order, and the rules they break. Out: text. What findings quote comes from strangers: no format
lets it break a line, start a command of the workflow runner, or move the cursor of a terminal.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pluginry
from pluginry.cli.console import printable
from pluginry.model.finding import Severity, verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pluginry.model.finding import Finding
    from pluginry.model.rule import Rule

_ANNOTATIONS = {Severity.BLOCKS: "error", Severity.NEEDS_REVIEW: "warning", Severity.NOTE: "notice"}
_SARIF_LEVELS = {Severity.BLOCKS: "error", Severity.NEEDS_REVIEW: "warning", Severity.NOTE: "note"}
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def as_text(findings: Sequence[Finding], rules: Mapping[str, Rule]) -> str:
    """Return a paragraph for each finding (place, severity, rule, message, why, fix) and a summary at the end."""
    lines: list[str] = []
    for finding in findings:
        lines.append(printable(_line(f"{finding.where}: {finding.severity} {finding.rule}: {finding.message}")))
        if rule := rules.get(finding.rule):
            lines.append(_line(f"    why: {rule.why}"))
        if finding.hint:
            lines.append(_line(f"    fix: {finding.hint}"))
    return "\n".join([*lines, summary(findings), ""])


def as_json(findings: Sequence[Finding], _rules: Mapping[str, Rule]) -> str:
    """Return the document that ``report.schema.json`` describes."""
    report = {
        "format": 1,
        "verdict": verdict_of(findings).value,
        "counts": {severity.value: count for severity, count in _counts(findings).items()},
        "findings": [_as_plain(finding) for finding in findings],
    }
    return _json(report)


def as_github(findings: Sequence[Finding], _rules: Mapping[str, Rule]) -> str:
    """Return a workflow command for each finding, which becomes an annotation of the changed line."""
    return "".join(f"{_annotation(finding)}\n" for finding in findings)


def as_sarif(findings: Sequence[Finding], rules: Mapping[str, Rule]) -> str:
    """Return a SARIF 2.1.0 log with the rules that were broken."""
    broken = [rules[rule] for rule in sorted({finding.rule for finding in findings}) if rule in rules]
    positions = {rule.id: index for index, rule in enumerate(broken)}
    driver = {"name": "pluginry", "semanticVersion": pluginry.__version__, "rules": [_sarif_rule(r) for r in broken]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(finding, positions) for finding in findings],
    }
    return _json({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


FORMATS: Final[Mapping[str, Callable[[Sequence[Finding], Mapping[str, Rule]], str]]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}


def summary(findings: Sequence[Finding]) -> str:
    """Return what was found as a line."""
    if not findings:
        return "No findings."
    counts, files = _counts(findings), len({finding.where.file for finding in findings})
    said = (
        f"{counts[Severity.BLOCKS]} that block",
        f"{counts[Severity.NEEDS_REVIEW]} that a person has to review",
        _counted(counts[Severity.NOTE], "note"),
    )
    return f"{_counted(len(findings), 'finding')} in {_counted(files, 'file')}: {', '.join(said)}."


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _counts(findings: Iterable[Finding]) -> Mapping[Severity, int]:
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in reversed(Severity)}


def _line(text: str) -> str:
    """Return `text` as one line of what can be seen: control and direction characters become escapes."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def _json(value: object) -> str:
    # ASCII only: the same bytes on every console, and nothing in it that a terminal obeys.
    return json.dumps(value, indent=2, sort_keys=True) + "\n"


def _as_plain(finding: Finding) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "file": finding.where.file,
        "line": finding.where.line,
        "column": finding.where.column,
        "message": finding.message,
    }
    if finding.where.path:
        plain["path"] = list(finding.where.path)
    if finding.hint:
        plain["hint"] = finding.hint
    return plain


def _annotation(finding: Finding) -> str:
    properties = {"file": finding.where.file, "title": finding.rule}
    if finding.where.line:
        properties |= {"line": str(finding.where.line), "col": str(finding.where.column)}
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    message = f"{finding.message} ({finding.hint})" if finding.hint else finding.message
    return f"::{_ANNOTATIONS[finding.severity]} {said}::{_data(message)}"


def _data(text: str) -> str:
    return _line(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
    }


def _sarif_result(finding: Finding, positions: Mapping[str, int]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(finding.where.file)}}
    if finding.where.line:
        place["region"] = {"startLine": finding.where.line, "startColumn": finding.where.column}
    text = f"{finding.message}. {finding.hint}" if finding.hint else finding.message
    result = {
        "ruleId": finding.rule,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }
    return result | ({"ruleIndex": positions[finding.rule]} if finding.rule in positions else {})
