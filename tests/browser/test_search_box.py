"""The search box on every page: a combobox as the ARIA Authoring Practices describe it, for the keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from browser.conftest import Visit


def searching(page: Page, words: str, key: str = "/") -> None:
    """Go to the box by its key and type `words`."""
    page.keyboard.press(key)
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type(words)
    page.locator("#suggestions [role=option]").first.wait_for()


def active(page: Page) -> str:
    """Return the text of the option that the box points at, empty for none."""
    text: str = page.evaluate("document.getElementById(q.getAttribute('aria-activedescendant'))?.innerText ?? ''")
    return text.replace("\n", " ")


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_a_key_a_word_and_enter_lead_to_the_plugin(key: str, busy: str, visit: Visit) -> None:
    page = visit(busy + "docs/index.html")
    searching(page, "spam", key)
    box = page.get_by_role("combobox", name="Search plugins")
    assert box.get_attribute("aria-expanded") == "true"
    assert active(page) == ""
    page.keyboard.press("ArrowDown")
    assert active(page).startswith("Spam Filter")
    assert page.locator("[role=option][aria-selected=true]").count() == 1
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Enter")
    page.wait_for_url("**/plugins/acme/spam-filter/index.html")


def test_arrows_go_around_through_the_box_itself(busy: str, visit: Visit) -> None:
    page = visit(busy + "index.html")
    searching(page, "dns")
    page.keyboard.press("ArrowUp")
    assert active(page).startswith("See all")
    page.keyboard.press("ArrowDown")
    assert active(page) == ""
    page.keyboard.press("ArrowDown")
    assert active(page).startswith("DNS Cache")


def test_enter_without_a_choice_leads_to_the_list(busy: str, visit: Visit) -> None:
    page = visit(busy + "index.html")
    searching(page, "spam")
    page.keyboard.press("Enter")
    page.wait_for_url("**/all/index.html?q=spam")
    page.locator("[data-results] .card-id").get_by_text("acme/spam-filter").wait_for()


def test_escape_closes_first_and_leaves_then(busy: str, visit: Visit) -> None:
    page = visit(busy + "index.html")
    searching(page, "spam")
    page.keyboard.press("Escape")
    assert page.locator("#q").get_attribute("aria-expanded") == "false"
    assert page.locator("#q").input_value() == "spam"
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") != "q"


def test_tab_goes_on_with_the_page(busy: str, visit: Visit) -> None:
    page = visit(busy + "index.html")
    searching(page, "spam")
    page.keyboard.press("Tab")
    assert page.locator("#suggestions").is_hidden()
    assert page.evaluate("document.activeElement.closest('nav') !== null")


def test_a_pointer_chooses_too(busy: str, visit: Visit) -> None:
    page = visit(busy + "index.html")
    page.locator("#q").click()
    page.keyboard.type("clip")
    page.locator("[role=option]").get_by_text("Clipboard", exact=True).click()
    page.wait_for_url("**/plugins/desk/clipboard/index.html")


def test_the_number_is_said_and_nothing_is_said_plainly(busy: str, visit: Visit) -> None:
    page = visit(busy + "index.html")
    searching(page, "spam")
    page.locator("#announce").get_by_text("plugins found").wait_for()
    page.locator("#q").fill("zzzz")
    page.locator("#announce").get_by_text("No plugin matches").wait_for()
    assert page.locator("[role=option]").all_inner_texts() == ["Nothing by these words. Look at the list"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_open_list_is_accessible(
    theme: str, width: int, busy: str, visit: Visit, axe: Callable[[Page], list[str]]
) -> None:
    # The parameters of a test are texts, not the few that are allowed.
    page = visit(busy + "about/index.html", theme=theme, width=width)  # type: ignore[arg-type]
    searching(page, "a")
    page.keyboard.press("ArrowDown")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_is_loaded_before_somebody_searches(busy: str, visit: Visit) -> None:
    page = visit(busy + "index.html")
    loaded: list[str] = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert not [name for name in loaded if "/find/" in name]
