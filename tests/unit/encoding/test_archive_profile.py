"""The table of rules is complete, used and tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hostile_zips import HOSTILE_ZIPS
from pluginry.encoding import archive_profile
from pluginry.encoding.archive_profile import RULES, refusal

FOLDER = Path(archive_profile.__file__).parent
NOT_A_MATTER_OF_BYTES = {
    "archive.truncated",
    "archive.no-such-member",
    "archive.member-too-large",
    "archive.changed-while-packing",
}


def test_every_rule_has_a_hostile_archive() -> None:
    assert {hostile.rule for hostile in HOSTILE_ZIPS} | NOT_A_MATTER_OF_BYTES == set(RULES)


def test_every_rule_that_code_names_is_in_the_table_and_the_other_way_round() -> None:
    sources = [path for path in FOLDER.glob("*.py") if path.name != "archive_profile.py"]
    named = {rule for path in sources for rule in re.findall(r'"(archive\.[a-z0-9-]+)"', path.read_text("utf-8"))}
    assert named == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_why_and_what_to_do(rule: str) -> None:
    reason, fix = RULES[rule]
    assert reason.endswith(".")
    assert reason[0].isupper()
    assert fix[0].islower()
    assert not fix.endswith(".")


def test_a_refusal_shows_a_hostile_name_without_obeying_it() -> None:
    error = refusal("archive.gap", "hidden bytes", "\x1b[2J\u202egnp.exe" + "x" * 5000)
    assert str(error).isprintable()
    assert len(str(error)) < 300
    assert error.hint == RULES["archive.gap"].fix
