"""All that lies beside a plugin's page is one unit: made and left alone together, and tried again after a mistake."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from catalogues import APlugin, a_catalogue, a_config, a_listing, a_picture, as_files
from pluginry.model.names import PluginId
from pluginry.model.site_settings import SiteSettings
from pluginry.publisher.inventory import Inventory
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.badges import BADGES, KINDS
from pluginry.publisher.pages.companions import Companion, companions
from pluginry.publisher.pages.edition import Edition
from pluginry.publisher.pages.feeds import plugin_feeds
from pluginry.publisher.pages.kept_pictures import NOT_KEPT
from pluginry.publisher.pages.social_cards import social_cards
from pluginry.publisher.pages.view import view_of
from pluginry.publisher.reuse import Reuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.model.published import PublishedObject

ONE, TWO = APlugin(id="acme/one"), APlugin(id="acme/two", listing=a_listing(name="Two"))
ALL = (BADGES, plugin_feeds(), social_cards(NOT_KEPT))


def made(
    plugins: Iterable[APlugin], kinds: Iterable[Companion] = ALL, before: Reuse | None = None, **files: bytes
) -> tuple[dict[str, bytes], Reuse]:
    """Return what is made when `files` are published that were made `before`."""
    config = a_config(base_url="https://plugins.example", site=SiteSettings(social_cards=True))
    marks = {key: sha256(body).hexdigest() for key, body in files.items()}
    reuse = Reuse(before.units if before else {}, Inventory(marks=marks, is_complete=True))
    return as_files(companions(Edition(view_of(a_catalogue(plugins, config=config)), reuse), kinds, whatever)), reuse


@contextmanager
def whatever(_plugin: PluginId, _doing: str) -> Iterator[None]:
    with suppress(ZeroDivisionError):
        yield


def keys_of(plugin: APlugin) -> set[str]:
    one = PluginId.parse(plugin.id)
    return {addresses.plugin_feed(one), addresses.plugin_card(one), *(addresses.badge(one, kind) for kind in KINDS)}


def test_what_is_made_of_one_plugin_changes_with_it_and_with_no_other() -> None:
    first, reuse = made([ONE, TWO])
    assert first.keys() == keys_of(ONE) | keys_of(TWO)
    assert len(reuse.units) == 2
    assert made([ONE, TWO], before=reuse, **first)[0] == {}
    described = replace(TWO, listing=a_listing(name="Second"))
    again, reuse = made([ONE, described], before=reuse, **first)
    assert again.keys() == keys_of(TWO)
    assert again == {key: body for key, body in made([ONE, described])[0].items() if key in again}
    assert reuse.skipped == len(keys_of(ONE))


def test_another_icon_is_seen_on_the_card() -> None:
    first, reuse = made([replace(ONE, icon=a_picture(colour="teal"))])
    again, _ = made([replace(ONE, icon=a_picture(colour="navy"))], before=reuse, **first)
    assert {key for key, body in again.items() if first[key] != body} == {addresses.plugin_card(PluginId.parse(ONE.id))}


def test_when_one_of_its_files_got_lost_all_of_a_plugin_are_made_again() -> None:
    first, reuse = made([ONE, TWO])
    left: Mapping[str, bytes] = {key: body for key, body in first.items() if not key.endswith("acme/one/card.png")}
    assert made([ONE, TWO], before=reuse, **left)[0].keys() == keys_of(ONE)


def test_what_went_wrong_is_tried_again_and_the_other_kinds_are_as_always() -> None:
    feeds, reuse = plugin_feeds(), None

    def unlucky(*_: object) -> Iterable[PublishedObject]:
        raise ZeroDivisionError

    for _ in range(2):
        files, reuse = made([ONE], [BADGES, replace(feeds, make=unlucky)], before=reuse)
        assert reuse.units == {}
        good = made([ONE], [BADGES, feeds])[0]
        assert {key for key in good if files[key] != good[key]} == {addresses.plugin_feed(PluginId.parse(ONE.id))}
        assert b"<entry>" not in files[addresses.plugin_feed(PluginId.parse(ONE.id))]
