"""Pages in several languages: complete, sound, and like the English ones, whoever wrote the translations."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from busy_catalogue import busy_input, busy_plugins
from catalogues import APlugin, a_config, a_listing, as_files
from html_reader import ReadPage, read_page, target_of, words_of
from pluginry.model.listing import LocalText
from pluginry.model.said import said
from pluginry.model.site_settings import SiteFiles, SiteSettings
from pluginry.publisher.inventory import Inventory
from pluginry.publisher.pages.excerpts import SHARED
from pluginry.publisher.pages.language_choice import languages_of
from pluginry.publisher.pages.languages import ENGLISH, Text
from pluginry.publisher.pages.localised import in_language
from pluginry.publisher.reuse import Reuse
from pluginry.publisher.site import advisory_site, site
from site_corpus import PAYLOADS, a_poisoned_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.publisher.pages.languages import Language
    from pluginry.publisher.site import CatalogueInput

PREFIXES = ("", "de/", "ar/")
BASE = "https://plugins.example/market"
OWN = """
msgid ""
msgstr ""
"Plural-Forms: nplurals=2; plural=__import__('os').abort();\\n"

msgid "Security"
msgstr "Sicherheit & Schutz"

msgid "All plugins"
msgstr "Alle <script>alert(1)</script>"

msgid "Search plugins"
msgstr "Suche\\" onfocus=\\"alert(1)"

msgid "Plugins for %(host)s"
msgstr "Erweiterungen für %(host)s"
"""
_TRICKS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u00ad\ufeff\u0085\x00-\x08\x0b-\x1f\x7f]")


def in_languages(*tags: str, files: SiteFiles | None = None, base_url: str = "", **changed: object) -> CatalogueInput:
    """Return the busy catalogue in the languages `tags`."""
    config = a_config(site=SiteSettings(languages=tags), base_url=base_url)
    return busy_input(config=config, site_files=files or SiteFiles(), **changed)


@pytest.fixture(scope="module")
def three() -> Mapping[str, bytes]:
    """Return every file of the busy catalogue in English, German and Arabic."""
    return as_files(site(in_languages("en", "de", "ar", base_url=BASE)))


@pytest.fixture(scope="module")
def three_pages(three: Mapping[str, bytes]) -> Mapping[str, ReadPage]:
    return {key: read_page(body) for key, body in three.items() if key.endswith(".html")}


def language(tag: str) -> Language:
    return next(one for one in languages_of(in_languages("en", "de", "ar").registry) if one.tag == tag)


# Pages


def test_every_page_is_there_in_every_language_and_sound(three_pages: Mapping[str, ReadPage]) -> None:
    assert {key: page.errors for key, page in three_pages.items() if page.errors} == {}
    keys = {key for key in three_pages if key.endswith("index.html") and not key.startswith(("de/", "ar/"))}
    assert len(keys) > 60
    for prefix in ("de/", "ar/"):
        assert {key.removeprefix(prefix) for key in three_pages if key.startswith(prefix)} == keys


def test_every_address_of_every_language_leads_to_a_file_and_to_a_page_of_the_same_language(
    three: Mapping[str, bytes], three_pages: Mapping[str, ReadPage]
) -> None:
    for key, page in three_pages.items():
        if key == "404.html":
            continue  # its addresses begin at the marketplace's own
        prefix = _prefix(key)
        for element, address in page.addresses():
            if address.startswith(f"{BASE}/"):
                address = "../" * key.count("/") + address.removeprefix(f"{BASE}/")  # noqa: PLW2901 - the same place
            target, fragment = target_of(key, address)
            if not target:
                continue
            assert target in three or target.startswith("v1/"), (key, address)
            if target in three_pages and not target.startswith("embed/"):
                assert not fragment or fragment in three_pages[target].ids, (key, address)
                chosen = element.attributes.get("hreflang")
                assert chosen or _prefix(target) == prefix or key.startswith("embed/"), (
                    key,
                    address,
                )


def test_pages_name_their_language_and_direction_and_lead_to_the_same_page_in_the_others(
    three_pages: Mapping[str, ReadPage],
) -> None:
    for key in ("index.html", "plugins/acme/spam-filter/index.html", "docs/getting-started/index.html"):
        for prefix, tag, direction in (("", "en", None), ("de/", "de", None), ("ar/", "ar", "rtl")):
            page = three_pages[prefix + key]
            assert page.elements[0].attributes["lang"] == tag
            assert page.elements[0].attributes.get("dir") == direction
            switch = [one for one in page.all("a") if "hreflang" in one.attributes]
            targets = {one.attributes["hreflang"]: target_of(prefix + key, one.attributes["href"])[0] for one in switch}
            assert targets == {"en": key, "de": f"de/{key}", "ar": f"ar/{key}"}
            assert [one.attributes["hreflang"] for one in switch if "aria-current" in one.attributes] == [tag]
            assert [one.text for one in switch] == ["English", "Deutsch", "العربية"]


def test_search_engines_are_told_of_all_languages_where_the_marketplace_knows_its_address(
    three: Mapping[str, bytes], three_pages: Mapping[str, ReadPage]
) -> None:
    key = "plugins/acme/dns-cache/index.html"
    wanted = {"x-default": key, "en": key, "de": f"de/{key}", "ar": f"ar/{key}"}
    for prefix in PREFIXES:
        links = [one.attributes for one in three_pages[prefix + key].all("link") if "hreflang" in one.attributes]
        assert {link["hreflang"]: link["href"] for link in links} == {
            tag: f"{BASE}/{place}" for tag, place in wanted.items()
        }
        assert f"<loc>{BASE}/{prefix}{key}</loc>".encode() in three["sitemap.xml"]
    nowhere = as_files(site(in_languages("en", "de")))
    page = read_page(nowhere[f"de/{key}"])
    assert not [one for one in page.all("link") if "hreflang" in one.attributes]
    assert len([one for one in page.all("a") if "hreflang" in one.attributes]) == 2


def test_a_marketplace_that_chose_nothing_has_nothing_of_all_this(files: Mapping[str, bytes]) -> None:
    assert not [key for key in files if key.startswith(("de/", "ar/", "assets/words/"))]
    for key, body in files.items():
        if key.endswith("index.html"):
            assert b"hreflang" not in body
            assert b"data-pages" not in body
            assert b" lang=" not in body.replace(b'<html lang="en"', b"", 1).split(b"<main", 1)[0]
    given = in_languages("en")
    assert as_files(site(given)) == files
    assert languages_of(given.registry) == (ENGLISH,)
    assert in_language(given, ENGLISH) is given


def test_the_pages_of_the_default_language_are_the_same_but_for_the_way_to_the_others(
    files: Mapping[str, bytes],
) -> None:
    both = as_files(site(in_languages("en", "de")))
    for key, body in files.items():
        if not key.endswith("index.html"):
            assert both[key] == body, key
        else:
            without = re.sub(rb'<nav aria-label="Languages">.*?</nav>\n', b"", both[key], flags=re.DOTALL)
            assert without == body, key


def test_feeds_and_data_are_in_the_default_language(three: Mapping[str, bytes]) -> None:
    assert not [key for key in three if key.startswith(("de/feeds/", "ar/v1/")) and not key.endswith("index.html")]
    assert json.loads(three["find/index.json"])["titles"]["trust"]["scanned"] == "Scan"
    assert json.loads(three["ar/find/index.json"])["titles"]["trust"]["scanned"] == "الفحص"
    assert json.loads(three["de/plugins/acme/spam-filter/releases.json"])["releases"][0]["aspects"]["kinds"]


def test_german_pages_are_german(three_pages: Mapping[str, ReadPage]) -> None:
    text = words_of(three_pages["de/plugins/acme/spam-filter/index.html"])
    for said_there in (
        "Berechtigungen 2",
        "neu seit 1.0.0",
        "6. März 2026",
        "10 kB",
        "Jedes Paket hat eine Sigstore-Bescheinigung.",
        "Die Dateien wurden untersucht, ohne Befund.",
        "Veröffentlicht hier seit 5. Jan. 2026",
        "entpackt",
    ):
        assert said_there in text, said_there
    assert "2 Plugins" in words_of(three_pages["de/tags/mail/index.html"])
    assert "jede Version vor 1.0.1" in words_of(three_pages["de/advisories/PLG-2026-0001/index.html"])


def test_what_a_language_does_not_say_is_marked_as_what_it_is(three_pages: Mapping[str, ReadPage]) -> None:
    page = three_pages["ar/plugins/acme/spam-filter/index.html"]
    title = page.all("h1")[0]
    assert (title.text, title.attributes["lang"], title.attributes["dir"]) == ("Spam Filter", "en", "auto")
    assert all(one.attributes.get("lang") == "en" for one in page.elements if one.attributes.get("class") == "lead")
    assert any(one.attributes.get("lang") == "en" and "Scores incoming mail" in one.text for one in page.all("div"))
    article = three_pages["ar/docs/getting-started/index.html"].all("article")[0]
    assert (article.attributes["lang"], article.attributes["dir"]) == ("en", "ltr")


def test_any_language_can_be_the_default_one() -> None:
    made = as_files(site(in_languages("ar", "en")))
    front, english = read_page(made["index.html"]), read_page(made["en/index.html"])
    assert (front.elements[0].attributes["lang"], front.elements[0].attributes["dir"]) == ("ar", "rtl")
    assert english.elements[0].attributes["lang"] == "en"
    assert read_page(made["404.html"]).elements[0].attributes["lang"] == "ar"
    assert "en/404.html" not in made
    scripts = [one.attributes.get("src", "") for one in english.all("script")]
    assert not [address for address in scripts if "words" in address]
    card = next(one for one in english.all("bdi") if one.text == "DNS Cache")
    assert card.attributes["lang"] == "ar", "what says nothing of its language is in the first one"


def test_advisories_alone_are_written_as_the_whole_site_writes_them(three: Mapping[str, bytes]) -> None:
    alone = as_files(advisory_site(in_languages("en", "de", "ar", base_url=BASE)))
    assert "ar/advisories/index.html" in alone
    assert {key: three[key] for key in alone} == alone


# How a language writes


def test_numbers_sizes_and_days_are_written_as_the_language_does() -> None:
    german, arabic = language("de"), language("ar")
    day = datetime(2026, 1, 5, 23, 59, tzinfo=UTC)
    assert [one.writing.day(day) for one in (ENGLISH, german, arabic)] == ["5 Jan 2026", "5. Jan. 2026", "5 يناير 2026"]
    assert [one.writing.number(12_345) for one in (german, arabic)] == ["12.345", "12,345"]
    assert [german.size(count) for count in (1, 999, 1500, 999_999, 12_345_678)] == [
        "1 Byte",
        "999 Byte",
        "1,5 kB",
        "1 MB",
        "12 MB",
    ]
    assert arabic.size(2) == "بايتان"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "لا إضافات"), (1, "إضافة واحدة"), (2, "إضافتان"), (3, "3 إضافات"), (11, "11 إضافة"), (100, "100 إضافة")],
)
def test_arabic_counts_in_its_six_forms(count: int, text: str) -> None:
    form = language("ar").ngettext("%(count)s plugin", "%(count)s plugins", count)
    assert form % {"count": count} == text


def test_scripts_get_their_words_as_data_with_a_form_for_each_kind_of_number(three: Mapping[str, bytes]) -> None:
    head, _, rest = three["assets/words/ar.js"].decode().partition(" = ")
    assert head == "globalThis.pluginryWords"
    words = json.loads(rest.removesuffix(";\n"))
    assert words["Copy"] == "انسخ"
    assert set(words["%(count)s plugin found"]) == {"zero", "one", "two", "few", "many", "other"}
    assert words["%(count)s plugin found"]["few"] == "وُجدت %(count)s إضافات"
    assert "About this marketplace" not in words, "only what scripts say"
    for page in ("ar/index.html", "de/all/index.html"):
        sources = [one.attributes.get("src", "") for one in read_page(three[page]).all("script")]
        assert f"words/{page[:2]}.js" in " ".join(sources)


# Texts of developers and operators


@pytest.fixture(scope="module")
def localised() -> Mapping[str, bytes]:
    """Return a catalogue with a plugin that says what it is in German, and an operator who translates."""
    calculator = APlugin(
        id="desk/quick-calc",
        readme="# Quick\n\nCalculates.\n",
        readmes={"de": "# Schnell\n\nRechnet <script>alert(1)</script>.\n"},
        listing=a_listing(
            name="Quick Calculator",
            locales={"de": LocalText(name="Schnellrechner", summary="Rechnet\u202e, während Sie tippen")},
        ),
    )
    files = SiteFiles(locales={"de": OWN.encode()})
    return as_files(site(in_languages("en", "de", "ar", files=files, plugins=[*busy_plugins(), calculator])))


def test_names_summaries_and_readmes_are_in_the_language_of_the_page_where_they_are_there_in_it(
    localised: Mapping[str, bytes],
) -> None:
    key = "plugins/desk/quick-calc/index.html"
    page = read_page(localised[f"de/{key}"])
    title = page.all("h1")[0]
    assert title.text == "Schnellrechner"
    assert "lang" not in title.attributes
    assert "Rechnet, während Sie tippen" in words_of(page)
    assert "Rechnet alert(1)" in words_of(page) or "Rechnet <script>" in words_of(page)
    assert "Calculates." not in words_of(page)
    assert read_page(localised[key]).all("h1")[0].text == "Quick Calculator"
    assert read_page(localised[f"ar/{key}"]).all("h1")[0].attributes["lang"] == "en"
    assert "Schnellrechner" in json.loads(localised["de/find/0.json"])["name"]
    assert "Quick Calculator" in json.loads(localised["find/0.json"])["name"]


def test_a_plugin_can_say_in_which_language_its_texts_are() -> None:
    english = APlugin(id="desk/plain", listing=a_listing(name="Plain", language="en"))
    made = as_files(site(in_languages("de", "en", plugins=[english])))
    key = "plugins/desk/plain/index.html"
    assert read_page(made[key]).all("h1")[0].attributes["lang"] == "en"
    assert "lang" not in read_page(made[f"en/{key}"]).all("h1")[0].attributes
    assert json.loads(made["find/0.json"])["languages"] == [["en", "en"]]
    assert "languages" not in json.loads(made["en/find/0.json"])


def test_only_pages_of_the_language_that_changed_are_made_anew() -> None:
    def published(own: str, units: Mapping[str, str], known: Mapping[str, bytes]) -> tuple[dict[str, bytes], Reuse]:
        marks = {key: sha256(body).hexdigest() for key, body in known.items()}
        reuse = Reuse(units, Inventory(marks=marks, is_complete=True), shared=SHARED)
        files = SiteFiles(locales={"de": own.encode()} if own else {})
        return {one.key: one.body for one in site(in_languages("en", "de", files=files), reuse=reuse)}, reuse

    first, reuse = published("", {}, {})
    again, reuse = published("", reuse.units, first)
    assert not [key for key in again if "plugins/acme/" in key and key.endswith(".html")]
    after, _ = published('msgid "Size"\nmsgstr "Umfang"\n', reuse.units, first)
    whole, _ = published('msgid "Size"\nmsgstr "Umfang"\n', {}, {})
    assert {**first, **after} == whole
    assert "de/plugins/acme/spam-filter/index.html" in after


def test_an_operators_translations_go_first_and_also_reach_their_own_texts(localised: Mapping[str, bytes]) -> None:
    assert words_of(read_page(localised["de/hosts/mairust/index.html"])).startswith("Hosts Erweiterungen für Mairust")
    category = read_page(localised["de/categories/security/index.html"])
    assert category.all("h1")[0].text == "Sicherheit & Schutz"
    assert read_page(localised["ar/categories/security/index.html"]).all("h1")[0].attributes["lang"] == "en"


def test_an_operators_translation_brings_no_markup_into_pages(localised: Mapping[str, bytes]) -> None:
    pages = {key: read_page(body) for key, body in localised.items() if key.startswith("de/") and ".html" in key}
    assert {key: page.errors for key, page in pages.items() if page.errors} == {}
    for page in pages.values():
        scripts = [one.attributes for one in page.all("script")]
        assert all(one.get("src") or one.get("type") == "application/ld+json" for one in scripts)
        assert not [one for one in page.elements if any(name.startswith("on") for name in one.attributes)]
    box = next(one for one in pages["de/index.html"].all("input") if one.attributes.get("id") == "q")
    assert box.attributes["placeholder"] == 'Suche" onfocus="alert(1)'
    assert "Alle Plugins" in words_of(pages["de/index.html"], "footer"), "a translation with markup does not count"


def test_a_language_of_the_operators_own_needs_nothing_but_a_catalogue() -> None:
    body = b'msgid ""\nmsgstr ""\n\nmsgid "Plugins"\nmsgstr "Wtyczki"\n'
    made = as_files(site(in_languages("en", "pl", files=SiteFiles(locales={"pl": body}))))
    page = read_page(made["pl/index.html"])
    assert page.elements[0].attributes["lang"] == "pl"
    assert "Wtyczki" in words_of(page, "header")
    assert "Hosts" in words_of(page, "header"), "what is not translated stays English"


def test_languages_without_translations_are_left_out() -> None:
    assert [one.tag for one in languages_of(in_languages("xx", "de", "pl").registry)] == ["de"]
    assert [one.tag for one in languages_of(in_languages("xx").registry)] == ["en"]
    no_languages = SiteFiles(locales={"all": OWN.encode(), "xx": b""})
    assert [one.tag for one in languages_of(in_languages("all", "xx", files=no_languages).registry)] == ["en"]


# Hostile texts


@pytest.mark.parametrize("payload", ["script", "attribute", "reordering", "controls"])
def test_hostile_texts_stay_texts_in_every_language(payload: str) -> None:
    given_ = a_poisoned_input(PAYLOADS[payload], keep=frozenset({"id", "categories", "tags"}))
    settings = replace(given_.registry.config.site, languages=("en", "de", "ar"))
    config = replace(given_.registry.config, site=settings)
    files = as_files(site(replace(given_, registry=replace(given_.registry, config=config))))
    for key, body in files.items():
        if key.startswith(("de/", "ar/")) and key.endswith(".html"):
            shown = (
                body.decode().replace("\u2068", "").replace("\u2069", "") if key.startswith("ar/") else body.decode()
            )
            assert not _TRICKS.search(shown), key
            page = read_page(body)
            assert page.errors == [], key
            assert not [one for one in page.elements if any(name.startswith("on") for name in one.attributes)], key
            for script in page.all("script"):
                assert script.attributes.get("type") == "application/ld+json" or not script.text, key


def test_a_text_knows_its_language_and_is_only_marked_where_that_is_not_the_pages() -> None:
    german = language("de")
    assert german.lang_of(Text.of("Hello", "en")) == ' lang="en"'
    assert german.lang_of(Text.of("Hallo", "de")) == ""
    assert german.lang_of("Hallo") == ""
    assert german.in_words(said("Scan")) == "Scan"
    for no_language in ('en" onclick="', "e\u202en", "", "english"):
        assert german.lang_of(Text.of("x", no_language)) == ""


def _prefix(key: str) -> str:
    return next((prefix for prefix in ("de/", "ar/") if key.startswith(prefix)), "")
