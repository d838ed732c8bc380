"""Scripts in every field, in a real browser: nothing of it runs, asks anybody for anything, or breaks a page."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from catalogues import a_config
from published_folders import served, write_catalogue
from site_corpus import PAYLOADS, a_poisoned_input

if TYPE_CHECKING:
    from collections.abc import Iterator

    from browser.conftest import Visit

RUNNING = ("script", "attribute", "single quote", "closing")
PAGES = (
    "index.html",
    "all/index.html",
    "all/index.html?q=a",
    "all/index.html?lifecycle=active&lifecycle=deprecated&lifecycle=adopt-me",
    "plugins/acme/spam-filter/index.html",
    "plugins/acme/spam-filter/2.0.0/index.html",
    "publishers/acme/index.html",
    "hosts/index.html",
    "advisories/index.html",
    "about/index.html",
)
_TELL = """
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => console.error(`hostile: ${name} ran`);
addEventListener("error", (event) => console.error(`hostile: ${event.message}`));
"""


@pytest.fixture(scope="module", params=RUNNING)
def poisoned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a marketplace with one payload in every text."""
    given = a_poisoned_input(PAYLOADS[request.param], keep=frozenset({"id", "categories", "tags"}))
    named = a_config(name=PAYLOADS[request.param], categories=given.registry.config.categories)
    given = dataclasses.replace(given, registry=dataclasses.replace(given.registry, config=named))
    with served(write_catalogue(given, tmp_path_factory.mktemp("poisoned"))) as address:
        yield address


def test_nothing_hostile_runs(poisoned: str, visit: Visit) -> None:
    page = visit(poisoned + "404.html")
    page.context.add_init_script(_TELL)
    for key in PAGES:
        page.goto(poisoned + key, wait_until="networkidle")
        assert page.locator("main").count() == 1, key
        programs = page.locator("script:not([type='application/ld+json'])")  # data is no program
        assert programs.evaluate_all("(all) => all.every((one) => one.src.startsWith(location.origin))"), key
        assert page.locator("main").locator(programs).count() == 0, key
        assert page.locator("iframe, object, embed, [onmouseover], [onfocus], [onerror]").count() == 0, key


def test_suggestions_show_hostile_names_as_text(poisoned: str, visit: Visit) -> None:
    page = visit(poisoned + "about/index.html")
    page.context.add_init_script(_TELL)
    page.locator("#q").click()
    page.keyboard.type("acme")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert page.locator("#suggestions script, #suggestions [onmouseover], #suggestions [onfocus]").count() == 0
