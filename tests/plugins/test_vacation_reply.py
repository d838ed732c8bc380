from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "mairust/vacation-reply"
VACATION = load(PLUGIN)
CONFIG = {
    "mailbox": "ann@example.com",
    "away_from": "2026-08-01T00:00:00+02:00",
    "away_until": "2026-08-15T00:00:00+02:00",
    "text": "I am hiking.",
}
MESSAGE = {
    "From": "Bob <bob@example.org>",
    "To": "Ann <ann@example.com>",
    "Subject": "Lunch\r\n  on Friday",
    "Message-ID": "<17@example.org>",
}
NOON = "2026-08-03T12:00:00Z"


def test_a_person_gets_an_answer_that_says_it_is_automatic(tmp_path: Path) -> None:
    answer = VACATION.Plugin(CONFIG, str(tmp_path)).reply(headers=MESSAGE, now=NOON)
    assert answer["reply"] == {
        "headers": {
            "From": "ann@example.com",
            "To": "bob@example.org",
            "Subject": "Away: Lunch on Friday",
            "Auto-Submitted": "auto-replied",
            "Precedence": "bulk",
            "In-Reply-To": "<17@example.org>",
            "References": "<17@example.org>",
        },
        "body": "I am hiking.",
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Auto-Submitted": "auto-replied"}, "written by a machine"),
        ({"Precedence": "bulk"}, "through a list"),
        ({"List-Id": "<news.example.org>"}, "through a list"),
        ({"Return-Path": "<>"}, "nobody would get"),
        ({"From": "no-reply@example.org"}, "is a machine"),
        ({"From": "MAILER-DAEMON@example.org"}, "is a machine"),
        ({"From": "ann@example.com"}, "is a machine"),
        ({"From": ""}, "nobody would get"),
        ({"X-Spam-Flag": "YES"}, "is spam"),
        ({"To": "undisclosed-recipients:;"}, "does not name this mailbox"),
    ],
)
def test_machines_lists_and_spam_get_no_answer(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    answer = VACATION.Plugin(CONFIG, str(tmp_path)).reply(headers={**MESSAGE, **change}, now=NOON)
    assert answer["reply"] is None
    assert reason in answer["reason"]
    assert list(tmp_path.iterdir()) == []


def test_its_own_answers_get_no_answer(tmp_path: Path) -> None:
    bob = VACATION.Plugin({**CONFIG, "mailbox": "bob@example.org"}, str(tmp_path / "bob"))
    ann = VACATION.Plugin(CONFIG, str(tmp_path / "ann"))
    answer = ann.reply(headers=MESSAGE, now=NOON)["reply"]
    assert bob.reply(headers=answer["headers"], now=NOON)["reply"] is None


def test_each_person_is_answered_once_in_seven_days(tmp_path: Path) -> None:
    config = {**CONFIG, "away_until": "2026-09-01T00:00:00+02:00"}
    assert VACATION.Plugin(config, str(tmp_path)).reply(headers=MESSAGE, now=NOON)["reply"] is not None
    again = VACATION.Plugin(config, str(tmp_path))
    shouting = {**MESSAGE, "From": "BOB@EXAMPLE.ORG"}
    assert again.reply(headers=shouting, now="2026-08-10T11:59:59Z")["reply"] is None
    assert again.reply(headers={**MESSAGE, "From": "eve@example.org"}, now=NOON)["reply"] is not None
    assert again.reply(headers=MESSAGE, now="2026-08-10T12:00:00Z")["reply"] is not None


def test_old_answers_are_forgotten(tmp_path: Path) -> None:
    plugin = VACATION.Plugin(CONFIG, str(tmp_path))
    plugin.reply(headers=MESSAGE, now=NOON)
    plugin.reply(headers={**MESSAGE, "From": "eve@example.org"}, now="2026-08-12T12:00:00Z")
    assert list(json.loads((tmp_path / "answered.json").read_text(encoding="utf-8"))) == ["eve@example.org"]


@pytest.mark.parametrize(
    ("now", "answered"),
    [
        ("2026-07-31T21:59:59Z", False),
        ("2026-07-31T22:00:00Z", True),
        ("2026-08-14T21:59:59Z", True),
        ("2026-08-14T22:00:00Z", False),
    ],
)
def test_the_absence_begins_and_ends_to_the_second(tmp_path: Path, now: str, answered: bool) -> None:
    answer = VACATION.Plugin(CONFIG, str(tmp_path)).reply(headers=MESSAGE, now=now)
    assert (answer["reply"] is not None) is answered


def test_without_settings_nobody_is_answered(tmp_path: Path) -> None:
    answer = VACATION.Plugin({}, str(tmp_path)).reply(headers=MESSAGE, now=NOON)
    assert answer == {"reply": None, "reason": "mailbox, away_from and away_until are not set"}


def test_a_subject_cannot_smuggle_in_header_lines(tmp_path: Path) -> None:
    evil = {**MESSAGE, "Subject": "Hi\r\nBcc: everybody@example.org"}
    headers = VACATION.Plugin(CONFIG, str(tmp_path)).reply(headers=evil, now=NOON)["reply"]["headers"]
    assert headers["Subject"] == "Away: Hi Bcc: everybody@example.org"


def test_the_advisory_is_true_of_the_first_version_and_of_no_other(tmp_path: Path) -> None:
    automatic = {**MESSAGE, "Auto-Submitted": "auto-replied"}
    affected = load(PLUGIN, "1.0.0").Plugin(CONFIG, str(tmp_path))
    first = affected.reply(headers=automatic, now=NOON)["reply"]
    assert first is not None
    assert affected.reply(headers={**first["headers"], "From": "bob@example.org"}, now=NOON)["reply"] is not None
    assert VACATION.Plugin(CONFIG, str(tmp_path)).reply(headers=automatic, now=NOON)["reply"] is None
