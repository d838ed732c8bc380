"""How plugins are found by words: one definition for the client, and for the catalogue's script through `as_plain`.

In: what a catalogue says of a plugin, words. Out: a number, larger is better, 0 is no match. It reads nothing.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# What a word may match, and how much that counts.
EXACT_ID, EXACT_NAME, IN_NAME, IN_TAGS, IN_SUMMARY = 100, 80, 40, 20, 10
PREFIX_BONUS = 5
SEPARATORS = "-_/.|"
_AS_BLANKS = str.maketrans(dict.fromkeys(SEPARATORS, " "))


class SearchText(NamedTuple):
    """The words of a plugin as they are compared: every field is `normalised`."""

    own_name: str
    id: str
    name: str
    aliases: str
    tags: str
    summary: str

    @classmethod
    def of(cls, plugin: str, *, name: str, summary: str, tags: Iterable[str], aliases: Iterable[str]) -> SearchText:
        """Return what can be searched of the plugin with the id `plugin`; `tags` are those of any kind."""
        return cls(
            normalised(plugin.partition("/")[2]),
            normalised(plugin),
            normalised(name),
            normalised(" ".join(aliases)),
            normalised(" ".join(tags)),
            normalised(summary),
        )


def normalised(text: str) -> str:
    """Return `text` as it is compared: without accents and case, separators like blanks, one blank at a time."""
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text.upper())
        text = "".join(letter for letter in letters if not unicodedata.category(letter).startswith("M"))
    return " ".join(text.lower().translate(_AS_BLANKS).split())


def rank(text: SearchText, words: Sequence[str]) -> int:
    """Return how well a plugin answers the normalised `words`; 0 when one of them matches nothing."""
    own_name, full, name, aliases, tags, summary = text
    phrase = " ".join(words)
    total = 1
    if phrase in (own_name, full):
        total += EXACT_ID
    elif phrase == name:
        total += EXACT_NAME
    names = f" {full} {name} {aliases}"
    for word in words:
        if word in names:
            total += IN_NAME + (PREFIX_BONUS if f" {word}" in names else 0)
        elif word in tags:
            total += IN_TAGS
        elif word in summary:
            total += IN_SUMMARY
        else:
            return 0
    return total


def as_plain() -> Mapping[str, int | str]:
    """Return the definition for a program in another language: the same steps with these numbers."""
    return {
        "exact_id": EXACT_ID,
        "exact_name": EXACT_NAME,
        "in_name": IN_NAME,
        "in_tags": IN_TAGS,
        "in_summary": IN_SUMMARY,
        "prefix_bonus": PREFIX_BONUS,
        "separators": SEPARATORS,
    }
