"""Translations as gettext writes them (``.po``), read so that no translation can do more than say something else.

In: the bytes of a catalogue, whoever wrote them. Out: its messages, and what is wrong with the others: a message that
lacks a name, brings markup of its own or has not the forms that its language counts in is left out, and the English
one stands in its place. It runs nothing of what stands in the file: how a language counts comes from Unicode's tables.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass
from gettext import c2py
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.publisher.pages.words import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from babel.messages.catalog import Catalog, Message

TAG = re.compile(r"<[^<>]*>")
_NAME = re.compile(r"%\(([a-z_]+)\)s")
_POSITION = re.compile(r" on [0-9]+\Z")
_LONGER, _LONGER_BY = 8, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong in ``line`` (from 1; 0 is the file as a whole)."""

    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCatalogue:
    """The sound ``messages`` (English to one form, or to all forms of a language that counts), and the ``problems``."""

    messages: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...] = ()


def read_catalogue(body: bytes, tag: str) -> MessageCatalogue:
    """Return the messages of the catalogue `body` in the language `tag`, for which `plural_of` has an answer."""
    from babel.messages.pofile import PoFileError, read_po

    try:
        catalogue = read_po(io.BytesIO(body), locale=tag.replace("-", "_"), charset="utf-8", abort_invalid=True)
    except PoFileError as error:
        why = _POSITION.sub("", str(error.args[0]))
        return MessageCatalogue(messages={}, problems=(Problem(line=error.lineno + 1, why=why),))
    except (ValueError, LookupError, TypeError, AttributeError, IndexError) as error:
        why = f"this is not a catalogue of translations: {error}"
        return MessageCatalogue(messages={}, problems=(Problem(line=0, why=why),))
    count = plural_of(tag)[0]
    found: dict[str, tuple[str, ...]] = {}
    problems = []
    for message, english, forms in _translated(catalogue):
        why = fault_in(english, forms, count)
        if why:
            problems.append(Problem(line=message.lineno or 0, why=why))
        else:
            found[english[0]] = forms
    return MessageCatalogue(messages=MappingProxyType(found), problems=tuple(problems))


def plural_of(tag: str) -> tuple[int, Callable[[int], int]]:
    """Return how many forms a language has for counted things, and the function from a count to its form."""
    from babel.messages.plurals import get_plural

    rule = get_plural(tag.replace("-", "_"))
    return rule.num_plurals, c2py(rule.plural_expr)


def fault_in(english: tuple[str, ...], forms: tuple[str, ...], forms_needed: int) -> str:
    """Return why the translation `forms` may not stand for `english` (one form, or singular and plural), or nothing."""
    if len(english) > 1 and len(forms) != forms_needed:
        return f"it has {len(forms)} forms; this language counts in {forms_needed}"
    return next((why for text in forms if (why := _fault_in_form(english, text))), "")


def _fault_in_form(english: tuple[str, ...], text: str) -> str:
    tags = TAG.findall(text)
    names = _names(english[-1:]) ^ _names((text,))
    if len(english) > 1:
        names -= {"count", "num"}  # one of a thing may be said without its number
    faults = (
        (names, f"its names are not those of the English sentence: {', '.join(sorted(names))}"),
        (_names(english) and "%" in _NAME.sub("", text).replace("%%", ""), "a percent sign is written %%"),
        (Counter(tags) != Counter(TAG.findall(english[-1])), "its markup is not that of the English sentence"),
        (not _is_nested(tags), "its markup is not closed in order"),
        (plain(text) != text, "it hides or reorders what is read"),
        (len(text) > _LONGER * max(map(len, english)) + _LONGER_BY, "it is far longer than the English sentence"),
    )
    return next((why for is_at_fault, why in faults if is_at_fault), "")


def _translated(catalogue: Catalog) -> Iterator[tuple[Message, tuple[str, ...], tuple[str, ...]]]:
    for message in catalogue:
        english, forms = _all_of(message.id), _all_of(message.string)
        if english[0] and any(forms) and not message.fuzzy:
            yield message, english, forms


def _all_of(texts: str | Iterable[str] | None) -> tuple[str, ...]:
    texts = texts or ""
    return (texts,) if isinstance(texts, str) else tuple(text or "" for text in texts)


def _names(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in _NAME.findall(text)}


def _is_nested(tags: Iterable[str]) -> bool:
    around = []
    for tag in tags:
        name = tag.strip("</>").split(" ")[0]
        if not tag.startswith("</"):
            around.append(name)
        elif not around or around.pop() != name:
            return False
    return not around
