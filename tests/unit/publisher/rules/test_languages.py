from __future__ import annotations

from typing import TYPE_CHECKING

from builders import a_config
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "registry.yaml"
GERMAN = """msgid ""
msgstr ""

msgid "Plugins"
msgstr "Erweiterungen"

msgid "Plugins for %(host)s"
msgstr "Erweiterungen"

msgid "Size"
msgstr "<b>Umfang</b>"
"""


def with_languages(*tags: str) -> dict[str, str | bytes]:
    return {CONFIG: a_config(site={"languages": list(tags)})}


def test_languages_that_come_with_pluginry_or_have_a_catalogue_find_nothing(tmp_path: Path) -> None:
    own = 'msgid ""\nmsgstr ""\n\nmsgid "Plugins"\nmsgstr "Wtyczki"\n'
    assert_found(tmp_path, {**with_languages("en", "de", "ar", "pl"), "site/locales/pl.po": own})


def test_a_language_without_translations_is_found_where_it_stands(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        with_languages("en", "pl", "all"),
        ("languages.unknown", At(CONFIG, "- >>pl"), "there are no translations into pl"),
        ("languages.unknown", At(CONFIG, "- >>all"), "there are no translations into all"),
    )


def test_what_is_no_language_is_not_one_because_of_a_catalogue(tmp_path: Path) -> None:
    files = {"site/locales/all.po": "", "site/locales/xx.po": ""}
    assert_found(
        tmp_path,
        {**with_languages("en"), **files},
        ("languages.unknown", At("site/locales/all.po"), "all is not a language"),
        ("languages.unknown", At("site/locales/xx.po"), "xx is not a language"),
    )


def test_translations_that_cannot_stand_for_their_sentence_are_found_in_their_line(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {**with_languages("en", "de"), "site/locales/de.po": GERMAN},
        ("languages.bad-translation", At("site/locales/de.po", 'msgid "Plugins for'), "its names are not those"),
        ("languages.bad-translation", At("site/locales/de.po", 'msgid "Size'), "its markup is not that"),
    )


def test_a_catalogue_that_is_none_is_found(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {**with_languages("en", "de"), "site/locales/de.po": "this is no catalogue"},
        ("languages.bad-translation", At("site/locales/de.po", "this"), "misformatted keyword"),
    )


def test_other_files_have_no_place_beside_catalogues(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {**with_languages("en"), "site/locales/German.po": "", "site/locales/de.mo": b"\xde\x12\x04\x95"},
        ("layout.unexpected-file", At("site/locales/German.po"), ""),
        ("layout.unexpected-file", At("site/locales/de.mo"), ""),
    )


def test_the_schema_refuses_what_could_not_be_a_language(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        with_languages("../x"),
        ("schema.pattern", At(CONFIG, "../x"), "the tag of a language"),
    )
