"""Takes pictures of each kind of page for the documentation.

PYTHONPATH=tests python tests/browser/screenshots.py FOLDER

In: this repository's registry, and a Chromium on PATH. Out: small WebP files in FOLDER, the same names in each run.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from busy_catalogue import busy_input
from published_folders import CHROMIUM_ARGUMENTS, CHROMIUMS, example_marketplace, served, write_catalogue

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_DESK, _PHONE = (1280, 860), (390, 844)
_QUALITY = 82


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture: its ``name``, of the page ``key``, after typing ``typed`` into the search box."""

    name: str
    key: str
    theme: str = "light"
    size: tuple[int, int] = _DESK
    typed: str = ""


OF_THE_EXAMPLE = (
    Shot(name="front", key="index.html"),
    Shot(name="front-dark", key="index.html", theme="dark"),
    Shot(name="front-phone", key="index.html", size=_PHONE),
    Shot(name="list", key="all/index.html?category=monitoring&permission=no-network"),
    Shot(name="list-dark", key="all/index.html", theme="dark"),
    Shot(name="list-phone", key="all/index.html?q=mail", size=_PHONE),
    Shot(name="search", key="index.html", typed="c"),
    Shot(name="plugin", key="plugins/mairust/spam-scorer/index.html"),
    Shot(name="plugin-dark", key="plugins/mairust/spam-scorer/index.html", theme="dark"),
    Shot(name="plugin-phone", key="plugins/mairust/spam-scorer/index.html", size=_PHONE),
    Shot(name="host", key="hosts/mairust/index.html"),
    Shot(name="publisher", key="publishers/mairust/index.html"),
    Shot(name="docs", key="docs/getting-started/index.html"),
)
OF_THE_BUSY_CATALOGUE = (
    Shot(name="version", key="plugins/acme/spam-filter/2.0.0/index.html"),
    Shot(name="advisory", key="advisories/PLG-2026-0001/index.html"),
    Shot(name="tombstone", key="plugins/desk/gone/index.html"),
)


def take(browser: Browser, address: str, shots: tuple[Shot, ...], folder: Path) -> None:
    """Take `shots` of the marketplace at `address` and write them into `folder`."""
    for shot in shots:
        width, height = shot.size
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if shot.theme == "dark" else "light",
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto(address + shot.key, wait_until="networkidle")
        if shot.typed:
            page.keyboard.press("/")
            page.keyboard.type(shot.typed)
            page.locator("[role=option]").first.wait_for()
            page.keyboard.press("ArrowDown")
        with Image.open(io.BytesIO(page.screenshot())) as picture:
            picture.convert("RGB").save(folder / f"{shot.name}.webp", "WEBP", quality=_QUALITY, method=6)
        context.close()


def main(folder: Path) -> None:
    """Take every picture."""
    from playwright.sync_api import sync_playwright

    program = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    if program is None:
        sys.exit(f"no browser: none of {', '.join(CHROMIUMS)} is on PATH")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        (Path(scratch) / "example").mkdir()
        with served(example_marketplace(Path(scratch) / "example")) as address:
            take(browser, address, OF_THE_EXAMPLE, folder)
        with served(write_catalogue(busy_input(), Path(scratch) / "busy")) as address:
            take(browser, address, OF_THE_BUSY_CATALOGUE, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
