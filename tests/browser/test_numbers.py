"""The page of numbers in a real browser: what it reads from published documents, and what it does without them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import pytest

from busy_catalogue import busy_input
from pluginry.model import layout
from published_folders import served, write_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from browser.conftest import Visit

HELD = {
    "id": "acme/spam-filter",
    "version": "3.0.0",
    "kind": "author",
    "reason": "<b>No</b> such file",
    "kept": "2.0.0",
}
STATUS = {"format": 1, "serial": 7, "generated": "2026-11-20T12:00:00Z", "quarantined": [HELD]}
STATS = {
    "format": 1,
    "method": "Counted by a proxy.",
    "downloads": {"a/few": 3, "b/many": 4000, "c/odd": "many", "../x": 9},
}
PAGE = "stats/index.html"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a catalogue of its own, whose documents tests may change."""
    return write_catalogue(busy_input(), tmp_path_factory.mktemp("numbers"))


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """Yield its address."""
    with served(folder) as found:
        yield found


def say(folder: Path, *, stats: Any = STATS, status: Any = STATUS) -> None:
    """Publish documents for scripts."""
    for key, document in ((layout.STATS_KEY, stats), (layout.STATUS_KEY, status)):
        (folder / key).write_text(json.dumps(document))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_downloads_and_what_is_held_back_are_shown_and_accessible(
    folder: Path,
    address: str,
    visit: Visit,
    axe: Callable[[Page], list[str]],
    theme: Literal["light", "dark"],
    width: int,
) -> None:
    say(folder)
    page = visit(address + PAGE, theme=theme, width=width)
    downloads = page.get_by_role("region", name="Downloads")
    downloads.wait_for()
    assert [row.split() for row in downloads.locator("tbody tr").all_inner_texts()] == [
        ["b/many", "4,000"],
        ["a/few", "3"],
    ]
    assert "Counted by a proxy." in downloads.inner_text()
    assert "A download is not a person" in downloads.inner_text()
    held = page.get_by_role("region", name="Held back")
    assert "acme/spam-filter 3.0.0 <b>No</b> such file Instead: 2.0.0" in held.inner_text()
    assert held.get_by_role("link").all_inner_texts() == ["What is waiting for review"]
    assert axe(page) == []


def test_nothing_held_back_is_said_and_a_queue_is_linked_to(folder: Path, address: str, visit: Visit) -> None:
    say(folder, status={**STATUS, "quarantined": []})
    held = visit(address + PAGE).get_by_role("region", name="Held back")
    held.wait_for()
    assert "Nothing: everything in the registry is published as it is claimed." in held.inner_text()
    assert held.get_by_role("link").get_attribute("href") == "../queue/index.html"


@pytest.mark.parametrize("document", [[], {}, 7, None, {"downloads": [], "quarantined": {}}])
def test_documents_that_say_something_else_are_passed_over(
    folder: Path, address: str, visit: Visit, document: object
) -> None:
    say(folder, stats=document, status=document)
    page = visit(address + PAGE)
    assert page.get_by_role("heading", name="By host").is_visible()
    assert page.get_by_role("region", name="Downloads").count() == 0
    assert page.get_by_role("region", name="Held back").count() == 0


def test_without_the_documents_the_counted_numbers_stay(busy: str, visit: Visit) -> None:
    page = visit(busy + PAGE, expected=("404",))
    assert page.get_by_role("heading", name="By host").is_visible()
    assert page.get_by_role("region", name="Held back").count() == 0
