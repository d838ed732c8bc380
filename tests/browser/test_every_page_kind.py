"""Every kind of page, in both themes and on a phone and a desk: accessible, quiet, and never wider than the screen.

A page is loaded once, in the light on a phone, and then shown on a desk as the evening comes. Errors on the
console, violations of the policy and requests elsewhere fail in `visit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from browser.page_kinds import BUSY, EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from browser.conftest import Visit

WAYS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((360, "light"), (1280, "dark"))
HEIGHT = 900


@pytest.mark.parametrize("kind", EXAMPLE)
def test_of_the_example(kind: str, example: str, visit: Visit, axe: Callable[[Page], list[str]]) -> None:
    assert faults(visit(example + EXAMPLE[kind], width=WAYS[0][0]), axe) == []


@pytest.mark.parametrize("kind", BUSY)
def test_of_the_busy_catalogue(kind: str, busy: str, visit: Visit, axe: Callable[[Page], list[str]]) -> None:
    assert faults(visit(busy + BUSY[kind], width=WAYS[0][0]), axe) == []


def test_what_is_too_wide_or_without_a_name_is_noticed(
    example: str, visit: Visit, axe: Callable[[Page], list[str]]
) -> None:
    page = visit(example + EXAMPLE["front"])
    page.evaluate("document.querySelector('h1').style.width = '1000px'")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    found = faults(page, axe)
    assert [line for line in found if line.startswith("light 360: ") and line.endswith("pixels too wide")]
    assert [line for line in found if line.startswith("dark 1280: button-name")]


def faults(page: Page, axe: Callable[[Page], list[str]]) -> list[str]:
    """Return what is wrong with the page, in each theme and at each width."""
    found = []
    for width, theme in WAYS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=theme)
        wider = overflow(page)
        found += [f"{theme} {width}: {wider} pixels too wide"] if wider else []
        found += [f"{theme} {width}: {complaint}" for complaint in axe(page)]
    return found


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider
