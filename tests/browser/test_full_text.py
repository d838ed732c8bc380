"""Words of READMEs in the search box: Pagefind as it is, behind our own box, under the headers that servers send."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from catalogues import APlugin, a_catalogue, a_config, a_listing
from pluginry.adapters.pagefind_indexer import PagefindIndexer
from pluginry.model.site_settings import SiteSettings
from pluginry.publisher.full_text import FullText
from pluginry.publisher.inventory import body_of
from pluginry.publisher.reuse import AFRESH
from published_folders import served, write_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from browser.conftest import Visit

PLUGINS = (
    APlugin(id="acme/spam-filter", listing=a_listing(name="Zebra Filter"), readme="# A\n\nKnows every zebra.\n"),
    APlugin(
        id="acme/quiet",
        listing=a_listing(name="Quiet"),
        readme="# Quiet\n\nStripes of a zebra, `<img src=x onerror=alert(1)>` and nothing more.\n",
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a published marketplace whose READMEs are searched; it lies below a prefix."""
    given = a_catalogue(PLUGINS, config=a_config(site=SiteSettings(full_text=True)))
    folder = write_catalogue(given, tmp_path_factory.mktemp("texts") / "some" / "where")
    for made in FullText(PagefindIndexer()).objects(given.registry, given.records, AFRESH):
        (folder / made.key).parent.mkdir(parents=True, exist_ok=True)
        (folder / made.key).write_bytes(body_of(made))
    return folder


@pytest.fixture
def marketplace(folder: Path) -> Iterator[str]:
    """Yield its address on a server that sends our headers."""
    with served(folder) as address:
        yield address


class _Plain(SimpleHTTPRequestHandler):
    """Sends files without any header of ours."""

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture
def plainly(folder: Path) -> Iterator[str]:
    """Yield its address below a prefix, on a server that knows nothing of us."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Plain, directory=str(folder.parents[1]))) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}/some/where/"
        finally:
            listening.shutdown()
            thread.join()


def test_a_word_that_only_a_readme_says_leads_to_its_plugin(
    marketplace: str, visit: Visit, axe: Callable[[Page], list[str]]
) -> None:
    page = visit(marketplace + "plugins/acme/spam-filter/index.html")
    page.keyboard.press("/")
    page.keyboard.type("zebra")
    group = page.get_by_role("group", name="In READMEs")
    group.wait_for()
    texts = [option.inner_text() for option in page.get_by_role("option").all()]
    assert texts[0].startswith("Zebra Filter")  # what the catalogue knows comes first, and not twice
    assert [text.split("\n")[0] for text in texts[1:]] == ["Quiet", "See all 1 in the list"]
    assert "<img src=x onerror=alert(1)>" in texts[1]
    assert group.locator("img").count() == 0
    assert axe(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("#suggestions [aria-selected=true]").inner_text().startswith("Quiet")
    page.keyboard.press("Enter")
    page.wait_for_url("**/plugins/acme/quiet/index.html")


def test_below_a_prefix_and_without_headers_the_list_names_what_only_readmes_say(plainly: str, visit: Visit) -> None:
    page = visit(plainly + "all/index.html?q=stripes")
    section = page.get_by_role("region", name="In READMEs")
    section.wait_for()
    assert section.get_by_role("link").all_inner_texts() == ["Quiet"]
    assert page.get_by_text("No plugin matches.").first.is_visible()
