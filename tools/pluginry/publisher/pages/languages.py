"""A language of the catalogue's pages: what it says, how it writes days, numbers and sizes, where its pages lie.

In: sentences of ours, and texts of others. Out: what pages in the language write for them. `ENGLISH` is what everything
is written in, and needs no translations. Which languages there are: `language_choice`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from pluginry.model import layout
from pluginry.model.said import Said, counted, in_digits, said
from pluginry.publisher.pages import addresses, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from pluginry.model.published import PublishedObject

SOURCE = "en"
"""The language in which everything is written that is not translated."""
_ANY_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_ISOLATED = "\u2068{}\u2069"
_PLACE = re.compile(r"%\([a-z_]+\)s")


class Text(str):
    """A text of somebody else that is in ``language``, which is not that of the page."""

    __slots__ = ("language",)

    language: str

    @classmethod
    def of(cls, text: str, language: str) -> Text:
        """Return `text` as one in `language`."""
        made = cls(text)
        made.language = language
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a language writes a day and a number."""

    day: Callable[[datetime], str]
    number: Callable[[float], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language by its ``tag`` and by what it calls itself; its pages lie below ``prefix``.

    ``texts`` is the language of what people wrote without saying in which.
    """

    tag: str
    title: str
    prefix: str = ""
    texts: str = SOURCE
    is_rtl: bool = False
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    form_of: Callable[[int], int] = field(default=lambda count: int(count != 1), repr=False)
    writing: Writing = field(default=Writing(day=words.day_in_words, number=in_digits), repr=False)

    @property
    def direction(self) -> str:
        """Where lines begin: ``ltr`` or ``rtl``."""
        return "rtl" if self.is_rtl else "ltr"

    def key(self, key: str) -> str:
        """Return the key of what has the key `key` in the default language: its own, for what is in no language."""
        return self.prefix + key if self.prefix and addresses.is_in_words(key) else key

    def address(self, key: str, target: str) -> str:
        """Return how the page with `key` writes the address of what has the key `target`, both in this language."""
        return layout.relative_address(self.key(key), self.key(target))

    def gettext(self, sentence: str) -> str:
        """Return `sentence` in this language, or as it is."""
        forms = self.messages.get(sentence)
        return forms[0] if forms else sentence

    def theirs(self, text: str, said_in: str = "") -> str:
        """Return a text that is in the language that it is `said_in`, or in that of all that does not say otherwise."""
        said_in = said_in or self.texts
        return Text.of(text, said_in) if text and said_in != self.tag else text

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the form of the sentence for `count` things."""
        forms = self.messages.get(one)
        if forms and len(forms) > 1:
            return forms[self.form_of(count)]
        return one if count == 1 else many

    def in_words(self, text: str) -> str:
        """Return `text` in this language if it is a sentence of ours, and without tricks."""
        if not isinstance(text, Said):
            return words.plain(text)
        sentence = self.ngettext(text.sentence, text.many, text.number) if text.many else self.gettext(text.sentence)
        if not text.names:
            return sentence
        names = {name: self.in_words(one) if isinstance(one, str) else one for name, one in text.names.items()}
        if text.many:
            names["count"] = self.writing.number(text.number)
        return self.isolated(sentence) % names

    def isolated(self, sentence: str) -> str:
        """Return `sentence` so that what is put into it cannot reorder the words around it."""
        return _PLACE.sub(lambda place: _ISOLATED.format(place[0]), sentence) if self.is_rtl else sentence

    def day(self, moment: datetime) -> Markup:
        """Return the day of `moment` as a ``time`` element."""
        text = escape(self.writing.day(moment))
        return Markup(f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{text}</time>')  # noqa: S704 - escaped just above

    def size(self, size_bytes: int) -> str:
        """Return `size_bytes` in words with three digits at most."""
        if size_bytes < words.SMALLEST_UNIT_BYTES:
            return self.in_words(counted("%(count)s byte", "%(count)s bytes", size_bytes))
        amount, unit = words.in_unit(size_bytes)
        return self.in_words(_in_unit(self.writing.number(amount), unit))

    def lang_of(self, text: str) -> Markup:
        """Return the attribute that says in which language `text` is, where that is not the page's."""
        return self.marked(text.language) if isinstance(text, Text) else Markup()

    def marked(self, language: str) -> Markup:
        """Return the attribute for something in `language`: nothing where that is the page's, or no language."""
        is_another = language != self.tag and _ANY_TAG.match(language)
        return Markup(' lang="{}"').format(language) if is_another else Markup()

    def placed(self, objects: Iterable[PublishedObject]) -> Iterator[PublishedObject]:
        """Yield `objects` under the keys that they have in this language."""
        if not self.prefix:
            yield from objects
            return
        for one in objects:
            yield replace(one, key=self.key(one.key))


ENGLISH = Language(tag=SOURCE, title="English")


def _in_unit(amount: str, unit: str) -> Said:
    match unit:
        case "kB":
            return said("%(amount)s kB", amount=amount)
        case "MB":
            return said("%(amount)s MB", amount=amount)
        case _:
            return said("%(amount)s GB", amount=amount)
