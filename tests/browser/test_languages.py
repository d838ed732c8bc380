"""Pages in a language that is written from right to left: whole, accessible, and never wider than the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.page_faults import PHONE, faults
from busy_catalogue import busy_input
from catalogues import a_config
from pluginry.model.site_settings import SiteSettings
from published_folders import served, write_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from browser.conftest import Visit

PLUGIN = "plugins/acme/spam-filter/index.html"


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of the busy catalogue in English, German and Arabic."""
    given = busy_input(config=a_config(site=SiteSettings(languages=("en", "de", "ar"))))
    with served(write_catalogue(given, tmp_path_factory.mktemp("languages"))) as address:
        yield address


@pytest.mark.parametrize("key", ["ar/index.html", "ar/all/index.html", f"ar/{PLUGIN}", f"de/{PLUGIN}"])
def test_pages_of_other_languages_are_as_sound_as_the_english_ones(
    key: str, languages: str, visit: Visit, axe: Callable[[Page], list[str]]
) -> None:
    page = visit(languages + key, width=PHONE)
    assert page.evaluate("getComputedStyle(document.body).direction") == ("rtl" if key.startswith("ar/") else "ltr")
    assert faults(page, axe) == []


def test_searching_and_comparing_speak_the_language_of_the_page_and_stay_in_it(languages: str, visit: Visit) -> None:
    page = visit(languages + "ar/all/index.html?q=dns")
    expect(page.locator("[data-count]")).to_have_text("وُجدت إضافة واحدة")
    page.locator("[data-results] .compare-toggle").click()
    expect(page.locator("[data-results] .compare-toggle")).to_contain_text("في المقارنة")
    page.locator("[data-tray-go]").click()
    expect(page.locator(".compare-table")).to_contain_text("DNS Cache")
    assert page.url.endswith("/ar/compare/index.html?ids=acme/dns-cache")
    page.locator(".compare-table thead a").click()
    expect(page.locator("[data-theme-name]")).to_have_text("تلقائي")
    assert page.url.endswith("/ar/plugins/acme/dns-cache/index.html")


def test_the_same_page_in_another_language_is_one_step_away(languages: str, visit: Visit) -> None:
    page = visit(languages + PLUGIN)
    page.get_by_role("navigation", name="Languages").get_by_role("link", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Berechtigungen", exact=True)).to_be_visible()
    expect(page.locator(".copy").first).to_have_text("Kopieren")
    assert page.url == f"{languages}de/{PLUGIN}"
