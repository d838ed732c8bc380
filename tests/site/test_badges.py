"""Badges and cards for other sites: what they say, that nobody's name breaks them, and what authors copy."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogues import APlugin, ARelease, a_catalogue, a_config, a_listing, an_advisory, as_files
from html_reader import read_page, target_of
from pluginry.model.headers import EMBEDDED_POLICY
from pluginry.model.status import Status
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.badges import BADGES, Badge, Tone, drawn
from pluginry.publisher.pages.colours import contrast
from pluginry.publisher.pages.companions import companions
from pluginry.publisher.pages.edition import Edition
from pluginry.publisher.pages.view import view_of
from pluginry.publisher.site import CatalogueInput, site
from site_corpus import PAYLOADS, a_poisoned_input

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.names import PluginId

SVG = "{http://www.w3.org/2000/svg}"
PLUGIN = "acme/spam-filter"
ENOUGH_FOR_TEXT = 4.5


class Rescue:
    """Lets the errors of a mistake go by, and remembers what was being done."""

    def __init__(self) -> None:
        self.doing: list[str] = []

    @contextmanager
    def __call__(self, plugin: PluginId, doing: str) -> Iterator[None]:
        try:
            yield
        except (AttributeError, TypeError):
            assert str(plugin)
            self.doing.append(doing)


def parsed(body: bytes) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314 - our own bytes


def texts_of(body: bytes) -> list[str]:
    return [node.text or "" for node in parsed(body).iter(f"{SVG}text")]


def badges_of(given_: CatalogueInput, plugin: str = PLUGIN) -> dict[str, list[str]]:
    files = as_files(site(given_))
    prefix = f"badges/{plugin}/"
    return {key[len(prefix) : -4]: texts_of(body) for key, body in files.items() if key.startswith(prefix)}


def card_of(given_: CatalogueInput, plugin: str = PLUGIN) -> str:
    return as_files(site(given_))[f"embed/{plugin}/card.html"].decode()


def svgs(files: Mapping[str, bytes]) -> Iterator[bytes]:
    return (body for key, body in files.items() if key.startswith("badges/"))


def test_a_badge_names_version_signature_and_licence() -> None:
    market = a_catalogue([APlugin(id=PLUGIN, listing=a_listing(license="Apache-2.0"))], config=a_config(name="Shop"))
    shown = badges_of(market)
    assert shown.keys() == {"version", "signature", "licence"}
    assert shown["version"] == ["Shop", "1.0.0"]
    assert shown["licence"] == ["licence", "Apache-2.0"]
    assert shown["signature"] == ["signature", "published"]


def test_a_signature_that_is_not_there_is_not_claimed() -> None:
    market = a_catalogue([APlugin(id=PLUGIN, releases=(ARelease(is_attested=False),))])
    assert badges_of(market)["signature"][1] == "none"


def test_what_was_withdrawn_blocked_or_given_up_says_so_on_badge_and_card() -> None:
    withdrawn = a_catalogue([APlugin(id=PLUGIN, releases=(ARelease(yanked="Loses mail"),))])
    given_up = a_catalogue([APlugin(id=PLUGIN, listing=a_listing(status=Status.DEPRECATED))])
    blocked = a_catalogue([APlugin(id=PLUGIN)], advisories=(an_advisory(PLUGIN),))
    for market, word in ((withdrawn, "withdrawn"), (given_up, "deprecated"), (blocked, "blocked")):
        assert badges_of(market)["version"][1] == f"1.0.0 {word}"
        assert word in card_of(market)
    assert badges_of(withdrawn)["signature"][1] == "withdrawn"
    assert "deprecated" not in card_of(withdrawn)


def test_addresses_of_removed_plugins_stay_and_say_that_they_are_gone(
    busy: CatalogueInput, files: Mapping[str, bytes]
) -> None:
    assert "plugins/evil/miner/index.html" in files
    for kind in ("version", "signature", "licence"):
        assert texts_of(files[f"badges/evil/miner/{kind}.svg"])[1] == "removed"
    assert "removed" in files["embed/evil/miner/card.html"].decode()
    assert len(list(svgs(files))) == 3 * (len([key for key in files if key.startswith("embed/")]))
    assert busy.records


def test_badges_speak_to_screen_readers_and_load_and_run_nothing(files: Mapping[str, bytes]) -> None:
    for body in svgs(files):
        root = parsed(body)
        assert root.tag == f"{SVG}svg"
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"] == root.findtext(f"{SVG}title")
        assert {node.tag for node in root.iter()} <= {
            f"{SVG}{tag}" for tag in ("svg", "title", "rect", "path", "g", "text")
        }
        assert not [name for node in root.iter() for name in node.attrib if "href" in name or name.startswith("on")]
        assert len(body) < 2000


def test_the_texts_of_a_badge_do_not_overlap(files: Mapping[str, bytes]) -> None:
    for body in svgs(files):
        left, right = parsed(body).iter(f"{SVG}text")
        width = float(parsed(body).attrib["width"])
        assert float(left.attrib["x"]) + float(left.attrib["textLength"]) < float(right.attrib["x"])
        assert float(right.attrib["x"]) + float(right.attrib["textLength"]) < width


@pytest.mark.parametrize("tone", list(Tone))
def test_white_can_be_read_on_every_tone(tone: Tone) -> None:
    assert contrast("#ffffff", tone) >= ENOUGH_FOR_TEXT
    assert contrast("#ffffff", "#3a4540") >= ENOUGH_FOR_TEXT


@given(label=st.text(max_size=80), message=st.text(max_size=80))
def test_any_text_makes_valid_xml_that_says_it_in_one_line(label: str, message: str) -> None:
    body = drawn(Badge(label=label, message=message, tone=Tone.PLAIN, says=f"{label}: {message}"))
    for text in (*texts_of(body), parsed(body).attrib["aria-label"]):
        assert "\n" not in text
        assert len(text) <= 40 or text == parsed(body).attrib["aria-label"]


@pytest.mark.parametrize("name", ["script", "attribute", "entity", "controls"])
def test_hostile_names_stay_text_in_badges_and_cards(name: str) -> None:
    files = as_files(site(a_poisoned_input(PAYLOADS[name], keep=frozenset({"id", "categories", "tags"}))))
    assert list(svgs(files))
    for body in svgs(files):
        assert {node.tag for node in parsed(body).iter()} <= {
            f"{SVG}{tag}" for tag in ("svg", "title", "rect", "path", "g", "text")
        }
    for key, body in files.items():
        if key.startswith("embed/"):
            page = read_page(body)
            assert page.errors == []
            assert page.all("script") == []


def test_a_card_has_no_script_its_own_policy_and_leads_to_the_plugin(files: Mapping[str, bytes]) -> None:
    key = f"embed/{PLUGIN}/card.html"
    page = read_page(files[key])
    assert page.all("script") == []
    assert [m.attributes["content"] for m in page.all("meta") if "http-equiv" in m.attributes] == [EMBEDDED_POLICY]
    targets = {target_of(key, link.attributes["href"])[0] for link in page.all("a")}
    assert targets == {f"plugins/{PLUGIN}/index.html", "index.html"}
    assert all(link.attributes["target"] == "_blank" for link in page.all("a"))


def test_cards_have_the_accent_of_the_operator(files: Mapping[str, bytes]) -> None:
    styles = [link.attributes["href"] for link in read_page(files[f"embed/{PLUGIN}/card.html"]).all("link")]
    assert any(style.endswith(addresses.EMBED_STYLE) for style in styles)
    assert any(style.endswith(addresses.ACCENT_STYLE) for style in styles) == (addresses.ACCENT_STYLE in files)


def test_lines_to_copy_are_absolute_where_the_marketplace_knows_its_address() -> None:
    known = a_catalogue([APlugin(id=PLUGIN)], config=a_config(base_url="https://plugins.example/market/"))
    files = as_files(site(known))
    page = read_page(files[f"plugins/{PLUGIN}/index.html"])
    copied = " ".join(code.text for code in page.all("code"))
    base = "https://plugins.example/market"
    assert f"[![{PLUGIN}: version]({base}/badges/{PLUGIN}/version.svg)]({base}/plugins/{PLUGIN}/index.html)" in copied
    assert f'<iframe src="{base}/embed/{PLUGIN}/card.html"' in copied
    for kind in ("version", "signature", "licence"):
        assert f"badges/{PLUGIN}/{kind}.svg" in files
    unknown = as_files(site(a_catalogue([APlugin(id=PLUGIN)])))[f"plugins/{PLUGIN}/index.html"].decode()
    assert "https://ADDRESS-OF-THE-MARKETPLACE/badges/" in unknown
    assert "does not know its own address" in unknown


def test_a_plugin_that_cannot_be_drawn_keeps_its_addresses(busy: CatalogueInput, files: Mapping[str, bytes]) -> None:
    unlucky: PluginId = next(iter(busy.records))
    entry = busy.registry.plugins[unlucky]
    listing = replace(entry.listing, license=None)  # type: ignore[arg-type] - what a mistake would do
    plugins = {**busy.registry.plugins, unlucky: replace(entry, listing=listing)}
    rescue = Rescue()
    view = view_of(replace(busy, registry=replace(busy.registry, plugins=plugins)))
    drawn_ = as_files(companions(Edition(view), [BADGES], rescue))
    assert rescue.doing == ["drawing its badges"]
    assert drawn_.keys() == {key for key in files if key.startswith("badges/")}
    assert texts_of(drawn_[addresses.badge(unlucky, "licence")])[1] == "unknown"


def test_equal_input_gives_equal_bytes(busy: CatalogueInput, files: Mapping[str, bytes]) -> None:
    again = as_files(site(busy))
    assert {key: again[key] for key in files if key.startswith(("badges/", "embed/"))} == {
        key: body for key, body in files.items() if key.startswith(("badges/", "embed/"))
    }
