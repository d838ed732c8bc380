"""Asking the user: which permissions a plan needs, in plain words, and whether that is agreed to.

In: what is asked for, and what was accepted on the command line. Out: sentences, data for programs, and the accepted
permissions. It asks only where somebody can answer, and takes silence for no.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from pluginry.cli.table import one_line
from pluginry.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.cli.console import Console
    from pluginry.client.consent import ConsentRequest, PermissionAsk


def agree(console: Console, question: str, *, about: Any = None) -> None:
    """Go on only if the user says yes; `about` is what a program needs to ask its own user.

    Raises:
        PolicyError: the user does not.

    """
    if not console.confirm(question, about=about):
        raise PolicyError("nothing was changed", why="you did not agree")


def agreed_permissions(console: Console, consent: ConsentRequest, accepted: Iterable[str]) -> tuple[str, ...]:
    """Show what is asked for, and return `accepted` with what the user agrees to now.

    Where nobody can be asked it returns `accepted` alone, and applying the plan says what is missing.

    Raises:
        PolicyError: the user does not agree.

    """
    agreed = tuple(accepted)
    for line in permission_lines(consent.new):
        console.say(line)
    missing = consent.missing(agreed)
    if missing and console.can_ask:
        agree(console, "Do you agree?", about={"permissions": [ask_data(ask) for ask in missing]})
        agreed += tuple(ask.grant for ask in missing)
    return agreed


def permission_lines(asks: Iterable[PermissionAsk]) -> Iterator[str]:
    """Yield, for each plugin, every permission as a sentence with the author's reason and how to accept it."""
    for plugin, own in groupby(asks, key=lambda ask: ask.plugin):
        yield f"{plugin} asks for permission:"
        for ask in own:
            yield one_line(f"  {ask.says} [{ask.grant}]")
            yield one_line(f"    reason given: {ask.reason}")


def ask_data(ask: PermissionAsk) -> dict[str, Any]:
    """Return a permission as JSON has it."""
    return {
        "id": str(ask.plugin),
        "permission": ask.grant,
        "says": ask.says,
        "reason": ask.reason,
        "severity": ask.severity,
        "new": ask.is_new,
    }
