"""What templates say around the plugins' own words: sentences that can be translated, put together safely and fast.

In: a template environment and a language. Out: the environment with ``_``, ``gettext`` and ``ngettext``, in which
everything that is written is cleaned. An English sentence of a template is trusted; of its translation only the markup
is that stands in the English one. What is put into either is cleaned and escaped like everything that templates write.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from pluginry.model.said import Said
from pluginry.publisher.pages import words
from pluginry.publisher.pages.message_catalogue import TAG

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

    from pluginry.publisher.pages.languages import Language


def install_sentences(environment: Environment, language: Language) -> None:
    """Let the templates of `environment` speak `language`.

    The extension's own functions would look every sentence up again each time, and leave what is put in uncleaned.
    """
    readable = _cleaning(language)
    whole: dict[str, Markup] = {}
    open_: dict[str, Markup] = {}

    def gettext(sentence: str, /, **names: object) -> Markup:
        if names:
            if sentence not in open_:
                open_[sentence] = trusted(sentence, language.gettext(sentence), language)
            return open_[sentence] % {name: readable(value) for name, value in names.items()}
        if sentence not in whole:
            whole[sentence] = Markup(trusted(sentence, language.gettext(sentence), language).replace("%%", "%"))  # noqa: S704 - as it was
        return whole[sentence]

    def ngettext(one: str, many: str, count: int, /, **names: object) -> Markup:
        form = language.ngettext(one, many, count)
        if form not in open_:
            open_[form] = trusted(one if form == one else many, form, language)
        numbers = {name: language.writing.number(value) for name, value in names.items() if type(value) is int}
        said = {name: readable(value) for name, value in names.items()}
        return open_[form] % {"num": language.writing.number(count), **said, **numbers}

    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # comes with the extension
    environment.globals.update({"_": gettext, "gettext": gettext, "ngettext": ngettext})
    environment.filters["word"] = lambda value: language.in_words(language.gettext(str(value)))
    in_english = language.marked("en") + (Markup(' dir="ltr"') if language.is_rtl else "")
    environment.globals.update({"lang_of": language.lang_of, "marked": language.marked, "in_english": in_english})
    environment.finalize = readable
    environment.extend(shown=partial(_shown, readable))  # cleaned and escaped in one step, for `template_code`


def trusted(english: str, translated: str, language: Language) -> Markup:
    """Return `translated` as markup: only what `english` holds of it counts, the rest is text and cannot be more."""
    if translated == english:
        return Markup(english)  # noqa: S704 - a sentence of ours
    ours = set(TAG.findall(english))
    parts = []
    end = 0
    for tag in TAG.finditer(translated):
        if tag[0] in ours:
            parts += [escape(language.isolated(translated[end : tag.start()])), Markup(tag[0])]  # noqa: S704 - one of ours
            end = tag.end()
    return Markup("").join((*parts, escape(language.isolated(translated[end:]))))


def _cleaning(language: Language) -> Callable[[object], object]:
    """Return what gives any value as people may read it."""

    def readable(value: object) -> object:
        kind = type(value)
        if kind is str:
            return words.plain(value)  # type: ignore[arg-type]  # `kind` says that it is text
        if kind is Said:
            return language.in_words(value)  # type: ignore[arg-type]  # and here too
        return words.plain(value) if isinstance(value, str) and kind is not Markup else value

    return readable


def _shown(readable: Callable[[object], object], value: object) -> str:
    """Return what a page holds of `value`."""
    kind = type(value)
    if kind is Markup or (kind is str and _stays(value)):  # type: ignore[arg-type]  # `kind` says that it is text
        return value  # type: ignore[return-value]  # and here too
    return escape(readable(value))


def _stays(text: str) -> bool:
    """Return whether `text` is shown as it is: so it is with most, and to see that is quicker than to escape them."""
    return text.isprintable() and not ("&" in text or "<" in text or ">" in text or '"' in text or "'" in text)
