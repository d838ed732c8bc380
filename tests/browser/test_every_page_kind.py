"""Every kind of page, in both themes and on a phone and a desk: accessible, quiet, and never wider than the screen.

A page is loaded once and then shown in each way, as when somebody turns a tablet or the evening comes. Errors on the
console, violations of the policy and requests elsewhere fail in `visit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.page_faults import PHONE, faults
from browser.page_kinds import BUSY, EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from browser.conftest import Visit

_HARD_TO_READ = """() => {
  const words = document.createElement("p");
  words.textContent = "Grey on grey";
  Object.assign(words.style, { color: "#777", background: "#888" });
  document.querySelector("main").append(words);
}"""


@pytest.mark.parametrize("kind", EXAMPLE)
def test_of_the_example(kind: str, example: str, visit: Visit, axe: Callable[[Page], list[str]]) -> None:
    assert faults(visit(example + EXAMPLE[kind], width=PHONE), axe) == []


@pytest.mark.parametrize("kind", BUSY)
def test_of_the_busy_catalogue(kind: str, busy: str, visit: Visit, axe: Callable[[Page], list[str]]) -> None:
    assert faults(visit(busy + BUSY[kind], width=PHONE), axe) == []


def test_what_is_too_wide_or_cannot_be_read_or_has_no_name_is_noticed(
    example: str, visit: Visit, axe: Callable[[Page], list[str]]
) -> None:
    page = visit(example + EXAMPLE["front"])
    page.evaluate("document.querySelector('h1').style.width = '1000px'")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    page.evaluate(_HARD_TO_READ)
    found = faults(page, axe)
    assert [line for line in found if line.startswith("dark 360: ") and line.endswith("pixels too wide")]
    assert [line for line in found if line.startswith("dark 1280: button-name")]
    assert [line for line in found if line.startswith("light 1280: color-contrast")]
