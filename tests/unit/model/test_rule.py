from __future__ import annotations

from pluginry.model.finding import Finding, Location, Severity
from pluginry.model.rule import Rule

RULE = Rule(id="area.thing", title="A thing is wrong", why="It breaks.", fix="mend it", severity=Severity.NEEDS_REVIEW)
HERE = Location(file="a.yaml", line=2, column=3)


def test_a_finding_speaks_the_words_of_its_rule() -> None:
    assert RULE.finding(HERE) == Finding(
        rule="area.thing", severity=Severity.NEEDS_REVIEW, where=HERE, message="A thing is wrong", hint="mend it"
    )


def test_a_finding_says_more_when_more_is_known() -> None:
    finding = RULE.finding(HERE, "the thing 'x' is wrong", hint="did you mean 'y'?")
    assert (finding.message, finding.hint) == ("the thing 'x' is wrong", "did you mean 'y'?")


def test_a_rule_refuses_unless_it_says_otherwise() -> None:
    assert Rule(id="a.b", title="t", why="w", fix="f").finding(HERE).severity is Severity.BLOCKS
