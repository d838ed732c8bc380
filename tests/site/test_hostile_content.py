"""Nothing that strangers write ever runs, leaves its place on the page, or misleads by invisible characters."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from catalogues import APlugin, ARelease, a_catalogue, a_config, a_listing, as_files
from html_reader import read_page, target_of
from pluginry.publisher.site import site
from site_corpus import PAYLOADS, a_poisoned_input

if TYPE_CHECKING:
    from collections.abc import Iterator

    from html_reader import Element

TRICKS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u00ad\ufeff\u0085\x00-\x08\x0b-\x1f\x7f]")
OUR_SCRIPTS = {
    *("assets/theme.js", "assets/pluginry.js", "assets/compare.js", "assets/plugin.js"),
    *("assets/stats.js", "assets/queue.js"),
}


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value if isinstance(value, list) else (*value.keys(), *value.values()):
            yield from texts_in(item)


def judge(element: Element, key: str) -> None:
    """Check that `element` is one of ours and does nothing of its own."""
    assert element.tag not in {"iframe", "object", "embed", "base", "style", "link_", "textarea", "use"}, key
    assert not [name for name in element.attributes if name.startswith("on")], (key, element)
    assert "style" not in element.attributes, key
    if element.tag == "script" and element.attributes.get("type") == "application/ld+json":
        assert element.attributes.keys() == {"type"}
        assert not re.search("[<>&\u2028\u2029]", element.text), key
        assert not any(TRICKS.search(shown) for shown in texts_in(json.loads(element.text))), key
    elif element.tag == "script":
        assert target_of(key, element.attributes["src"])[0] in OUR_SCRIPTS
        assert element.text == ""


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
@pytest.mark.parametrize(
    "keep", [frozenset({"id", "categories", "tags"}), frozenset[str]()], ids=["texts", "names too"]
)
def test_hostile_text_in_every_field_stays_text(payload: str, keep: frozenset[str]) -> None:
    files = as_files(site(a_poisoned_input(payload, keep=keep)))
    known = set(files)
    for key, body in files.items():
        assert re.fullmatch(r"[A-Za-z0-9._/-]+", key)
        assert ".." not in key
        text = body.decode()
        if key.endswith((".atom", ".xml")):
            ET.fromstring(body)  # noqa: S314 - our own bytes
        if key.endswith((".html", ".atom")):
            assert not TRICKS.search(text), key
        if key.startswith("find/"):
            assert not any(TRICKS.search(shown) for shown in texts_in(json.loads(body))), key
        if key.endswith(".html"):
            page = read_page(body)
            assert page.errors == [], key
            for element in page.elements:
                judge(element, key)
            for _, address in page.addresses():
                parts = urlsplit(address)
                assert parts.scheme in {"", "https"}, (key, address)
                assert not parts.netloc or parts.scheme, (key, address)
                assert "@" not in parts.netloc, (key, address)
                if not parts.scheme:
                    target = target_of(key, address)[0]
                    assert target in known or target.startswith("v1/"), (key, address)


@pytest.mark.parametrize("name", ["script", "attribute", "template", "address"])
def test_hostile_text_is_shown_as_it_was_written(name: str) -> None:
    payload = PAYLOADS[name]
    files = as_files(site(a_poisoned_input(payload, keep=frozenset({"id", "categories", "tags"}))))
    page = read_page(files["plugins/acme/spam-filter/index.html"])
    assert page.all("h1")[0].text == payload
    assert page.all("title")[0].text.startswith(payload)
    description = next(e for e in page.all("meta") if e.attributes.get("name") == "description")
    assert description.attributes["content"] == payload


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_a_hostile_readme_runs_nothing(payload: str) -> None:
    link = f"[a]({payload}) <{payload}>"
    table = f"|a|\n|-|\n|{payload}|\n"
    readme = f"{payload}\n\n# {payload}\n\n`{payload}`\n\n<div onclick='x'>{payload}</div>\n\n{link}\n\n{table}"
    files = as_files(site(a_catalogue([APlugin(readme=readme)])))
    page = read_page(files["plugins/acme/spam-filter/index.html"])
    assert page.errors == []
    for element in page.elements:
        judge(element, "plugins/acme/spam-filter/index.html")
    allowed = ("https://", "#", "../", "1.0.0/", "index.html", "releases.atom")
    assert [address for _, address in page.addresses() if not address.startswith(allowed)] == []


def test_a_readme_cannot_take_ids_or_classes_of_the_page() -> None:
    readme = '## Content {#content}\n\n<p id="q" class="lab">x</p>\n\n### announce\n'
    files = as_files(site(a_catalogue([APlugin(readme=readme)])))
    page = read_page(files["plugins/acme/spam-filter/index.html"])
    assert page.errors == []
    assert [e for e in page.elements if e.attributes.get("class") == "lab"] == []


def test_a_readme_as_deep_or_as_long_as_can_be_is_no_trouble() -> None:
    for readme in ("> " * 5_000 + "x", "*" * 50_000, "[" * 50_000, "- " * 3_000, "x" * 3_000_000, "|" * 20_000):
        files = as_files(site(a_catalogue([APlugin(readme=readme)])))
        page = read_page(files["plugins/acme/spam-filter/index.html"])
        assert page.errors == []


def test_links_of_a_listing_that_are_not_plain_https_are_left_out() -> None:
    for address in (
        "javascript:alert(1)",
        "http://plain.example/",
        "https://a b/",
        "https://u:p@x.example/",
        "ftp://x/",
    ):
        listing = a_listing(homepage=address, source=address, issues=address)
        files = as_files(site(a_catalogue([APlugin(listing=listing, releases=(ARelease(),))])))
        page = read_page(files["plugins/acme/spam-filter/index.html"])
        assert [a for _, a in page.addresses() if urlsplit(a).scheme] == []


def test_the_marketplaces_own_address_is_escaped_like_any_other() -> None:
    config = a_config(base_url="https://a.example/\"><script>alert(1)</script>'&amp;/")
    for key, body in as_files(site(a_catalogue([APlugin()], config=config))).items():
        if key.endswith((".atom", ".xml")):
            ET.fromstring(body)  # noqa: S314 - our own bytes
        if key.endswith(".html"):
            page = read_page(body)
            assert page.errors == [], key
            if key != "404.html":  # it finds its scripts through this address
                for element in page.elements:
                    judge(element, key)


def test_the_marketplaces_own_name_is_escaped_like_any_other() -> None:
    config = a_config(name="<b>Harbour</b> & Co", summary="{{ 7*7 }}")
    page = read_page(as_files(site(a_catalogue([], config=config)))["index.html"])
    assert page.all("h1")[0].text == "<b>Harbour</b> & Co"
    assert "{{ 7*7 }}" in page.all("main")[0].text
