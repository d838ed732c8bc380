"""The comment: found again by its marker, bounded, and deaf to what strangers write into it."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.cli.check import RULES
from pluginry.contribution.report import MARKER, MAX_CHARACTERS, as_markdown, quoted_text
from pluginry.model.decision import Decision, Reason, Waiting
from pluginry.model.finding import Severity, Verdict
from pluginry.model.names import PluginId

HOSTILE = (
    "@everyone",
    "<img src=x onerror=alert(1)>",
    "[click](https://evil.example)",
    "![](https://evil.example/p.png)",
    "https://evil.example",
    "#1",
    "`code` **bold** <!-- pluginry:decision -->",
    "line\n\n# heading",
    "::error::x",
    "a | b | c",
    "\u202eright to left",
    "</code><script>",
    "&lt;b&gt; :tada:",
)


def a_decision(*messages: str, **changes: object) -> Decision:
    reasons = tuple(
        Reason(rule="ownership.stranger", severity=Severity.NEEDS_REVIEW, message=text, file="registry/x.yaml", tier=1)
        for text in messages
    )
    fields: dict[str, object] = {
        "verdict": Verdict.NEEDS_REVIEW,
        "tier": 1,
        "merges": False,
        "waiting_for": Waiting.OWNERS,
        "base": "ab" * 20,
        "head": "cd" * 20,
        "command": "pluginry ci check",
        "reasons": reasons,
    }
    return Decision(**{**fields, **changes})  # type: ignore[arg-type] # fields of a fixture, by name


def test_the_comment_begins_with_its_marker_and_says_what_to_do() -> None:
    text = as_markdown(a_decision("no owner"), RULES)
    assert text.startswith(f"{MARKER}\n### A person has to look\n")
    assert "An owner of the plugin" in text
    assert "`ownership.stranger`" in text
    assert "Why: " in text
    assert "pluginry ci check" in text
    assert "cd" * 20 in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_of_strangers_does_nothing(hostile: str) -> None:
    text = as_markdown(a_decision(hostile, plugins=(PluginId.parse("a/b"),)), RULES)
    assert text.count(MARKER) == 1
    assert hostile not in text
    shown = re.findall("<code>(.*?)</code>", text)
    assert shown
    assert all(re.fullmatch(r"[^<>@`*\[\]()|\\!\n:]*", word) for word in shown)


@given(st.text(max_size=2000))
def test_quoted_text_is_one_line_of_code_that_reads_as_it_was(text: str) -> None:
    quoted = quoted_text(text)
    assert quoted.startswith("<code>")
    assert quoted.endswith("</code>")
    inner = quoted[6:-7]
    assert inner.isprintable()
    assert not set(inner) & set("<>`@[]*_|\\")
    if text.isprintable() and len(text) <= 500:
        assert html.unescape(inner) == text


def test_a_long_report_is_cut_and_still_ends_with_the_command() -> None:
    text = as_markdown(a_decision(*("x" * 5000 for _ in range(200))), RULES, differences=["y" * 50_000, "z" * 50_000])
    assert len(text) <= MAX_CHARACTERS
    assert "More differences are not shown here." in text
    assert "pluginry ci check" in text


def test_what_merges_says_so() -> None:
    text = as_markdown(a_decision(verdict=Verdict.PASS, tier=0, merges=True, waiting_for=Waiting.NOBODY), RULES)
    assert "Policy lets it merge by itself." in text
