from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.model.finding import Finding, Location, Severity, Verdict, in_reading_order, verdict_of


def a_finding(
    file: str = "a.yaml", line: int = 1, column: int = 1, *, rule: str = "a.rule", message: str = "bad", hint: str = ""
) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.BLOCKS,
        where=Location(file=file, line=line, column=column),
        message=message,
        hint=hint,
    )


def of_severity(severity: Severity) -> Finding:
    return Finding(rule="a.rule", severity=severity, where=Location(file="a"), message="m")


def test_a_place_is_shown_as_compilers_show_it() -> None:
    assert str(Location(file="a.yaml", line=3, column=7, path=("x", 0))) == "a.yaml:3:7"
    assert str(Location(file="a.yaml")) == "a.yaml"


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ([], Verdict.PASS),
        ([Severity.NOTE], Verdict.PASS),
        ([Severity.NOTE, Severity.NEEDS_REVIEW], Verdict.NEEDS_REVIEW),
        ([Severity.NEEDS_REVIEW, Severity.BLOCKS, Severity.NOTE], Verdict.REFUSED),
        ([Severity.BLOCKS], Verdict.REFUSED),
    ],
)
def test_the_worst_finding_is_the_verdict(severities: list[Severity], verdict: Verdict) -> None:
    assert verdict_of(map(of_severity, severities)) is verdict


def test_findings_are_read_by_file_line_column_and_rule() -> None:
    expected = (
        a_finding("a.yaml", 0, 0),
        a_finding("a.yaml", 2, 1),
        a_finding("a.yaml", 2, 5),
        a_finding("a.yaml", 10, 1, rule="a.rule"),
        a_finding("a.yaml", 10, 1, rule="b.rule", message="one"),
        a_finding("a.yaml", 10, 1, rule="b.rule", message="two"),
        a_finding("b.yaml", 1, 1),
    )
    assert in_reading_order(reversed(expected)) == expected


def test_a_finding_is_said_once() -> None:
    assert in_reading_order([a_finding(), a_finding()]) == (a_finding(),)


def test_findings_that_differ_in_nothing_that_is_sorted_by_keep_their_order() -> None:
    alike = [a_finding(hint=str(number)) for number in range(20)]
    assert in_reading_order(alike) == tuple(alike)


@given(st.permutations(range(4)))
def test_the_order_of_reading_does_not_depend_on_the_order_of_finding(order: list[int]) -> None:
    findings = [a_finding(file, line) for file, line in itertools.product("ab", (1, 2))]
    assert in_reading_order(findings[index] for index in order) == tuple(findings)
