"""What is wrong with how a page is shown, in both themes and on a phone and a desk.

assert faults(visit(address), axe) == []
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

PHONE, DESK = WIDTHS = (360, 1280)
THEMES = ("light", "dark")
HEIGHT = 900


def faults(page: Page, axe: Callable[[Page], list[str]]) -> list[str]:
    """Return what is wrong with the page, in each theme at each width."""
    found = []
    for width, theme in product(WIDTHS, THEMES):
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
