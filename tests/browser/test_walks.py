"""Ways through the catalogue as people go them: with the keyboard alone, without JavaScript, from a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.page_kinds import BUSY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from browser.conftest import Visit

FOCUSED = """() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  const after = getComputedStyle(at, "::after");
  return {
    tag: at.tagName, text: (at.innerText || at.getAttribute("aria-label") || at.name || "").trim(),
    inside: !!at.closest("main"), shown: box.width > 0 && box.height > 0,
    ringed: [style, after].some((one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 2),
  };
}"""


def steps(page: Page, most: int = 400) -> Iterator[dict[str, object]]:
    """Yield what has the focus, Tab by Tab, until the page is left."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused: dict[str, object] = page.evaluate(FOCUSED)
        if focused["tag"] in {"BODY", "HTML"}:
            return
        yield focused
    raise AssertionError("the focus never leaves the page")


@pytest.mark.parametrize("kind", ["front", "all", "plugin", "version", "advisory"])
def test_every_stop_of_the_tab_key_can_be_seen(kind: str, busy: str, visit: Visit) -> None:
    page = visit(busy + BUSY[kind])
    stops = list(steps(page))
    assert len(stops) > 10
    assert [stop for stop in stops if not (stop["shown"] and stop["ringed"])] == []
    assert stops[0]["text"] == "Skip to content"


def test_from_the_front_page_to_the_install_command_with_the_keyboard_alone(busy: str, visit: Visit) -> None:
    page = visit(busy + "index.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    first = next(steps(page))
    assert first["inside"], "the skip link leads into the content"
    page.keyboard.press("Control+k")
    page.keyboard.type("spam filter")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/plugins/acme/spam-filter/index.html")
    assert any("Command line" in str(stop["text"]) for stop in steps(page))


def test_facets_are_chosen_with_the_keyboard_alone(busy: str, visit: Visit) -> None:
    page = visit(busy + "all/index.html")
    for stop in steps(page):
        if stop["tag"] == "INPUT" and stop["text"] == "category":
            break
    page.keyboard.press("Space")
    page.wait_for_url("**/all/index.html?category=*")
    assert page.evaluate("document.activeElement.checked") is True


def test_without_javascript_every_plugin_is_reached_by_links(busy: str, visit: Visit) -> None:
    page = visit(busy + "index.html", javascript=False)
    page.get_by_role("link", name="Plugins", exact=True).first.click()
    page.wait_for_url("**/all/index.html")
    page.locator("noscript").wait_for(state="attached")
    assert "Search and filters need JavaScript" in page.locator("noscript").inner_text()
    assert page.locator("[data-facets]").is_hidden()
    assert page.locator("[data-ordering]").is_hidden()
    page.get_by_text("Filter and browse").click() if page.get_by_text("Filter and browse").is_visible() else None
    page.get_by_role("link", name="Security").first.click()
    page.wait_for_url("**/categories/security/index.html")
    page.get_by_role("link", name="Spam Filter").click()
    page.wait_for_url("**/plugins/acme/spam-filter/index.html")
    for heading in ("Permissions", "Install", "Versions", "Trust"):
        assert page.get_by_role("heading", name=heading, exact=True).is_visible()
    assert page.get_by_text("pluginry install acme/spam-filter").first.is_visible()


def test_without_javascript_the_search_form_still_leads_to_the_list(busy: str, visit: Visit) -> None:
    page = visit(busy + "about/index.html", javascript=False)
    page.locator("#q").fill("spam")
    page.keyboard.press("Enter")
    page.wait_for_url("**/all/index.html?q=spam")
    assert page.locator(".card").count() > 1


@pytest.mark.parametrize("kind", [kind for kind in BUSY if not BUSY[kind].startswith("embed/")])
def test_pages_work_from_a_folder(kind: str, busy_folder: Path, visit: Visit) -> None:
    """Without a server there is no search: files may not read each other. All the rest is there, without an error."""
    page = visit((busy_folder / BUSY[kind]).as_uri())
    assert page.locator("h1").is_visible()
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    page.locator("[data-theme-switch]").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_links_lead_on_from_a_folder(busy_folder: Path, visit: Visit) -> None:
    page = visit((busy_folder / "index.html").as_uri())
    page.get_by_role("link", name="Plugins", exact=True).first.click()
    page.get_by_role("link", name="Spam Filter").first.click()
    assert page.url.endswith("/plugins/acme/spam-filter/index.html")
    assert page.locator("h1").inner_text() == "Spam Filter"


def test_a_chosen_theme_stays_and_is_there_before_the_page(busy: str, visit: Visit) -> None:
    page = visit(busy + "index.html", theme="light")
    switch = page.locator("[data-theme-switch]")
    switch.click()
    switch.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(busy + "about/index.html")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 20)"
