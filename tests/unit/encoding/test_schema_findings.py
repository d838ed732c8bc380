"""What all findings of schemas have in common."""

from __future__ import annotations

from pluginry.encoding.schema import RULES
from pluginry.model.finding import Severity
from schema_checker import Checker, of


def test_every_rule_refuses_and_says_why_and_what_to_do() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) == 14
    for rule in RULES:
        assert rule.id.startswith("schema.")
        assert rule.severity is Severity.BLOCKS
        assert rule.title
        assert rule.why
        assert rule.fix


def test_messages_never_carry_hostile_text_along(check: Checker) -> None:
    text = '"a\\n::error::b": 1\na: "x\\n::error::"\n'
    for finding in check.all(of(a={"enum": ["b"]}), text):
        assert finding.message.isprintable()
        assert finding.hint.isprintable()
