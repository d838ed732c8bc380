from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import pluginry
from builders import LEFT_OUT, SPAM, a_registry
from pluginry.model.finding import Severity
from pluginry.publisher import registry_layout
from pluginry.publisher.load import load_project, load_registry
from pluginry.publisher.validate import _TOPICS, ALL_RULES, validate, validate_project

SOURCES = Path(pluginry.__file__).parent
TESTS = Path(__file__).parents[2]
TREE = f"{SPAM}/source/1.0.0"


def test_a_good_registry_breaks_no_rule(tmp_path: Path) -> None:
    assert list(validate(load_registry(a_registry(tmp_path)))) == []


def test_an_empty_registry_breaks_no_rule(tmp_path: Path) -> None:
    assert list(validate(load_registry(tmp_path))) == []


def test_the_settings_of_a_project_are_checked_before_it_is_in_a_registry(tmp_path: Path) -> None:
    registry = a_registry(tmp_path, {f"{TREE}/config.schema.json": "3"})
    [finding] = validate_project(load_project(registry / TREE))
    assert (finding.rule, str(finding.where)) == ("settings.not-a-schema", "config.schema.json")


def test_a_project_that_cannot_be_read_has_no_settings(tmp_path: Path) -> None:
    registry = a_registry(tmp_path, {f"{TREE}/plugin.yaml": LEFT_OUT})
    assert list(validate_project(load_project(registry / TREE))) == []


def test_every_rule_has_one_id_and_says_what_why_and_what_to_do() -> None:
    assert [name for name, count in Counter(rule.id for rule in ALL_RULES).items() if count > 1] == []
    for rule in ALL_RULES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*", rule.id), rule
        assert rule.title
        assert not rule.title.endswith("."), rule
        assert rule.why.endswith("."), rule
        assert rule.fix
        assert not rule.fix.endswith("."), rule


def test_every_rule_that_the_publisher_or_the_encoding_defines_is_in_the_table() -> None:
    known = {rule.id for rule in ALL_RULES}
    defined = {
        name
        for folder in ("encoding", "publisher")
        for path in (SOURCES / folder).rglob("*.py")
        if "scanners" not in path.parts
        for name in re.findall(r'Rule\(\s*id="([^"]+)"', path.read_text())
    }
    assert defined - known == set()


def test_every_topic_is_listed() -> None:
    modules = {path.stem for path in (SOURCES / "publisher" / "rules").glob("*.py")} - {"__init__"}
    assert {topic.__name__.rpartition(".")[2] for topic in _TOPICS} == modules


@pytest.mark.parametrize(
    "rule", [*registry_layout.RULES, *(rule for topic in _TOPICS for rule in topic.RULES)], ids=lambda r: r.id
)
def test_every_rule_of_registries_has_a_test_that_breaks_it(rule: registry_layout.Rule) -> None:
    tests = [*(TESTS / "unit" / "publisher").glob("test_*.py"), *(TESTS / "unit" / "publisher" / "rules").glob("*.py")]
    assert any(f'"{rule.id}"' in path.read_text() for path in tests if path != Path(__file__))


def test_rules_of_the_same_topic_have_the_same_family() -> None:
    for topic in _TOPICS:
        families = {rule.id.partition(".")[0] for rule in topic.RULES}
        assert families == {topic.__name__.rpartition(".")[2].replace("_", "-")}


def test_only_severities_of_findings_are_used() -> None:
    assert {rule.severity for rule in ALL_RULES} == set(Severity)
