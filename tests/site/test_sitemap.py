from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from catalogues import APlugin, a_catalogue, a_config, a_listing, as_files
from html_reader import read_page
from pluginry.model.names import Name
from pluginry.publisher.pages.sitemap import MAX_URLS, SITEMAP, for_robots
from pluginry.publisher.pages.view import view_of
from pluginry.publisher.site import site

if TYPE_CHECKING:
    from pluginry.publisher.pages.view import CatalogueView

NAMES = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
BASE = "https://plugins.example/market/"


def a_view() -> CatalogueView:
    return view_of(a_catalogue([APlugin(id="acme/one"), APlugin(id="acme/two")], config=a_config(base_url=BASE)))


def sitemaps(view: CatalogueView, max_urls: int) -> dict[str, ET.Element]:
    found = as_files(for_robots(view, max_urls=max_urls))
    return {key: ET.fromstring(body) for key, body in found.items() if key != "robots.txt"}  # noqa: S314 - our own bytes


def places(root: ET.Element) -> list[str]:
    return [node.text or "" for node in root.iter(f"{NAMES}loc")]


def test_a_plugin_is_as_new_as_its_last_release() -> None:
    view = a_view()
    root = sitemaps(view, MAX_URLS)[SITEMAP]
    since = {url.findtext(f"{NAMES}loc"): url.findtext(f"{NAMES}lastmod") for url in root}
    for card in view.cards.values():
        assert since[f"{BASE}plugins/{card.id}/index.html"] == f"{card.last_published:%Y-%m-%dT%H:%M:%SZ}"
    assert since[f"{BASE}index.html"] is None


def test_it_names_pages_that_are_there_by_the_addresses_that_they_name_themselves() -> None:
    unknown = APlugin(id="acme/three", listing=a_listing(hosts=(Name("mairust"), Name("unknown"))))
    given = a_catalogue([APlugin(id="acme/one"), unknown], config=a_config(base_url=BASE))
    files = as_files(site(given))
    found = places(ET.fromstring(files[SITEMAP]))  # noqa: S314 - our own bytes
    assert {f"{BASE}{key}" for key in ("publishers/acme/index.html", "categories/security/index.html")} < set(found)
    for place in found:
        page = read_page(files[place.removeprefix(BASE)])
        assert [e.attributes["href"] for e in page.all("link") if e.attributes["rel"] == "canonical"] == [place]


def test_what_one_sitemap_may_not_hold_is_told_by_several_and_an_index() -> None:
    view = a_view()
    whole = places(sitemaps(view, MAX_URLS)[SITEMAP])
    parts = sitemaps(view, 4)
    index = parts.pop(SITEMAP)
    assert index.tag == f"{NAMES}sitemapindex"
    assert places(index) == [f"{BASE}{key}" for key in parts]
    assert [place for part in parts.values() for place in places(part)] == whole
    assert max(len(places(part)) for part in parts.values()) == 4


def test_a_sitemap_that_is_just_full_needs_no_index() -> None:
    view = a_view()
    urls = len(places(sitemaps(view, MAX_URLS)[SITEMAP]))
    assert list(sitemaps(view, urls)) == [SITEMAP]
    assert list(sitemaps(view, urls - 1)) == ["sitemap-1.xml", "sitemap-2.xml", SITEMAP]
