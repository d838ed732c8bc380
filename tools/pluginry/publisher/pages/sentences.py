"""What templates say around the plugins' own words: sentences that can be translated, put together safely and fast.

In: a template environment and gettext translations. Out: the environment with ``_``, ``gettext`` and ``ngettext``.
A sentence is trusted, what is put into it is not: that is cleaned and escaped like everything that templates write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from pluginry.publisher.pages import words

if TYPE_CHECKING:
    from gettext import NullTranslations

    from jinja2 import Environment


def readable(value: object) -> object:
    """Return `value` as templates write it: text without characters that trick readers."""
    return words.plain(value) if type(value) is str else value


def install_sentences(environment: Environment, translations: NullTranslations) -> None:
    """Let the templates of `environment` speak the language of `translations`.

    The extension's own functions would look every sentence up again each time, and leave what is put in uncleaned.
    """
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # comes with the extension
    whole: dict[str, Markup] = {}
    open_: dict[str, Markup] = {}

    def gettext(sentence: str, /, **names: object) -> Markup:
        if names:
            if sentence not in open_:
                open_[sentence] = Markup(translations.gettext(sentence))  # noqa: S704 - a sentence of ours
            return open_[sentence] % {name: readable(value) for name, value in names.items()}
        if sentence not in whole:
            whole[sentence] = Markup(translations.gettext(sentence).replace("%%", "%"))  # noqa: S704 - a sentence of ours
        return whole[sentence]

    def ngettext(one: str, many: str, count: int, /, **names: object) -> Markup:
        sentence = Markup(translations.ngettext(one, many, count))  # noqa: S704 - a sentence of ours
        return sentence % {"num": count, **{name: readable(value) for name, value in names.items()}}

    environment.globals.update({"_": gettext, "gettext": gettext, "ngettext": ngettext})
