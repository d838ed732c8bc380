"""How hostile values and places appear in sentences.

In: anything that a document held. Out: one short line in which control and direction characters are escaped.
Never returns a line break, and never more text than a sentence can bear.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.finding import DocumentPath

_LIMIT = 60
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_$-]{1,60}")
_WORDS = {None: "nothing", True: "true", False: "false"}


def quoted(value: object) -> str:
    """Return `value` as it may stand in a message: text in quotes and clipped, collections by their kind."""
    if isinstance(value, str):
        return repr(value) if len(value) <= _LIMIT else f"{value[:_LIMIT]!r}..."
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return str(value)[:_LIMIT]


def enumerated(words: Iterable[str], *, joint: str = "or", limit: int = 12) -> str:
    """Return ``a, b or c``; what goes beyond `limit` words becomes ``...``."""
    shown = list(words)
    if len(shown) > limit:
        return f"{', '.join(shown[:limit])}, ..."
    return f" {joint} ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)


def path_as_text(path: DocumentPath) -> str:
    """Return a place inside a document as ``artifacts[0].sha256``; the root is empty text."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{quoted(step)}]"
    return text
