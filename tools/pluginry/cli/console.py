"""What a command says: results on standard output (text or JSON), talk and progress on standard error.

A program that drives a command reads JSON lines instead: everything is an event on a line of standard output
(schemas/command-event.schema.json), and a question is answered by a line of standard input. Nothing is said twice,
colour never carries meaning, and bars appear only on a terminal.
"""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pluginry.errors import PluginryError


_COMMAND: Final = re.compile(r"^(\s*)::", re.MULTILINE)
"""What the runner of a workflow obeys in a log, as it does ``##[`` anywhere in a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """How to talk: ``as_json`` for programs, ``quiet`` for only results and errors, ``debug`` for tracebacks.

    ``as_lines`` is for programs that want to hear of everything as it happens, and to answer questions.
    """

    as_json: bool = False
    as_lines: bool = False
    quiet: bool = False
    debug: bool = False

    def result(self, data: Any, text: Iterable[str] | str = ()) -> None:
        """Print the result of a command: `data` as JSON when asked for, else the lines of `text`."""
        if self.as_lines:
            _emit("result", data=data)
            return
        if self.as_json:
            click.echo(_as_json(data))
            return
        for line in [text] if isinstance(text, str) else text:
            click.echo(printable(line))

    def say(self, message: str) -> None:
        """Tell a person how far things are; quiet ones do not hear it, and programs only line by line."""
        if self.as_lines and not self.quiet:
            _emit("said", text=message)
        elif not (self.quiet or self.as_json):
            click.echo(printable(message), err=True)

    def error(self, error: PluginryError) -> None:
        """Print what went wrong, why, and what to do; as JSON on standard output when asked for."""
        if self.as_json or self.as_lines:
            body = {"code": error.code, "exit_status": error.exit_status, "what": error.what}
            body |= {key: value for key in ("where", "why", "hint", *error.details) if (value := getattr(error, key))}
            if self.as_lines:
                _emit("error", error=body)
            else:
                click.echo(_as_json({"error": body}))
            return
        click.echo(f"error: {printable(str(error))}", err=True)
        if error.hint:
            click.echo(f"  hint: {printable(error.hint)}", err=True)

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody who hears questions and can answer."""
        return self.as_lines or (not self.as_json and sys.stdin.isatty() and sys.stderr.isatty())

    def confirm(self, question: str, *, about: Any = None) -> bool:
        """Ask, and return whether the answer is yes; `about` tells a program what the question is about.

        A program answers with a line ``{"answer": true}``; anything else, and silence, is a no.
        """
        if not self.as_lines:
            return click.confirm(question, err=True)
        _emit("question", text=question, about=about)
        try:
            answer = json.loads(sys.stdin.readline())
        except ValueError:
            return False
        return isinstance(answer, dict) and answer.get("answer") is True

    @contextmanager
    def progress(self, label: str, total: int | Callable[[], int] | None = None) -> Iterator[Callable[[int], None]]:
        """Show a bar over `total` steps (or bytes), counted only to be shown; yield the function that advances it."""
        is_shown = not (self.as_json or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb")
        if self.quiet or not (self.as_lines or is_shown):
            yield lambda _steps: None
            return
        total = total() if callable(total) else total
        if self.as_lines:
            yield _Steps(label, total).advance
            return
        if total is None:
            self.say(f"{label} ...")
            yield lambda _steps: None
            return
        with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
            yield bar.update


@dataclass(slots=True)
class _Steps:
    """Progress as events: one in the beginning and one for each hundredth of the whole."""

    label: str
    total: int | None
    done: int = 0
    _told: int = -1

    def __post_init__(self) -> None:
        self.advance(0)

    def advance(self, steps: int) -> None:
        """Count `steps`, and tell when there is something to tell."""
        self.done += steps
        hundredth = self.done * 100 // self.total if self.total else self.done
        if hundredth > self._told:
            self._told = hundredth
            _emit("progress", label=self.label, done=self.done, total=self.total)


def _emit(event: str, **content: Any) -> None:
    """Write an event on a line of its own, at once."""
    line = json.dumps({"event": event, **content}, ensure_ascii=False, sort_keys=True)
    click.echo(_escaped(line, lambda char: json.dumps(char)[1:-1]))


def printable(text: str) -> str:
    """Return `text` so that it does nothing to a terminal or to the log of a workflow: it may come from strangers.

    Control and bidirectional characters, and what would begin a command of the workflow runner, are shown as escapes.
    """
    return _COMMAND.sub(r"\1\\x3a:", _escaped(text, lambda char: ascii(char)[1:-1])).replace("##[", "#\\x23[")


def _as_json(data: Any) -> str:
    """Return `data` as JSON that people can read, and that does nothing to their terminal."""
    text = json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True)
    return _escaped(text, lambda char: json.dumps(char)[1:-1]).replace("##[", "#\\u0023[")


def _escaped(text: str, escape: Callable[[str], str]) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else escape(char) for char in text)
