"""A real browser over published marketplaces: what every test of this folder starts from.

def test_something(example: str, visit: Visit) -> None:
    page = visit(example + "index.html", theme="dark", width=360)

`visit` gives a Playwright page that is watched: an error on the console, a violation of the content security policy
or a request to anywhere but the visited site fails the test when it ends.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pytest

from busy_catalogue import busy_input
from published_folders import CHROMIUM_ARGUMENTS, CHROMIUMS, example_marketplace, served, write_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

_DESK_WIDTH, _HEIGHT = 1280, 900
_PATIENCE_MS = 30_000
_TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
_AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN_AXE = """async (tags) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
  return found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.target.join(" ")} (${node.failureSummary.replace(/\\s+/g, " ")})`));
}"""


class Visit(Protocol):
    """Opens an address in a fresh browser context."""

    def __call__(
        self,
        address: str,
        *,
        theme: Literal["light", "dark"] = "light",
        width: int = _DESK_WIDTH,
        javascript: bool = True,
        expected: tuple[str, ...] = (),
    ) -> Page:
        """Return the page once it has loaded; console errors that contain one of `expected` are no fault."""


@dataclass(slots=True)
class Watch:
    """What was wrong with the pages of one test."""

    complaints: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext, address: str, expected: tuple[str, ...]) -> None:
        """Watch every page of `context`, of which everything comes from the site at `address`."""
        site = "file://" if address.startswith("file:") else "/".join(address.split("/")[:3]) + "/"

        def heard(message: Any) -> None:
            if message.type in {"error", "warning"} and not any(words in message.text for words in expected):
                self.complaints.append(f"console: {message.text} ({message.location.get('url')})")

        def asked(request: Any) -> None:
            if not request.url.startswith((site, "data:", "about:", "blob:")):
                self.complaints.append(f"asked elsewhere: {request.url}")

        context.on("console", heard)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("request", asked)
        context.add_init_script(_TELL_OF_VIOLATIONS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield Chromium, without a window."""
    program = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(CHROMIUMS)} is on PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Yield the function that opens watched pages."""
    watch = Watch()
    contexts: list[BrowserContext] = []

    def open_page(
        address: str,
        *,
        theme: Literal["light", "dark"] = "light",
        width: int = _DESK_WIDTH,
        javascript: bool = True,
        expected: tuple[str, ...] = (),
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": _HEIGHT},
            color_scheme=theme,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(_PATIENCE_MS)
        watch.over(context, address, expected)
        page = context.new_page()
        page.goto(address, wait_until="load", timeout=_PATIENCE_MS)  # where it is slow, the network rests before that
        page.wait_for_load_state("networkidle", timeout=_PATIENCE_MS)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watch.complaints == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Return a function that lists what is not accessible on a page, in its present state.

    axe-core runs in the page itself but is put there through the browser's debugging protocol, which the content
    security policy does not reach: the policy stays in force for everything else. It needs JavaScript.
    """
    import axe_playwright_python

    script = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")

    def run(page: Page) -> list[str]:
        if not page.evaluate("'axe' in window"):
            page.evaluate(script)
        found: list[str] = page.evaluate(_RUN_AXE, _AXE_RULES)
        return found

    return run


@pytest.fixture(scope="session")
def example_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of this repository's own marketplace, published in the lab; nobody may change it."""
    return example_marketplace(tmp_path_factory.mktemp("example"))


@pytest.fixture(scope="session")
def example(example_folder: Path) -> Iterator[str]:
    """Yield the address of this repository's own marketplace."""
    with served(example_folder) as address:
        yield address


@pytest.fixture(scope="session")
def busy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the busy catalogue, which lies under a prefix; nobody may change it."""
    root = tmp_path_factory.mktemp("busy")
    return write_catalogue(busy_input(), root / "some" / "where")


@pytest.fixture(scope="session")
def busy(busy_folder: Path) -> Iterator[str]:
    """Yield the address of the busy catalogue: below ``/some/where/``, as on a server with other things on it."""
    with served(busy_folder.parents[1]) as address:
        yield address + "some/where/"
