"""Every kind of page, in both themes and on a phone and a desk: accessible, quiet, and never wider than the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from browser.page_kinds import BUSY, EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from browser.conftest import Visit

WIDTHS = (360, 1280)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
class TestEveryPageKind:
    """Errors on the console, violations of the policy and requests elsewhere fail in `visit`."""

    @pytest.mark.parametrize("kind", EXAMPLE)
    def test_of_the_example(
        self,
        kind: str,
        width: int,
        theme: Literal["light", "dark"],
        example: str,
        visit: Visit,
        axe: Callable[[Page], list[str]],
    ) -> None:
        page = visit(example + EXAMPLE[kind], theme=theme, width=width)
        assert overflow(page) == 0
        assert axe(page) == []

    @pytest.mark.parametrize("kind", BUSY)
    def test_of_the_busy_catalogue(
        self,
        kind: str,
        width: int,
        theme: Literal["light", "dark"],
        busy: str,
        visit: Visit,
        axe: Callable[[Page], list[str]],
    ) -> None:
        page = visit(busy + BUSY[kind], theme=theme, width=width)
        assert overflow(page) == 0
        assert axe(page) == []


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider
