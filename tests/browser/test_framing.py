"""Other sites show cards in a frame, and no other page: a browser does as the headers say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopback import LoopbackServer
from published_folders import served

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

PATIENCE_MS = 30_000


def test_another_site_frames_a_card_and_nothing_else(busy_folder: Path, browser: Browser) -> None:
    places = ("embed/acme/spam-filter/card.html", "index.html", "plugins/acme/spam-filter/index.html")
    with served(busy_folder) as market:
        frames = "".join(f'<iframe src="{market}{place}" title="{place}"></iframe>' for place in places)
        readme = f"<!doctype html><title>README</title>{frames}".encode()
        with LoopbackServer({"readme.html": readme}) as other, browser.new_page() as page:
            page.goto(f"{other.address}readme.html", wait_until="networkidle", timeout=PATIENCE_MS)
            shown = [frame for frame in page.frames if frame.url.startswith(market)]
            assert [frame.url for frame in shown] == [market + places[0]]
            assert shown[0].locator("h1").inner_text() == "Spam Filter"
