from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.cli.check import RULES
from pluginry.cli.finding_formats import FORMATS, as_github, as_json, as_sarif, as_text, summary
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.model.finding import Finding, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

HOSTILE = "50% off\r\n::set-output name=x::y, a:b \x1b[2J \u202e<script>"


def a_finding(**changes: Any) -> Finding:
    where = Location(file="registry/hosts/mail.yaml", line=3, column=5, path=("versions", 0))
    defaults: Mapping[str, Any] = {
        "rule": "yaml.alias",
        "severity": Severity.BLOCKS,
        "where": where,
        "message": "this is wrong",
        "hint": "do that",
    }
    return Finding(**{**defaults, **changes})


LOCATIONS = st.builds(
    Location,
    file=st.text(min_size=1, max_size=20),
    line=st.integers(0, 99),
    column=st.integers(1, 99),
    path=st.lists(st.text(max_size=5) | st.integers(0, 9), max_size=3).map(tuple),
)
FINDINGS = st.builds(
    Finding,
    rule=st.sampled_from(sorted(RULES)) | st.text(max_size=10),
    severity=st.sampled_from(Severity),
    where=LOCATIONS,
    message=st.text(max_size=40),
    hint=st.text(max_size=40),
)


def test_text_says_what_where_why_and_what_to_do() -> None:
    assert as_text([a_finding()], RULES).splitlines() == [
        "registry/hosts/mail.yaml:3:5: blocks yaml.alias: this is wrong",
        f"    why: {RULES['yaml.alias'].why}",
        "    fix: do that",
        "1 finding in 1 file: 1 that block, 0 that a person has to review, 0 notes.",
    ]


def test_text_about_a_whole_file_has_no_line() -> None:
    finding = a_finding(where=Location(file="icon.png"), severity=Severity.NOTE)
    assert as_text([finding], RULES).startswith("icon.png: note yaml.alias: ")


def test_nothing_found_is_said() -> None:
    assert as_text([], RULES) == "No findings.\n"
    assert as_github([], RULES) == ""


def test_the_summary_counts() -> None:
    other = a_finding(where=Location(file="x"), severity=Severity.NEEDS_REVIEW)
    findings = [a_finding(), other, a_finding(severity=Severity.NOTE)]
    assert summary(findings) == "3 findings in 2 files: 1 that block, 1 that a person has to review, 1 note."


def test_json_is_what_the_schema_of_reports_says() -> None:
    text = as_json([a_finding(), a_finding(where=Location(file="x"), hint="")], RULES)
    report = json.loads(text)
    assert list(check_against_schema(ParsedDocument(file="report", value=report), "report")) == []
    assert report["verdict"] == "refused"
    assert report["counts"] == {"blocks": 2, "needs_review": 0, "note": 0}
    assert report["findings"][0] == {
        "rule": "yaml.alias",
        "severity": "blocks",
        "file": "registry/hosts/mail.yaml",
        "line": 3,
        "column": 5,
        "path": ["versions", 0],
        "message": "this is wrong",
        "hint": "do that",
    }
    assert "hint" not in report["findings"][1]


@pytest.mark.parametrize(
    ("severity", "word"), [(Severity.BLOCKS, "error"), (Severity.NEEDS_REVIEW, "warning"), (Severity.NOTE, "notice")]
)
def test_a_workflow_command_has_the_place_in_the_file(severity: Severity, word: str) -> None:
    assert as_github([a_finding(severity=severity)], RULES) == (
        f"::{word} file=registry/hosts/mail.yaml,title=yaml.alias,line=3,col=5::this is wrong (do that)\n"
    )


def test_hostile_words_cannot_start_a_workflow_command_of_their_own() -> None:
    finding = a_finding(message=HOSTILE, hint=HOSTILE, where=Location(file=HOSTILE, line=1, column=1))
    [line] = as_github([finding], RULES).splitlines()
    properties, message = re.fullmatch(r"::error (.*?)::(.*)", line).groups()  # type: ignore[union-attr]  # it does
    assert [part.partition("=")[0] for part in properties.split(",")] == ["file", "title", "line", "col"]
    assert "50%25 off%0D%0A%3A%3Aset-output name=x%3A%3Ay%2C a%3Ab" in properties
    assert message.startswith("50%25 off%0D%0A::set-output name=x::y, a:b \\x1b[2J \\u202e<script>")


def test_sarif_has_rules_places_and_levels() -> None:
    findings = [a_finding(), a_finding(where=Location(file="a b/%2e.yaml"), severity=Severity.NEEDS_REVIEW)]
    log = json.loads(as_sarif(findings, RULES))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    [rule] = run["tool"]["driver"]["rules"]
    assert rule["id"] == "yaml.alias"
    assert rule["shortDescription"]["text"] == RULES["yaml.alias"].title
    assert rule["help"]["text"] == RULES["yaml.alias"].fix
    assert run["results"][0] == {
        "ruleId": "yaml.alias",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "this is wrong. do that"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "registry/hosts/mail.yaml"},
                    "region": {"startLine": 3, "startColumn": 5},
                }
            }
        ],
    }
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%20b/%252e.yaml"}}
    assert run["results"][1]["level"] == "warning"


@given(st.lists(FINDINGS, max_size=4))
def test_sarif_holds_to_its_own_rules_whatever_it_quotes(findings: list[Finding]) -> None:
    [run] = json.loads(as_sarif(findings, RULES))["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        if "ruleIndex" in result:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        [location] = result["locations"]
        assert re.fullmatch(r"[A-Za-z0-9_.~/%-]+", location["physicalLocation"]["artifactLocation"]["uri"])
        assert location["physicalLocation"].get("region", {"startLine": 1})["startLine"] > 0


@given(st.lists(FINDINGS, max_size=4))
def test_no_format_lets_its_content_break_out_of_a_line(findings: list[Finding]) -> None:
    for render in FORMATS.values():
        text = render(findings, RULES)
        assert all(character.isprintable() or character == "\n" for character in text)
        text.encode()
    for line in as_github(findings, RULES).split("\n")[:-1]:
        assert re.match(r"::(error|warning|notice) file=[^:,]*,title=[^:,]*(,line=\d+,col=\d+)?::", line)
    assert len(as_github(findings, RULES).split("\n")) == len(findings) + 1
    lines = as_text(findings, RULES).split("\n")
    assert len(lines) == sum(1 + (f.rule in RULES) + bool(f.hint) for f in findings) + 2
