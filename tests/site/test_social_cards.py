"""Cards show what can be written and nothing broken, whatever the texts; pages name those that are there."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from catalogues import APlugin, ARelease, a_catalogue, a_config, a_picture, as_files
from html_reader import read_page
from pluginry.model.names import PluginId
from pluginry.model.site_settings import Accent, SiteFiles, SiteSettings
from pluginry.publisher.pages import pictures
from pluginry.publisher.pages.social_card import SIZE, SocialCard, draw
from pluginry.publisher.site import site
from site_corpus import PAYLOADS

if TYPE_CHECKING:
    from html_reader import ReadPage

BASE = "https://plugins.example/market"
CARDS = SiteSettings(social_cards=True)
CARD = SocialCard(
    title=("Spam Filter",), market=("Harbour",), summary="Scores mail.", publisher="Acme", letter="s", hue=2
)


def opened(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body), formats=("PNG",))


def site_with(*plugins: APlugin, **config: object) -> dict[str, bytes]:
    return as_files(site(a_catalogue(plugins, config=a_config(**({"base_url": BASE} | config)))))


def said_on(page: ReadPage) -> dict[str, str]:
    metas = (e.attributes for e in page.all("meta"))
    return {(a.get("property") or a.get("name") or ""): a["content"] for a in metas if "content" in a}


class TestACard:
    def test_is_a_small_still_picture_of_the_size_that_sites_ask_for(self) -> None:
        body = draw(CARD)
        assert len(body) < 20_000
        assert opened(body).size == SIZE
        assert opened(body).mode == "P"
        assert opened(body).info == {}

    def test_is_the_same_bytes_for_the_same_card(self) -> None:
        assert draw(CARD) == draw(replace(CARD))

    @pytest.mark.parametrize(
        "changed",
        [
            {"title": ("Other",)},
            {"market": ("Other",)},
            {"summary": "Other."},
            {"publisher": "Other"},
            {"letter": "o"},
            {"hue": 3},
            {"accent": "#6a1b9a"},
        ],
        ids=str,
    )
    def test_shows_everything_that_it_holds(self, changed: dict[str, object]) -> None:
        assert draw(replace(CARD, **changed)) != draw(CARD)  # type: ignore[arg-type]  # fields by name

    def test_is_in_the_accent_of_the_marketplace(self) -> None:
        picture = opened(draw(replace(CARD, accent="#6a1b9a"))).convert("RGB")
        assert picture.getpixel((SIZE[0] - 1, SIZE[1] - 1)) == (0x6A, 0x1B, 0x9A)

    def test_shows_the_icon_in_its_colours(self) -> None:
        icon = pictures.icon(a_picture(colour="teal"))
        assert icon
        picture = opened(draw(replace(CARD, icon=icon.body))).convert("RGB")
        assert picture.getpixel((144, 134)) == (0, 128, 128)

    @pytest.mark.parametrize("title", ["Überblick", "日本語", "مرشح", "✉ Mail", "\ue000", "   ", ""])
    def test_shows_another_name_where_the_letters_are_missing(self, title: str) -> None:
        assert draw(replace(CARD, title=(title, "spam-filter"))) == draw(replace(CARD, title=("spam-filter",)))

    @pytest.mark.parametrize("text", ["Für alle.", "日本語", "\ufffe", "\U0001f600"])
    def test_leaves_out_what_it_cannot_write(self, text: str) -> None:
        assert draw(replace(CARD, summary=text, publisher=text)) == draw(replace(CARD, summary="", publisher=""))

    @pytest.mark.parametrize("payload", [*PAYLOADS.values(), "W" * 5_000, "i " * 5_000, "\n\t\u2028"])
    def test_holds_any_text(self, payload: str) -> None:
        card = replace(CARD, title=(payload, "x"), summary=payload, publisher=payload, market=(payload, "x"))
        assert opened(draw(card)).size == SIZE

    def test_keeps_text_on_the_card(self) -> None:
        """What is too long is cut off before the margin: nothing touches the border or runs into the band."""
        long = replace(CARD, title=("W" * 300,), summary="W" * 300, publisher="W" * 300, market=("W" * 300,))
        picture = opened(draw(long)).convert("RGB")
        right = picture.crop((SIZE[0] - 60, 0, SIZE[0], SIZE[1] - 104))
        above_band = picture.crop((0, SIZE[1] - 112, SIZE[0], SIZE[1] - 104))
        for part in (right, above_band):
            assert part.getcolors() == [(part.width * part.height, (255, 255, 255))]


class TestPages:
    def test_name_the_card_of_the_marketplace(self) -> None:
        files = site_with(APlugin(id="acme/one"))
        assert {key for key in files if key.endswith(".png")} == {"assets/card.png"}
        for key in ("index.html", "plugins/acme/one/index.html", "all/index.html"):
            said = said_on(read_page(files[key]))
            assert said["og:image"] == f"{BASE}/assets/card.png"
            assert (said["og:image:width"], said["og:image:height"]) == tuple(map(str, SIZE))
            assert said["twitter:card"] == "summary_large_image"

    def test_name_the_card_of_the_plugin_where_there_are_such(self) -> None:
        files = site_with(APlugin(id="acme/one"), site=CARDS)
        assert {key for key in files if key.endswith(".png")} == {"assets/card.png", "plugins/acme/one/card.png"}
        for key in ("plugins/acme/one/index.html", "plugins/acme/one/1.0.0/index.html"):
            assert said_on(read_page(files[key]))["og:image"] == f"{BASE}/plugins/acme/one/card.png"

    def test_name_none_where_the_address_is_not_known(self) -> None:
        files = site_with(APlugin(id="acme/one"), site=CARDS, base_url="")
        assert not [key for key in files if key.endswith(".png")]
        assert not said_on(read_page(files["plugins/acme/one/index.html"])).keys() & {
            "og:image",
            "og:url",
            "twitter:card",
        }

    def test_a_new_release_leaves_the_card_as_it_is(self) -> None:
        one = APlugin(id="acme/one", icon=a_picture())
        newer = replace(one, releases=(ARelease(), ARelease(version="1.1.0", day=4)))
        before, after = (site_with(plugin, site=CARDS)["plugins/acme/one/card.png"] for plugin in (one, newer))
        assert before == after

    def test_where_a_card_cannot_be_drawn_lies_that_of_the_marketplace(self) -> None:
        given = a_catalogue([APlugin(id="acme/one")], config=a_config(base_url=BASE, site=CARDS))
        plugin = PluginId.parse("acme/one")
        entry = replace(given.registry.plugins[plugin], icon=3)  # type: ignore[arg-type] - what a mistake would do
        broken = replace(given, registry=replace(given.registry, plugins={plugin: entry}))
        files = as_files(site(broken, rescuing=lambda _plugin, _doing: suppress(TypeError)))
        assert files["plugins/acme/one/card.png"] == files["assets/card.png"]

    def test_the_card_of_the_marketplace_shows_its_logo_and_its_place(self) -> None:
        bare = site_with()["assets/card.png"]
        config = a_config(base_url=BASE)
        logo = a_catalogue([], config=config, site_files=SiteFiles(logo=a_picture(colour="teal")))
        assert opened(as_files(site(logo))["assets/card.png"]).convert("RGB").getpixel((144, 134)) == (0, 128, 128)
        assert site_with(base_url="https://elsewhere.example/")["assets/card.png"] != bare
        assert site_with(site=SiteSettings(accent=Accent(light="#6a1b9a", dark="#d9a7f0")))["assets/card.png"] != bare
