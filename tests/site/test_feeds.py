"""Every feed is Atom as RFC 4287 has it, whatever strangers write, and is found from the page that it is about."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from catalogues import APlugin, ARelease, a_catalogue, a_config, a_listing, as_files
from html_reader import read_page, target_of
from pluginry.publisher.pages.companions import companions
from pluginry.publisher.pages.edition import Edition
from pluginry.publisher.pages.feeds import MAX_ENTRIES, advisory_feed, feeds, plugin_feeds
from pluginry.publisher.pages.view import view_of
from pluginry.publisher.site import site
from site_corpus import PAYLOADS, a_poisoned_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from html_reader import ReadPage
    from pluginry.publisher.site import CatalogueInput

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://plugins.example/market"
URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+\Z")


def files_of(given: CatalogueInput) -> dict[str, bytes]:
    view = view_of(given)
    return as_files([*feeds(Edition(view)), *companions(Edition(view), [plugin_feeds()])])


def feeds_of(given: CatalogueInput) -> dict[str, ET.Element]:
    found = files_of(given)
    return {key: ET.fromstring(body) for key, body in found.items()}  # noqa: S314 - our own bytes


def ids(feed: ET.Element) -> list[str]:
    return [node.text or "" for node in feed.iter(f"{ATOM}id")]


def titles(feed: ET.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}title") or "" for entry in feed.iter(f"{ATOM}entry")]


def links(feed: ET.Element, kind: str) -> list[str]:
    return [node.attrib["href"] for node in feed.iter(f"{ATOM}link") if node.attrib["rel"] == kind]


def check(feed: ET.Element) -> None:
    """Check what RFC 4287 asks of every feed and entry."""
    assert len(ids(feed)) == len(set(ids(feed)))
    assert all(URN.match(name) for name in ids(feed))
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) <= MAX_ENTRIES
    for node in (feed, *entries):
        assert [len(node.findall(f"{ATOM}{tag}")) for tag in ("id", "title", "updated")] == [1, 1, 1]
        assert datetime.fromisoformat(node.findtext(f"{ATOM}updated") or "").tzinfo
        assert len([link for link in node.findall(f"{ATOM}link") if link.attrib["rel"] == "alternate"]) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    times = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert times == sorted(times, reverse=True)
    assert feed.findtext(f"{ATOM}updated") == (times[0] if times else "1970-01-01T00:00:00Z")


def test_every_feed_is_atom_and_leads_to_pages(busy: CatalogueInput, files: Mapping[str, bytes]) -> None:
    found = feeds_of(busy)
    assert {"plugins/acme/spam-filter/releases.atom", "publishers/acme/releases.atom"} < set(found)
    assert {key for key in files if key.endswith(".atom")} == set(found)
    for key, feed in found.items():
        check(feed)
        assert target_of(key, links(feed, "self")[0])[0] == key
        assert {target_of(key, address)[0] for address in links(feed, "alternate")} <= set(files)


def test_a_feed_holds_what_it_is_about_and_nothing_else() -> None:
    plugins = [
        APlugin(id="acme/one", listing=a_listing(name="One", tags=("mail",)), releases=(ARelease(day=1),)),
        APlugin(id="acme/two", listing=a_listing(name="Two", tags=("mail", "dns")), releases=(ARelease(day=2),)),
        APlugin(id="desk/three", listing=a_listing(name="Three", tags=("dns",)), releases=(ARelease(day=3),)),
    ]
    found = feeds_of(a_catalogue(plugins))
    assert titles(found["feeds/releases.atom"]) == ["Three 1.0.0", "Two 1.0.0", "One 1.0.0"]
    assert titles(found["feeds/new.atom"]) == ["Three", "Two", "One"]
    assert titles(found["plugins/acme/two/releases.atom"]) == ["Two 1.0.0"]
    assert titles(found["publishers/acme/releases.atom"]) == ["Two 1.0.0", "One 1.0.0"]
    assert titles(found["tags/mail/releases.atom"]) == ["Two 1.0.0", "One 1.0.0"]
    assert titles(found["tags/dns/releases.atom"]) == ["Three 1.0.0", "Two 1.0.0"]


def test_only_the_newest_entries_stay() -> None:
    releases = tuple(ARelease(version=f"1.{n}.0", day=n) for n in range(MAX_ENTRIES + 10))
    found = feeds_of(a_catalogue([APlugin(id="acme/one", releases=releases), APlugin(id="acme/two")]))
    for key in ("feeds/releases.atom", "plugins/acme/one/releases.atom", "tags/mail/releases.atom"):
        assert len(titles(found[key])) == MAX_ENTRIES
        assert titles(found[key])[0] == "Spam Filter 1.59.0"


def test_addresses_are_whole_where_the_marketplaces_is_known_and_ids_stay_as_they_are() -> None:
    plugins = [APlugin(id="acme/one")]
    somewhere = feeds_of(a_catalogue(plugins))
    here = feeds_of(a_catalogue(plugins, config=a_config(base_url=f"{BASE}/")))
    assert {key: ids(feed) for key, feed in here.items()} == {key: ids(feed) for key, feed in somewhere.items()}
    for key, feed in here.items():
        assert links(feed, "self") == [f"{BASE}/{key}"]
        assert all(address.startswith(f"{BASE}/") for address in links(feed, "alternate"))
    assert links(somewhere["feeds/new.atom"], "alternate") == ["../index.html", "../plugins/acme/one/index.html"]


def test_a_new_release_changes_the_feeds_about_it_and_no_other() -> None:
    one, two = APlugin(id="acme/one", listing=a_listing(tags=("mail",))), APlugin(id="desk/two")
    newer = replace(two, listing=a_listing(tags=("dns",)), releases=(ARelease(), ARelease(version="1.1.0", day=9)))
    two = replace(two, listing=newer.listing)
    before, after = (files_of(a_catalogue([one, other])) for other in (two, newer))
    assert {key for key in after if after[key] != before[key]} == {
        "feeds/releases.atom",
        "plugins/desk/two/releases.atom",
        "publishers/desk/releases.atom",
        "tags/dns/releases.atom",
    }


def test_subscribers_of_a_removed_plugin_hear_of_it(busy: CatalogueInput) -> None:
    found = feeds_of(busy)
    assert titles(found["plugins/evil/miner/releases.atom"]) == ["evil/miner was removed"]
    assert titles(found["plugins/desk/gone/releases.atom"]) == []  # nobody wrote down when it was


@pytest.mark.parametrize("payload", [*PAYLOADS.values(), "\ufffe\uffff\U0001fffe\ud800"], ids=[*PAYLOADS, "nothing"])
def test_hostile_text_stays_text(payload: str) -> None:
    for keep in (frozenset({"id", "categories", "tags"}), frozenset[str]()):
        given = a_poisoned_input(payload, keep=keep)
        for key, feed in feeds_of(given).items():
            check(feed)
            assert {node.tag.removeprefix(ATOM) for node in feed.iter()} <= {
                *("feed", "entry", "id", "title", "updated", "published", "author", "name", "summary", "link")
            }, key


def test_text_is_in_a_feed_as_it_was_written() -> None:
    plugin = APlugin(id="acme/one", listing=a_listing(name="<b>A & B</b>"))
    assert titles(feeds_of(a_catalogue([plugin]))["feeds/new.atom"]) == ["<b>A & B</b>"]


def test_the_feed_of_advisories_is_the_same_when_it_is_made_alone(busy: CatalogueInput) -> None:
    view = view_of(busy)
    assert advisory_feed(view) in list(feeds(Edition(view)))


def feeds_linked_on(page: ReadPage) -> list[str]:
    return [e.attributes["href"] for e in page.all("link") if e.attributes.get("type") == "application/atom+xml"]


def test_pages_name_their_feeds(files: Mapping[str, bytes], pages: Mapping[str, ReadPage]) -> None:
    for page, feed in {
        "plugins/acme/spam-filter/index.html": "plugins/acme/spam-filter/releases.atom",
        "plugins/acme/spam-filter/1.0.0/index.html": "plugins/acme/spam-filter/releases.atom",
        "publishers/acme/index.html": "publishers/acme/releases.atom",
        "tags/mail/index.html": "tags/mail/releases.atom",
    }.items():
        assert feed in [target_of(page, address)[0] for address in feeds_linked_on(pages[page])]
    for key, page in pages.items():
        assert {target_of(key, address)[0] for address in feeds_linked_on(page)} <= set(files)


def test_a_page_has_one_whole_address_where_the_marketplaces_is_known(pages: Mapping[str, ReadPage]) -> None:
    assert not [e for page in pages.values() for e in page.all("link") if e.attributes["rel"] == "canonical"]
    plugins = [APlugin(id="acme/one")]
    for key, body in as_files(site(a_catalogue(plugins, config=a_config(base_url=f"{BASE}/")))).items():
        page = read_page(body) if key.endswith("index.html") else None
        if page:
            shown = "plugins/acme/one/index.html" if key == "plugins/acme/one/1.0.0/index.html" else key
            whole = [e.attributes["href"] for e in page.all("link") if e.attributes["rel"] == "canonical"]
            said = [e.attributes["content"] for e in page.all("meta") if e.attributes.get("property") == "og:url"]
            assert whole == said == [f"{BASE}/{shown}"]
