"""What commands that begin something ask a person at the terminal, and what they make of names.

In: what the command line says. Out: answers that were checked. Where nobody can be asked, nobody is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import click

from pluginry.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")
_LONGEST_NAME = 40


class Questions:
    """Where answers come from: the command line, else the person at the terminal, else the defaults.

    ``words`` are the questions, by the names of the options that answer them.
    """

    def __init__(self, words: Mapping[str, str], *, asks: bool, takes_defaults: bool) -> None:
        self._words = words
        self._asks = asks
        self._takes_defaults = takes_defaults

    def answer(self, name: str, given: str | None, default: str, parse: Callable[[str], T]) -> T:
        """Return the answer to the question `name`, made into a value by `parse`.

        Raises:
            UsageError: `given` cannot be parsed, or there is no answer.
        """
        if given is None and self._asks:
            question = self._words[name]
            answer: T = click.prompt(question, default=default or None, value_proc=_asking_again(parse), err=True)
            return answer
        if given is None and not (self._takes_defaults and default):
            hint = "give it" if self._takes_defaults else "give it, or let --defaults choose what has a default"
            raise UsageError(f"--{name} is missing", hint=hint)
        try:
            return parse(default if given is None else given)
        except DocumentError as error:
            raise UsageError(f"--{name}: {error.what}", why=error.why, hint=error.hint) from error


def _asking_again(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Return `parse` with errors that make the prompt ask again."""

    def parse_or_ask(text: str) -> T:
        try:
            return parse(text)
        except (DocumentError, UsageError) as error:
            raise click.UsageError(f"{error.what}{f' ({error.why})' if error.why else ''}") from error

    return parse_or_ask


def slug(text: str, otherwise: str) -> str:
    """Return `text` as part of an id, or `otherwise` when nothing of it is left."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST_NAME].strip("-") or otherwise


def title_of(name: str) -> str:
    """Return the part of an id `name` as it may stand in a heading."""
    return name.replace("-", " ").capitalize()
