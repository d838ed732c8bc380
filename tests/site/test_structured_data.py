"""What pages tell programs about themselves is true, complete, and cannot be turned into anything else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from catalogues import APlugin, ARelease, a_catalogue, a_config, a_listing, as_files
from html_reader import read_page
from pluginry.model.listing import Pricing
from pluginry.model.names import PluginId
from pluginry.publisher.pages import addresses, structured_data
from pluginry.publisher.pages.plugin_pictures import Pictures
from pluginry.publisher.pages.view import view_of
from pluginry.publisher.site import site
from site_corpus import PAYLOADS, a_poisoned_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from html_reader import ReadPage

BASE = "https://plugins.example/market"
PAGE = f"{BASE}/plugins/acme/one/index.html"


def told_on(page: ReadPage) -> dict[str, Any]:
    """Return what is told, by type."""
    (element,) = (e for e in page.all("script") if e.attributes.get("type") == "application/ld+json")
    told = json.loads(element.text)
    assert told["@context"] == "https://schema.org"
    return {one["@type"]: one for one in told["@graph"]}


def site_with(**listing: object) -> dict[str, bytes]:
    plugin = APlugin(
        id="acme/one",
        listing=a_listing(name="One", **listing),
        releases=(ARelease(platforms=("linux-x86_64",)), ARelease(version="1.1.0", day=3)),
    )
    return as_files(site(a_catalogue([plugin], config=a_config(base_url=BASE))))


def test_the_page_of_a_plugin_describes_the_program() -> None:
    told = told_on(read_page(site_with()["plugins/acme/one/index.html"]))
    assert told["SoftwareApplication"] == {
        "@type": "SoftwareApplication",
        "@id": PAGE,
        "url": PAGE,
        "identifier": "acme/one",
        "name": "One",
        "description": "Scores incoming mail and files what is probably spam.",
        "applicationCategory": ["Security"],
        "keywords": ["mail", "spam"],
        "softwareVersion": "1.1.0",
        "datePublished": "2026-01-05",
        "dateModified": "2026-01-08",
        "author": {
            "@type": "Organization",
            "name": "Acme and Company",
            "identifier": "acme",
            "url": f"{BASE}/publishers/acme/index.html",
        },
        "license": "https://spdx.org/licenses/Apache-2.0.html",
        "operatingSystem": ["Any"],
        "softwareRequirements": ["Mairust >=0.4,<1"],
        "sameAs": ["https://example.com/spam-filter", "https://example.com/git/spam-filter"],
        "image": f"{BASE}/{addresses.letter_icon(PluginId.parse('acme/one'))}",
        "downloadUrl": [f"{BASE}/v1/packages/acme/one/1.1.0/one-1.1.0.zip"],
        "offers": {"@type": "Offer", "price": "0"},
    }
    trail = [(one["position"], one["name"], one["item"]) for one in told["BreadcrumbList"]["itemListElement"]]
    assert trail == [
        (1, "Plugins", f"{BASE}/all/index.html"),
        (2, "Acme and Company", f"{BASE}/publishers/acme/index.html"),
        (3, "One", PAGE),
    ]


def test_pages_of_releases_and_publishers_say_where_they_stand() -> None:
    files = site_with()
    release = told_on(read_page(files["plugins/acme/one/1.0.0/index.html"]))
    assert list(release) == ["BreadcrumbList"]
    assert release["BreadcrumbList"]["itemListElement"][-1]["item"] == f"{BASE}/plugins/acme/one/1.0.0/index.html"
    publisher = told_on(read_page(files["publishers/acme/index.html"]))
    assert publisher["Organization"]["url"] == f"{BASE}/publishers/acme/index.html"
    assert publisher["Organization"]["name"] == "Acme and Company"


def test_what_has_no_whole_address_is_left_out(pages: Mapping[str, ReadPage]) -> None:
    told = told_on(pages["plugins/acme/spam-filter/index.html"])
    assert list(told) == ["SoftwareApplication"]
    assert not told["SoftwareApplication"].keys() & {"@id", "url", "image", "screenshot", "downloadUrl"}
    scripts = pages["plugins/acme/spam-filter/1.0.0/index.html"].all("script")
    assert not [e for e in scripts if e.attributes.get("type")]


@pytest.mark.parametrize(
    ("pricing", "offer"),
    [
        (None, {"@type": "Offer", "price": "0"}),
        (Pricing(model="free"), {"@type": "Offer", "price": "0"}),
        (
            Pricing(model="paid", amount="12.50", currency="EUR", checkout_url="https://shop.example/one"),
            {"@type": "Offer", "price": "12.50", "priceCurrency": "EUR", "url": "https://shop.example/one"},
        ),
        (
            Pricing(model="subscription", amount="3", currency="EUR", checkout_url="javascript:alert(1)"),
            {"@type": "Offer", "price": "3", "priceCurrency": "EUR"},
        ),
        (Pricing(model="enterprise"), None),
    ],
)
def test_a_price_is_told_where_it_is_known(pricing: Pricing | None, offer: dict[str, str] | None) -> None:
    told = told_on(read_page(site_with(pricing=pricing)["plugins/acme/one/index.html"]))
    assert told["SoftwareApplication"].get("offers") == offer


def test_only_single_licences_have_a_page() -> None:
    for expression in ("MIT OR Apache-2.0", "LicenseRef-House"):
        told = told_on(read_page(site_with(license=expression)["plugins/acme/one/index.html"]))
        assert told["SoftwareApplication"]["license"] == {"@type": "CreativeWork", "name": expression}


@pytest.mark.parametrize("payload", [*PAYLOADS.values(), "\u2028\u2029<!--<script>"], ids=[*PAYLOADS, "line ends"])
def test_hostile_text_cannot_leave_the_data(payload: str) -> None:
    for keep in (frozenset({"id", "categories", "tags"}), frozenset[str]()):
        view = view_of(a_poisoned_input(payload, keep=keep))
        view = replace(view, pictures={plugin: Pictures(icon="icon.svg") for plugin in view.cards})
        for card in view.cards.values():
            newest = card.newest or card.record.releases[0]
            namespace = view.given.registry.namespaces.get(card.id.namespace)
            for text in (
                structured_data.about_plugin(card, newest, view),
                structured_data.about_release(card, newest, view),
                structured_data.about_publisher(card.id.namespace, namespace, view),
            ):
                assert text.isascii()
                assert not set("<>&'\n") & set(text)
                assert not text or json.loads(text)["@graph"]
