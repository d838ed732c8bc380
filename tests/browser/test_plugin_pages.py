"""The pages about plugins in a real browser: tabs, versions side by side, plugins side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from browser.conftest import Visit

SPAM = "plugins/acme/spam-filter/index.html"
RELEASE = "plugins/acme/spam-filter/2.0.0/index.html"
COMPARE = "compare/index.html"
BOTH = f"{COMPARE}?ids=acme/spam-filter,acme/dns-cache"


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def test_ways_to_install_are_tabs_that_the_arrow_keys_move_between(busy: str, visit: Visit) -> None:
    page = visit(busy + SPAM)
    tabs = page.get_by_role("tablist").get_by_role("tab")
    assert tabs.all_inner_texts() == ["Command line", "plugins.toml", "Python", "Offline file"]
    assert page.get_by_role("tabpanel").count() == 1
    tabs.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", selected=True).inner_text() == "Python"
    assert "open_marketplace" in page.get_by_role("tabpanel").inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", selected=True).inner_text() == "Command line"


def test_screenshots_open_large_and_are_turned_by_keyboard_alone(
    busy: str, visit: Visit, axe: Callable[[Page], list[str]]
) -> None:
    page = visit(busy + SPAM, theme="dark", width=390)
    first = page.locator(".shots a").first
    first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Screenshots")
    assert dialog.get_by_role("img", name="A list of scored mail").get_attribute("src").endswith("/1-1280.webp")
    assert "1 / 2" in dialog.inner_text()
    assert axe(page) == []
    page.keyboard.press("ArrowRight")
    assert dialog.get_by_role("img", name="The settings").is_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert "2 / 2" in dialog.inner_text()
    assert overflow(page) == 0
    page.keyboard.press("Escape")
    assert dialog.count() == 0
    assert first.evaluate("link => link === document.activeElement")


def test_a_link_to_a_way_to_install_opens_its_tab(busy: str, visit: Visit) -> None:
    page = visit(busy + SPAM + "#by-file")
    assert page.get_by_role("tab", selected=True).inner_text() == "Offline file"
    assert "sha256sum --check" in page.get_by_role("tabpanel").inner_text()


def test_without_javascript_every_way_to_install_stands_on_the_page(busy: str, visit: Visit) -> None:
    page = visit(busy + SPAM, javascript=False)
    for heading in ("Command line", "plugins.toml", "Python", "Offline file"):
        assert page.get_by_role("heading", name=heading).is_visible()
    assert page.get_by_text("sha256sum --check").first.is_visible()
    assert page.get_by_role("button", name="Compare").count() == 0


def test_days_say_how_long_ago_they_were(busy: str, visit: Visit) -> None:
    facts = visit(busy + SPAM).get_by_role("complementary", name="Facts")
    assert "ago)" in facts.inner_text()


def test_another_version_can_be_chosen_to_compare_with(busy: str, visit: Visit) -> None:
    page = visit(busy + RELEASE)
    section = page.get_by_role("region", name="Compared with")
    assert section.get_by_role("heading", level=2).inner_text() == "Compared with 1.0.0"
    by_hand = section.locator("[data-differences]").inner_text()
    page.get_by_label("Compare with another version").select_option("2.1.0-beta.1")
    assert section.get_by_role("heading", level=2).inner_text() == "Compared with 2.1.0-beta.1"
    assert "?with=2.1.0-beta.1" in page.url
    assert section.locator("[data-other]").get_attribute("href") == "../2.1.0-beta.1/index.html"
    page.get_by_label("Compare with another version").select_option("1.0.0")
    assert " ".join(section.locator("[data-differences]").inner_text().split()) == " ".join(by_hand.split())


def test_a_chosen_comparison_can_be_linked_to(busy: str, visit: Visit) -> None:
    page = visit(busy + RELEASE + "?with=1.1.0")
    assert page.locator("#compared").inner_text() == "Compared with 1.1.0"


def test_a_comparison_with_a_version_that_is_not_there_is_the_one_of_the_page(busy: str, visit: Visit) -> None:
    page = visit(busy + RELEASE + "?with=%3Cscript%3E")
    assert page.locator("#compared").inner_text() == "Compared with 1.0.0"


def test_plugins_are_chosen_on_their_pages_and_on_cards_and_compared(busy: str, visit: Visit) -> None:
    page = visit(busy + SPAM)
    page.get_by_role("button", name="Compare Spam Filter").click()
    assert page.get_by_role("button", name="In comparison Spam Filter").get_attribute("aria-pressed") == "true"
    page.goto(busy + "all/index.html")
    page.get_by_role("button", name="Compare DNS Cache").click()
    assert page.get_by_role("status").last.inner_text() == "DNS Cache: In comparison"
    page.get_by_role("link", name="Compare (2)").click()
    page.get_by_role("table", name="Plugins side by side").wait_for()
    assert page.url.endswith("?ids=acme/spam-filter,acme/dns-cache")
    heads = page.get_by_role("columnheader").all_inner_texts()
    assert [head.split("\n")[-1] for head in heads if "/" in head] == ["acme/spam-filter", "acme/dns-cache"]
    rows = {row.split("\t")[0] for row in page.locator("tbody tr").all_inner_texts()}
    assert {"Licence", "Permissions", "Download", "Last release", "Works with", "Needs", "Signature"} <= rows


def test_only_differences_can_be_shown(busy: str, visit: Visit) -> None:
    page = visit(busy + BOTH)
    assert page.get_by_role("rowheader", name="Licence", exact=True).is_visible()
    page.get_by_label("Show only what differs").check()
    assert not page.get_by_role("rowheader", name="Licence", exact=True).is_visible()
    assert page.get_by_role("rowheader", name="Permissions").is_visible()


def test_a_plugin_is_taken_out_again_and_the_address_follows(busy: str, visit: Visit) -> None:
    page = visit(busy + BOTH)
    page.get_by_role("button", name="Remove acme/spam-filter").last.click()
    page.wait_for_url("**/compare/index.html?ids=acme/dns-cache")
    page.get_by_role("button", name="Remove acme/dns-cache").last.click()
    page.wait_for_url("**/compare/index.html")
    assert page.get_by_text("Nothing is chosen yet.").is_visible()


def test_more_than_four_are_not_taken(busy: str, visit: Visit) -> None:
    ids = "acme/spam-filter,acme/dns-cache,acme/old-filter,desk/clipboard"
    page = visit(f"{busy}{COMPARE}?ids={ids},desk/withdrawn")
    page.wait_for_url(f"**?ids={ids}")
    page.goto(busy + "plugins/desk/clipboard/index.html")
    page.get_by_role("button", name="In comparison Clipboard").click()
    page.get_by_role("button", name="Compare Clipboard").click()
    page.goto(busy + "all/index.html")
    assert page.get_by_role("link", name="Compare (4)").is_visible()


def test_what_is_no_id_is_dropped_and_what_is_no_plugin_is_said_to_be_none(busy: str, visit: Visit) -> None:
    page = visit(f"{busy}{COMPARE}?ids=../../x,<b>,acme/nothing,acme/dns-cache", expected=("404",))
    page.wait_for_url("**?ids=acme/nothing,acme/dns-cache")
    page.get_by_text("There is no plugin of this name here").wait_for()


def test_without_javascript_the_comparison_says_what_it_needs(busy: str, visit: Visit) -> None:
    page = visit(busy + BOTH, javascript=False)
    assert page.get_by_text("This page needs JavaScript").is_visible()
    assert page.get_by_role("main").get_by_role("link", name="all plugins").is_visible()
    assert not page.get_by_role("region", name="Comparison").is_visible()


def test_from_a_file_a_release_page_shows_its_own_comparison(busy_folder: Path, visit: Visit) -> None:
    page = visit((busy_folder / RELEASE).as_uri())
    assert page.locator("#compared").inner_text() == "Compared with 1.0.0"
    assert not page.get_by_label("Compare with another version").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
class TestEveryStateIsAccessible:
    """No violation of WCAG 2.2 AA in states that only scripts make."""

    def test_with_two_plugins_side_by_side(
        self, theme: Literal["light", "dark"], width: int, busy: str, visit: Visit, axe: Callable[[Page], list[str]]
    ) -> None:
        page = visit(busy + BOTH, theme=theme, width=width)
        page.get_by_role("table").wait_for()
        assert axe(page) == []
        assert overflow(page) == 0

    def test_with_something_chosen_and_a_list_below(
        self, theme: Literal["light", "dark"], width: int, busy: str, visit: Visit, axe: Callable[[Page], list[str]]
    ) -> None:
        page = visit(busy + "all/index.html", theme=theme, width=width)
        page.get_by_role("button", name="Compare DNS Cache").click()
        assert axe(page) == []
        assert overflow(page) == 0

    def test_with_all_ways_to_install_and_all_evidence_open(
        self, theme: Literal["light", "dark"], width: int, busy: str, visit: Visit, axe: Callable[[Page], list[str]]
    ) -> None:
        page = visit(busy + SPAM, theme=theme, width=width)
        for tab in page.get_by_role("tab").all():
            tab.click()
            assert axe(page) == []
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert axe(page) == []
        assert overflow(page) == 0

    def test_with_another_version_chosen_and_nothing_chosen_to_compare(
        self, theme: Literal["light", "dark"], width: int, busy: str, visit: Visit, axe: Callable[[Page], list[str]]
    ) -> None:
        assert axe(visit(busy + RELEASE + "?with=1.1.0", theme=theme, width=width)) == []
        assert axe(visit(busy + COMPARE, theme=theme, width=width)) == []
