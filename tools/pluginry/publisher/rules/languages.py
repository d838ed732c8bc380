"""The languages of the catalogue: each has a catalogue of translations, and those of the operator are sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.suggestions import did_you_mean
from pluginry.model.finding import Location
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout, site_folder
from pluginry.publisher.pages import language_choice
from pluginry.publisher.pages.languages import SOURCE
from pluginry.publisher.pages.message_catalogue import read_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.model.registry import Registry
    from pluginry.publisher.loaded_registry import Locate

UNKNOWN_LANGUAGE = Rule(
    id="languages.unknown",
    title="There is no catalogue of translations for this language",
    why="Its pages would be in English under the name of another language, or not there at all.",
    fix="choose a language that comes with Pluginry, or put a catalogue into site/locales/",
)
BAD_TRANSLATION = Rule(
    id="languages.bad-translation",
    title="A translation cannot stand for its English sentence",
    why="Names that are put into a sentence would be lost, or the translation would bring markup of its own.",
    fix="use the same names and markup as the English sentence, and every form that the language counts in",
)
RULES = (UNKNOWN_LANGUAGE, BAD_TRANSLATION)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about ``site.languages`` in ``registry.yaml`` and the catalogues in ``site/locales/``."""
    chosen = registry.config.site.languages
    if chosen == (SOURCE,) and not registry.site.locales:
        return
    known = sorted({*language_choice.shipped_languages(), *registry.site.locales})
    for index, tag in enumerate(chosen):
        if tag not in known or not language_choice.is_language(tag):
            where = locate(registry_layout.CONFIG_FILE, ("site", "languages", index))
            hint = did_you_mean(tag, known) or f"there are {', '.join(known)}"
            yield UNKNOWN_LANGUAGE.finding(where, f"there are no translations into {tag}", hint=hint)
    for tag, body in registry.site.locales.items():
        file = f"{site_folder.LOCALES}/{tag}.po"
        if not language_choice.is_language(tag):
            yield UNKNOWN_LANGUAGE.finding(locate(file), f"{tag} is not a language whose habits are known here")
            continue
        for problem in read_catalogue(body, tag).problems:
            where = Location(file=file, line=problem.line, column=int(problem.line > 0))
            yield BAD_TRANSLATION.finding(where, problem.why)
