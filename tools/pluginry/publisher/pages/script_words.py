"""What the catalogue's scripts say, in each language: words that they look up before they say it in English.

In: the languages, and the list of sentences that translators start from, which says where each stands. Out: one script
for each language with translations, of nothing but data: whatever stands in a translation, it is text. Scripts never
read words as markup.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pluginry.encoding import canonical_json
from pluginry.encoding.data_folder import data_folder
from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.publisher.pages import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.publisher.pages.languages import Language

_SCRIPTS = "site_templates/assets/"
_COUNTS = range(201)
"""Among these are counts of every kind that a language knows."""


def words_of_scripts(languages: tuple[Language, ...]) -> Iterator[PublishedObject]:
    """Yield the words of every language that has some of its own."""
    for language in languages:
        if language.messages:
            key = addresses.script_words(language.tag)
            body = b"globalThis.pluginryWords = " + canonical_json.encode(_words(language)) + b";\n"
            yield PublishedObject(
                key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE
            )


def _words(language: Language) -> dict[str, str | dict[str, str]]:
    return {
        english[0]: _forms(language, *english) if len(english) > 1 else language.gettext(english[0])
        for english in _said_by_scripts()
    }


@cache
def _said_by_scripts() -> tuple[tuple[str, ...], ...]:
    from babel.messages.pofile import read_po

    with (data_folder("site_templates") / "locales" / "pluginry.pot").open("rb") as stream:
        messages = [message for message in read_po(stream) if message.id]
    ours = (one for one in messages if any(file.startswith(_SCRIPTS) for file, _ in one.locations))
    return tuple((one.id,) if isinstance(one.id, str) else tuple(one.id) for one in ours)


def _forms(language: Language, one: str, many: str) -> dict[str, str]:
    """Return the form for each of Unicode's kinds of numbers, by which browsers count too."""
    from babel import Locale

    kind_of = Locale.parse(language.tag, sep="-").plural_form
    return {kind_of(count): language.ngettext(one, many, count) for count in reversed(_COUNTS)}
