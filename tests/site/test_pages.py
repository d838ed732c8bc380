from __future__ import annotations

import gzip
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from catalogues import BUILT, POLICY, APlugin, a_catalogue, a_config, a_listing, as_files
from html_reader import read_page, target_of
from pluginry.encoding.schema import schema_folder
from pluginry.model import layout
from pluginry.model.published import CachePolicy, Phase
from pluginry.publisher.site import CatalogueInput, site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from html_reader import ReadPage

ADJECTIVES = ("Quiet", "Swift", "Small", "Patient", "Clear", "Local", "Careful", "Plain")
NOUNS = ("filter", "clock", "cache", "theme", "gauge", "sensor", "importer", "report", "mailer", "archive", "linter")
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "webp": "image/webp",
    "atom": "application/atom+xml",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml",
}


def published_by_others(given: CatalogueInput) -> Iterator[str]:
    """Yield the keys that the stage *index* and the packages give."""
    yield from (layout.CATALOGUE_KEY, layout.ADVISORIES_KEY, layout.STATS_KEY, layout.STATUS_KEY)
    yield layout.OPENAPI_KEY
    yield from (layout.schema_key(path.name) for path in schema_folder().iterdir())
    for plugin, record in given.records.items():
        yield layout.plugin_key(plugin)
        for release in record.releases:
            yield layout.node_key(release.manifest.sha256)
            yield layout.node_key(release.facts.sha256)
            yield from (layout.package_key(plugin, release.version, a.platform) for a in release.artifacts)
            yield from (layout.attestation_key(a.sha256) for a in release.attestations)


def test_every_page_is_well_formed(pages: Mapping[str, ReadPage]) -> None:
    assert {key: page.errors for key, page in pages.items() if page.errors} == {}


def test_every_address_leads_to_a_file_that_is_there(
    busy: CatalogueInput, files: Mapping[str, bytes], pages: Mapping[str, ReadPage]
) -> None:
    known = set(files) | set(published_by_others(busy))
    broken = []
    for key, page in pages.items():
        for _, address in page.addresses():
            target, fragment = target_of(key, address)
            is_lost = bool(fragment) and target in pages and fragment not in pages[target].ids
            if target and (target not in known or is_lost):
                broken.append((key, address))
    assert broken == []


def test_every_address_names_a_file_so_that_pages_work_without_a_server(pages: Mapping[str, ReadPage]) -> None:
    for key, page in pages.items():
        for _, address in page.addresses():
            path = urlsplit(address).path
            assert urlsplit(address).scheme or not path.endswith("/"), (key, address)
            assert not address.startswith("/"), (key, address)


def test_addresses_of_other_places_are_https_and_vouched_for_by_nobody(pages: Mapping[str, ReadPage]) -> None:
    outward = [element for page in pages.values() for element, address in page.addresses() if urlsplit(address).scheme]
    assert outward
    for element in outward:
        assert element.tag == "a"
        assert element.attributes["href"].startswith("https://")
        assert {"nofollow", "ugc", "noopener"} <= set(element.attributes["rel"].split())


def test_nothing_is_loaded_from_elsewhere(files: Mapping[str, bytes], pages: Mapping[str, ReadPage]) -> None:
    for page in pages.values():
        for element, address in page.addresses():
            if element.tag != "a":
                assert not urlsplit(address).scheme
                assert not urlsplit(address).netloc
    for key, body in files.items():
        if key.endswith((".css", ".js")):
            assert not re.search(rb"https?://|@import|url\(", body), key


def test_no_page_holds_a_script_or_style_of_its_own(pages: Mapping[str, ReadPage]) -> None:
    for key, page in pages.items():
        assert page.all("style") == [], key
        for element in page.elements:
            assert "style" not in element.attributes, key
            assert not [name for name in element.attributes if name.startswith("on")], key
            if element.attributes.get("type") == "application/ld+json":
                continue  # data, which browsers do not run: see test_hostile_content.py
            if element.tag == "script":
                assert element.attributes["src"].endswith((".js",)), key
                assert element.text == "", key


def test_every_page_forbids_everything_it_does_not_need(pages: Mapping[str, ReadPage]) -> None:
    for key, page in pages.items():
        policies = [
            element.attributes["content"]
            for element in page.all("meta")
            if element.attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        assert len(policies) == 1, key
        rules = dict(rule.strip().split(" ", 1) for rule in policies[0].split(";"))
        assert rules["default-src"] == "'none'"
        assert rules["base-uri"] == "'none'"
        assert set(rules.values()) == {"'none'", "'self'"}


def test_every_object_has_its_media_type_and_the_short_cache_of_pages(busy: CatalogueInput) -> None:
    for published in site(busy):
        assert published.media_type == CONTENT_TYPES[published.key.rpartition(".")[2]], published.key
        assert published.cache is CachePolicy.SHORT
        assert published.phase is Phase.PAGE


def test_every_page_can_be_reached_from_the_front_page(pages: Mapping[str, ReadPage]) -> None:
    seen: set[str] = set()
    ahead = ["index.html"]
    while ahead:
        key = ahead.pop()
        if key in pages and key not in seen:
            seen.add(key)
            ahead.extend(target_of(key, address)[0] for _, address in pages[key].addresses())
    # Tombstones are there for old links; nothing points at what was removed but advisories.
    gone = {"embed/evil/miner/card.html", "embed/desk/gone/card.html"}
    assert set(pages) - seen == {"404.html", "plugins/evil/miner/index.html", *gone}


def test_an_empty_marketplace_has_a_whole_catalogue() -> None:
    files = as_files(site(a_catalogue([])))
    for key in ("index.html", "all/index.html", "advisories/index.html", "tags/index.html", "publishers/index.html"):
        page = read_page(files[key])
        assert page.errors == []
    assert "Nothing is published here yet" in files["index.html"].decode()
    assert ET.fromstring(files["feeds/releases.atom"]).findall(f"{ATOM}entry") == []  # noqa: S314 - our own bytes


def test_the_error_page_leads_back_from_any_depth() -> None:
    with_address = as_files(site(a_catalogue([], config=a_config(base_url="https://plugins.example/market/"))))
    page = read_page(with_address["404.html"])
    assert page.errors == []
    assert {a for _, a in page.addresses() if a.endswith("/index.html") or a == "/market/index.html"} >= {
        "/market/index.html"
    }
    assert all(a.startswith(("/market/", "#")) for _, a in page.addresses())
    without = read_page(as_files(site(a_catalogue([])))["404.html"])
    assert all(not a.startswith("/") for _, a in without.addresses())


def test_a_sitemap_needs_an_address_of_the_marketplace(files: Mapping[str, bytes]) -> None:
    assert "sitemap.xml" not in files
    assert b"Sitemap" not in files["robots.txt"]
    given = a_catalogue([APlugin()], config=a_config(base_url="https://plugins.example/market/"))
    addressed = as_files(site(given))
    root = ET.fromstring(addressed["sitemap.xml"])  # noqa: S314 - our own bytes
    places = [node.text or "" for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    keys = [place.removeprefix("https://plugins.example/market/") for place in places]
    assert set(keys) <= set(addressed)
    assert {"index.html", "hosts/mairust/index.html", "plugins/acme/spam-filter/index.html"} <= set(keys)
    assert "plugins/acme/spam-filter/1.0.0/index.html" not in keys
    assert b"Sitemap: https://plugins.example/market/sitemap.xml" in addressed["robots.txt"]


def test_serial_and_time_stand_on_the_page_about_the_marketplace_only(files: Mapping[str, bytes]) -> None:
    stamp = BUILT.strftime("%Y-%m-%d").encode()
    assert [key for key, body in files.items() if stamp in body] == ["about/index.html"]


def test_feeds_are_atom_with_addresses_that_lead_somewhere(files: Mapping[str, bytes]) -> None:
    for key in ("feeds/releases.atom", "feeds/new.atom", "feeds/advisories.atom"):
        feed = ET.fromstring(files[key])  # noqa: S314 - our own bytes
        entries = feed.findall(f"{ATOM}entry")
        assert entries
        assert feed.findtext(f"{ATOM}updated") == max(e.findtext(f"{ATOM}updated") or "" for e in entries)
        names = [e.findtext(f"{ATOM}id") for e in entries]
        assert len(names) == len(set(names))
        for link in feed.iter(f"{ATOM}link"):
            assert target_of(key, link.attrib["href"])[0] in files


def test_the_first_view_of_the_list_is_small_whatever_the_size_of_the_marketplace() -> None:
    """Everything but pictures that a browser loads for the list before anybody touches it, as servers compress it."""
    names = [f"{a} {b} for {c}" for a in ADJECTIVES for b in NOUNS for c in NOUNS]
    plugins = [
        APlugin(
            id=f"acme/plugin-{n:04}", listing=a_listing(name=name, summary=f"It is a {name.lower()}, and number {n}.")
        )
        for n, name in enumerate(names)
    ]
    files = as_files(site(a_catalogue(plugins)))
    scripts = [key for key in files if key.startswith("assets/") and key.endswith((".js", ".css", "ranking.json"))]
    first_view = {key: len(gzip.compress(files[key], 6)) for key in ("all/index.html", "find/index.json", *scripts)}
    assert sum(first_view.values()) < 60_000, first_view


def test_a_laboratory_is_named_on_every_page_and_other_instances_are_not(pages: Mapping[str, ReadPage]) -> None:
    def warned(page: ReadPage) -> bool:
        return any(element.attributes.get("class") == "lab" for element in page.all("p"))

    lab = as_files(site(a_catalogue([], policy=replace(POLICY, instance="lab"))))
    assert all(warned(read_page(body)) for key, body in lab.items() if key.endswith(".html"))
    assert not any(warned(page) for page in pages.values())
