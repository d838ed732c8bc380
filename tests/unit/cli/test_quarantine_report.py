"""How a publication is told: by its exit status, and in Markdown that strangers cannot write in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pluginry.cli.quarantine_report import as_code, command_for, exit_status_of, job_summary, plain, quarantine_lines
from pluginry.errors import AuthError, TransportError
from pluginry.model.finding import Finding, Location, Severity
from pluginry.model.names import PluginId
from pluginry.model.quarantine import Fault, Quarantined
from pluginry.model.versions import Version
from pluginry.publisher.outcome import Outcome, PublishReport, SigningRun

DEMO = PluginId.parse("acme/demo")
AUTHOR = Quarantined(
    id=DEMO, kind=Fault.AUTHOR, reason="bad", kept="as of commit 0123", since=datetime(2026, 6, 1, tzinfo=UTC)
)
AWAY = Quarantined(id=DEMO, version=Version("1.1.0"), kind=Fault.INFRASTRUCTURE, reason="away")
QUIET = Outcome(
    built=("acme/demo 1.0.0",),
    signing=SigningRun(signed=1, bundles=1),
    quarantined=(),
    serial=7,
    plugins=2,
    releases=3,
    report=PublishReport(created=["a", "b"], replaced=["c"]),
)


def in_html(markdown: str) -> str:
    """Return Markdown as a forge shows it: with HTML and tables."""
    return str(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 0),
        ({"quarantined": (AUTHOR,)}, 1),
        ({"quarantined": (AWAY,)}, 3),
        ({"quarantined": (AUTHOR, AWAY)}, 3),
        ({"signing": SigningRun(stopped_by=TransportError("away"))}, 3),
        ({"signing": SigningRun(stopped_by=TransportError("away")), "quarantined": (AUTHOR,)}, 3),
        ({"held_back": AuthError("refused"), "quarantined": (AUTHOR, AWAY)}, 4),
    ],
)
def test_what_another_run_can_make_up_for_goes_before_what_authors_have_to_do(
    changes: dict[str, Any], status: int
) -> None:
    assert exit_status_of(replace(QUIET, **changes)) == status


def test_programs_get_both_counts() -> None:
    finding = Finding(rule="a.b", severity=Severity.BLOCKS, where=Location(file="f", line=1, column=2), message="m")
    data = plain(replace(QUIET, quarantined=(AUTHOR, AWAY, AUTHOR), tolerated=(finding,)))
    assert (data["author_faults"], data["infrastructure_faults"]) == (2, 1)
    assert data["quarantined"][1] == {"id": "acme/demo", "version": "1.1.0", "kind": "infrastructure", "reason": "away"}
    assert data["tolerated"] == ["f:1:2: m"]


def test_people_read_what_is_held_why_and_what_is_kept() -> None:
    stray = Quarantined(part="README.md", kind=Fault.AUTHOR, reason="no plugin's")
    assert list(quarantine_lines(replace(QUIET, quarantined=(stray, AUTHOR, AWAY)))) == [
        "in quarantine: plugins/README.md (author): no plugin's",
        "  kept: nothing",
        "in quarantine: acme/demo (author): bad",
        "  kept: as of commit 0123",
        "in quarantine: acme/demo 1.1.0 (infrastructure): away",
        "  kept: nothing",
    ]


def test_the_summary_says_what_was_done_and_how_to_see_the_same() -> None:
    text = job_summary(replace(QUIET, quarantined=(AUTHOR, AWAY)))
    assert text.splitlines()[0] == "## Published: 2 plugins with 3 releases, index serial 7"
    assert "- 1 release built: `acme/demo 1.0.0`" in text
    assert "- 1 package signed, 0 waiting for a signature" in text
    assert "### In quarantine: Authors have to act (1)" in text
    assert "- `acme/demo`: `bad`" in text
    assert "  - since 2026-06-01" in text
    assert "  - see it: `pluginry check registry/plugins/acme/demo`" in text
    assert "- `acme/demo 1.1.0`: `away`" in text
    assert text.endswith("\n")


def test_a_quiet_publication_has_a_short_summary() -> None:
    assert "quarantine" not in job_summary(QUIET)


def test_a_summary_is_bounded() -> None:
    items = tuple(replace(AUTHOR, id=PluginId.parse(f"acme/p{n}"), reason="x" * 500) for n in range(10_000))
    names = tuple(f"acme/p{n} 1.0.0" for n in range(10_000))
    text = job_summary(replace(QUIET, quarantined=items, built=names))
    assert len(text.encode()) < 1 << 17
    assert "- and 9900 more: see `v1/status.json`" in text
    assert " and 9980 more" in text


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "` <b>out</b> `",
    "``` \n</code><script>x</script>",
    "[click](https://evil.example)",
    "](javascript:x)",
    "a\n\n# Published: all is well\n\n- nothing",
    "a\r\n\r\n## Heading",
    "|a|b|\n|-|-|\n",
    "\x1b[2J\u202egnp.exe",
    "![x](https://evil.example/track.png)",
    "@everyone #1 https://evil.example",
    "\\` <i>",
    "`",
    "``",
    "",
    " ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_strangers_wrote_is_shown_and_is_no_markup(text: str) -> None:
    item = replace(AUTHOR, reason=text, kept=text)
    html = in_html(job_summary(replace(QUIET, quarantined=(item,), built=(text,))))
    tags = {piece.partition(">")[0].strip("/").split()[0] for piece in html.split("<")[1:]}
    assert tags <= {"h2", "h3", "ul", "li", "p", "code"}
    assert html.count("<h2>") == 1
    assert html.count("<h3>") == 1


@given(st.text(max_size=200))
def test_any_text_is_one_piece_of_code(text: str) -> None:
    html = in_html(f"- {as_code(text)}")
    assert html.count("<code>") == html.count("</code>") == 1
    assert html.startswith("<ul>\n<li><code>")
    assert html.endswith("</code></li>\n</ul>\n")


def test_commands_name_what_they_are_about() -> None:
    assert command_for(AUTHOR) == "pluginry check registry/plugins/acme/demo"
    assert command_for(AWAY) == "pluginry publish --debug"
    assert command_for(Quarantined(part="x y", kind=Fault.AUTHOR, reason="r")) == "pluginry check registry"
