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


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    out, err = capsys.readouterr()
    assert err == ""
    return [json.loads(line) for line in out.splitlines()]


class TestLines:
    console = Console(as_lines=True)

    def test_everything_is_an_event_on_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.console.say(EVIL)
        self.console.result({"a": "two\nlines"}, "text")
        self.console.error(ConsentNeededError("ask first", permissions=("network:a",)))
        said, result, failed = lines_of(capsys)
        assert said == {"event": "said", "text": EVIL}
        assert result == {"event": "result", "data": {"a": "two\nlines"}}
        assert (failed["event"], failed["error"]["code"], failed["error"]["exit_status"]) == ("error", "consent", 6)

    def test_progress_is_told_in_hundredths(self, capsys: pytest.CaptureFixture[str]) -> None:
        with self.console.progress("copying", total=1_000_000) as advance:
            for _ in range(10_000):
                advance(100)
        steps = lines_of(capsys)
        assert [step["done"] for step in steps] == [hundredth * 10_000 for hundredth in range(101)]
        assert {(step["event"], step["label"], step["total"]) for step in steps} == {("progress", "copying", 1_000_000)}

    def test_without_a_total_every_step_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        with self.console.progress("looking") as advance:
            advance(1)
        assert [(step["done"], step["total"]) for step in lines_of(capsys)] == [(0, None), (1, None)]

    @pytest.mark.parametrize(
        ("answer", "is_yes"),
        [
            ('{"answer": true}\n', True),
            ('{"answer": false}\n', False),
            ('{"answer": "true"}\n', False),
            ('{"answer": 1}\n', False),
            ("true\n", False),
            ("yes\n", False),
            ("\n", False),
            ("", False),
        ],
    )
    def test_only_a_plain_yes_is_a_yes(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str, *, is_yes: bool
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        assert self.console.can_ask
        assert self.console.confirm("Do you agree?", about={"permissions": []}) is is_yes
        assert lines_of(capsys) == [{"event": "question", "text": "Do you agree?", "about": {"permissions": []}}]
