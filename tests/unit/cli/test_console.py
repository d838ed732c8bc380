from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.cli.console import Console, printable
from pluginry.errors import ConsentNeededError, PluginryError, TamperedError

EVIL = "name\x1b[2J\x1b]0;pwned\x07\u202egnp.exe\x9b31m\r\b\x00\u200b"


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def error_as_json(capsys: pytest.CaptureFixture[str], error: PluginryError) -> Any:
    Console(as_json=True).error(error)
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)["error"]


def test_a_result_is_text_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    Console().result({"a": 1}, ["one", "two"])
    Console().result({"a": 1}, "three")
    Console().result({"a": 1})
    assert capsys.readouterr() == ("one\ntwo\nthree\n", "")


def test_a_result_is_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    Console(as_json=True).result({"b": "\u00e9", "a": [1]}, "text")
    out, err = capsys.readouterr()
    assert json.loads(out) == {"b": "\u00e9", "a": [1]}
    assert out.index('"a"') < out.index('"b"')
    assert "\u00e9" in out
    assert err == ""


def test_talk_goes_beside_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    Console().say("working")
    assert capsys.readouterr() == ("", "working\n")


@pytest.mark.parametrize("console", [Console(quiet=True), Console(as_json=True)])
def test_quiet_people_and_programs_hear_no_talk(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    console.say("working")
    with console.progress("copying", 3) as advance:
        advance(3)
    assert capsys.readouterr() == ("", "")


def test_an_error_is_a_sentence_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    Console(quiet=True).error(TamperedError("it was changed", where="x.zip", why="other digest", hint="ask around"))
    assert capsys.readouterr() == ("", "error: x.zip: it was changed: other digest\n  hint: ask around\n")


def test_an_error_without_a_hint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Console().error(PluginryError("it broke"))
    assert capsys.readouterr().err == "error: it broke\n"


def test_an_error_for_programs_is_data_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    error = TamperedError("it was changed", where="x.zip", why="other digest", hint="ask around")
    assert error_as_json(capsys, error) == {
        "code": "tampered",
        "exit_status": 5,
        "what": "it was changed",
        "where": "x.zip",
        "why": "other digest",
        "hint": "ask around",
    }


def test_programs_are_told_everything_that_an_error_holds(capsys: pytest.CaptureFixture[str]) -> None:
    error = ConsentNeededError("say yes", ("network:*", "mail.body:all"))
    assert error_as_json(capsys, error) == {
        "code": "consent",
        "exit_status": 6,
        "what": "say yes",
        "permissions": ["network:*", "mail.body:all"],
    }


@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_that_strangers_wrote_reaches_the_terminal_as_a_command(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(as_json=as_json)
    console.result({"name": EVIL, EVIL: 1}, [EVIL])
    console.say(EVIL)
    console.error(PluginryError(EVIL, where=EVIL, why=EVIL, hint=EVIL))
    out, err = capsys.readouterr()
    assert all(char.isprintable() or char == "\n" for char in out + err)


def test_json_for_programs_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Console(as_json=True).result({"name": EVIL, "more": "\U000e0041\n\t"})
    assert json.loads(capsys.readouterr().out) == {"name": EVIL, "more": "\U000e0041\n\t"}


@given(st.text())
def test_what_is_printable_stays_and_the_rest_is_spelt_out(text: str) -> None:
    shown = printable(text)
    assert all(char.isprintable() or char == "\n" for char in shown)
    assert printable(shown) == shown
    if text.isprintable():
        assert shown == text


def test_escapes_are_those_of_python() -> None:
    assert printable("a\x1b\u202e\U000e0041\n\u00e9") == "a\\x1b\\u202e\\U000e0041\n\u00e9"


def test_a_bar_is_for_terminals(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with Console().progress("copying", 3) as advance:
        advance(3)
    assert capsys.readouterr() == ("", "")
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with Console().progress("copying", 3) as advance:
        advance(3)
    assert "copying" in terminal.getvalue()
    monkeypatch.setenv("TERM", "dumb")
    shown = terminal.getvalue()
    with Console().progress("copying", 3) as advance:
        advance(3)
    assert terminal.getvalue() == shown


def test_work_of_unknown_length_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with Console().progress("copying") as advance:
        advance(100)
    assert terminal.getvalue() == "copying ...\n"
