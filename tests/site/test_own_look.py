"""An operator's own look: accent, logo, links, pages, featured plugins and collections, on pages that stay sound."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from busy_catalogue import busy_input
from catalogues import a_catalogue, a_config, a_picture, as_files
from html_reader import read_page, target_of
from pluginry.model.names import PluginId
from pluginry.model.site_settings import Accent, Collection, SiteFiles, SiteLink, SiteSettings
from pluginry.publisher.pages.colours import ENOUGH_FOR_TEXT, contrast, style_of
from pluginry.publisher.site import site

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = SiteSettings(
    accent=Accent(light="#6a1b9a", dark="#d9a7f0"),
    header=(SiteLink(title="Company <b>", url="https://example.com/"),),
    footer=(SiteLink(title="Imprint", url="https://example.com/imprint"),),
    footer_text="Run by the <harbour> office.",
    featured=(PluginId.parse("desk/clipboard"), PluginId.parse("desk/gone"), PluginId.parse("acme/spam-filter")),
    collections=(
        Collection(
            id="mail",
            title="For <mail>",
            summary="What a mail server wants.",
            plugins=tuple(map(PluginId.parse, ("acme/spam-filter", "acme/old-filter", "acme/dns-cache"))),
        ),
    ),
)
FILES = SiteFiles(
    logo=a_picture(300, 300),
    pages={
        "20-rules.md": "# House <i>rules</i>\n\nSee [the imprint](imprint.md#who) and <script>alert(1)</script>.\n",
        "10-imprint.md": "# Imprint\n\n## Who\n\nThe harbour office. ![x](https://evil.example/x.png)\n",
    },
)


@pytest.fixture(scope="module")
def own() -> Mapping[str, bytes]:
    given = busy_input(config=a_config(site=SETTINGS), site_files=FILES)
    return as_files(site(given))


def test_every_page_is_sound_and_leads_somewhere(own: Mapping[str, bytes]) -> None:
    pages = {key: read_page(body) for key, body in own.items() if key.endswith(".html")}
    assert {key: page.errors for key, page in pages.items() if page.errors} == {}
    for key in ("pages/imprint/index.html", "pages/rules/index.html", "collections/mail/index.html", "index.html"):
        for _, address in pages[key].addresses():
            target = target_of(key, address)[0]
            assert not target or target in own or target.startswith("v1/"), (key, address)


def test_logo_and_accent_are_on_every_page_as_files(own: Mapping[str, bytes]) -> None:
    with Image.open(io.BytesIO(own["assets/logo.webp"])) as logo:
        assert (logo.format, logo.size) == ("WEBP", (128, 128))
    assert b"--accent: light-dark(#6a1b9a, #d9a7f0);" in own["assets/accent.css"]
    for key, body in own.items():
        if key.endswith(".html"):
            sources = {element.attributes.get("href") for element in read_page(body).all("link")}
            assert any(str(source).endswith("assets/accent.css") for source in sources), key
            assert any(str(source).endswith("assets/logo.webp") for source in sources), key


def test_links_and_words_of_the_operator_are_text(own: Mapping[str, bytes]) -> None:
    page = read_page(own["about/index.html"])
    links = {element.text: element.attributes["href"] for element in page.all("a")}
    assert links["Company <b>"] == "https://example.com/"
    assert links["Imprint"] == "https://example.com/imprint" or "pages/imprint" in links["Imprint"]
    assert "Run by the <harbour> office." in page.all("footer")[0].text


def test_pages_are_in_order_in_the_footer_and_run_nothing(own: Mapping[str, bytes]) -> None:
    text = read_page(own["index.html"]).all("footer")[0].text
    assert text.index("Imprint") < text.index("House")
    rules = read_page(own["pages/rules/index.html"])
    assert [
        e.attributes.get("src", "") for e in rules.all("script") if "assets" not in e.attributes.get("src", "")
    ] == []
    assert "../imprint/index.html#who" in [element.attributes.get("href") for element in rules.all("a")]
    assert b"evil.example" not in own["pages/imprint/index.html"]


def test_featured_plugins_come_first_without_those_that_are_gone(own: Mapping[str, bytes]) -> None:
    home = own["index.html"].decode()
    shelf = home[home.index('id="featured"') : home.index('id="collections"')]
    assert shelf.index("desk/clipboard") < shelf.index("acme/spam-filter")
    assert "desk/gone" not in home


def test_a_collection_has_a_page_with_deprecated_plugins_folded_up(own: Mapping[str, bytes]) -> None:
    page = own["collections/mail/index.html"].decode()
    assert page.index("acme/spam-filter") < page.index("acme/dns-cache") < page.index("1 deprecated plugin")
    assert b'href="mail/index.html"' in own["collections/index.html"]


def test_without_any_of_it_nothing_of_it_is_there(files: Mapping[str, bytes]) -> None:
    assert not [key for key in files if key.startswith(("pages/", "collections/", "assets/accent", "assets/logo"))]


def test_a_logo_that_cannot_be_decoded_is_left_out() -> None:
    files = as_files(site(a_catalogue([], site_files=SiteFiles(logo=b"\x89PNG nonsense"))))
    assert "assets/logo.webp" not in files
    assert b"assets/mark.svg" in files["index.html"]


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_text_on_an_accent_can_be_read_whatever_it_is(light: int, dark: int) -> None:
    style = style_of(Accent(light=f"#{light:06x}", dark=f"#{dark:06x}"))
    tokens = {
        line.split(":")[0].strip().removeprefix("--"): line.split("(")[1].rstrip(");").split(", ")
        for line in style.splitlines()
        if line.startswith("  --")
    }
    for theme in (0, 1):
        assert contrast(tokens["on-accent"][theme], tokens["accent"][theme]) >= ENOUGH_FOR_TEXT
        assert contrast("#c4d8d0", tokens["deep"][theme]) >= ENOUGH_FOR_TEXT
        assert contrast("#f1f6f3", tokens["deep"][theme]) >= ENOUGH_FOR_TEXT
