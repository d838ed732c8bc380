"""What a command says: results on standard output (text or JSON), talk and progress on standard error.

Nothing is said twice, colour never carries meaning, and bars appear only on a terminal.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pluginry.errors import PluginryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """How to talk: ``as_json`` for programs, ``quiet`` for only results and errors, ``debug`` for tracebacks."""

    as_json: bool = False
    quiet: bool = False
    debug: bool = False

    def result(self, data: Any, text: Iterable[str] | str = ()) -> None:
        """Print the result of a command: `data` as JSON when asked for, else the lines of `text`."""
        if self.as_json:
            click.echo(_as_json(data))
            return
        for line in [text] if isinstance(text, str) else text:
            click.echo(printable(line))

    def say(self, message: str) -> None:
        """Tell a person how far things are; programs and quiet ones do not hear it."""
        if not (self.quiet or self.as_json):
            click.echo(printable(message), err=True)

    def error(self, error: PluginryError) -> None:
        """Print what went wrong, why, and what to do; as JSON on standard output when asked for."""
        if self.as_json:
            body = {"code": error.code, "exit_status": error.exit_status, "what": error.what}
            body |= {key: value for key in ("where", "why", "hint", *error.details) if (value := getattr(error, key))}
            click.echo(_as_json({"error": body}))
            return
        click.echo(f"error: {printable(str(error))}", err=True)
        if error.hint:
            click.echo(f"  hint: {printable(error.hint)}", err=True)

    @contextmanager
    def progress(self, label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Show a bar over `total` steps (or bytes); yield the function that advances it."""
        if self.quiet or self.as_json or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            yield lambda _steps: None
            return
        if total is None:
            self.say(f"{label} ...")
            yield lambda _steps: None
            return
        with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
            yield bar.update


def printable(text: str) -> str:
    """Return `text` with control and bidirectional characters shown as escapes: it may come from strangers."""
    return _escaped(text, lambda char: ascii(char)[1:-1])


def _as_json(data: Any) -> str:
    """Return `data` as JSON that people can read, and that does nothing to their terminal."""
    text = json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True)
    return _escaped(text, lambda char: json.dumps(char)[1:-1])


def _escaped(text: str, escape: Callable[[str], str]) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else escape(char) for char in text)
