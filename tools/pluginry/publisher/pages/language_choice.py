"""Which languages the catalogue is there in: what the operator chose, as far as there are translations.

In: the registry, the shipped catalogues of translations and the operator's own. Out: `Language`s, the default first.
A marketplace that chose nothing has English and pays nothing for this.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.encoding.data_folder import data_folder
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.languages import ENGLISH, SOURCE, Language, Writing
from pluginry.publisher.pages.message_catalogue import plural_of, read_catalogue

if TYPE_CHECKING:
    from pluginry.model.registry import Registry

_LOCALES = "locales"
_CATALOGUE = "LC_MESSAGES/pluginry.po"
_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?\Z")


def shipped_languages() -> tuple[str, ...]:
    """Return the tags of the languages that come with Pluginry."""
    folder = data_folder("site_templates") / _LOCALES
    return tuple(sorted({SOURCE, *(path.parents[1].name for path in folder.glob(f"*/{_CATALOGUE}"))}))


def is_language(tag: str) -> bool:
    """Return whether `tag` is that of a language whose habits are known here, and can be the beginning of addresses."""
    from babel import Locale
    from babel.core import UnknownLocaleError

    if not _TAG.match(tag) or tag in addresses.FIRST_PARTS:
        return False
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def languages_of(registry: Registry) -> tuple[Language, ...]:
    """Return the languages of the marketplace, as far as there are catalogues for them; the default one first."""
    wanted = registry.config.site.languages
    if wanted == (SOURCE,) and not registry.site.locales:
        return (ENGLISH,)
    own = registry.site.locales
    there = {*own, *shipped_languages()}
    known = [tag for tag in dict.fromkeys(wanted) if tag in there and is_language(tag)] or [SOURCE]
    return tuple(
        replace(_language(tag, own.get(tag, b"")), prefix="" if tag == known[0] else f"{tag}/", texts=known[0])
        for tag in known
    )


@lru_cache(maxsize=32)
def _language(tag: str, own: bytes) -> Language:
    """Return a language with the shipped catalogue's messages and, before them, those of the operator's `own`."""
    from babel import Locale

    locale = Locale.parse(tag, sep="-")
    shipped = data_folder("site_templates") / _LOCALES / tag / _CATALOGUE
    bodies = [shipped.read_bytes()] if shipped.is_file() else []
    messages: dict[str, tuple[str, ...]] = {}
    for body in (*bodies, own):
        messages |= read_catalogue(body, tag).messages
    english = tag.partition("-")[0] == SOURCE
    return Language(
        tag=tag,
        title=ENGLISH.title if tag == SOURCE else (locale.get_display_name(locale) or tag),
        is_rtl=locale.character_order == "right-to-left",
        messages=MappingProxyType(messages),
        form_of=plural_of(tag)[1],
        writing=ENGLISH.writing if english else _writing(locale.language if len(tag) == len(locale.language) else tag),
    )


def _writing(tag: str) -> Writing:
    from babel import Locale
    from babel.dates import format_skeleton
    from babel.numbers import format_decimal

    locale = Locale.parse(tag, sep="-")
    return Writing(
        day=lambda moment: format_skeleton("yMMMd", moment, locale=locale),
        number=lambda count: format_decimal(count, locale=locale),
    )
