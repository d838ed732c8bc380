"""What is made of nothing but some plugins stays while they are the same, and while nobody comes, goes or moves."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from catalogues import APlugin, ARelease, a_catalogue, a_config, a_listing, an_advisory, as_files
from incremental_site import Publisher, by_name, everything, short_docs
from pluginry.model.listing import LocalText
from pluginry.model.names import PluginId
from pluginry.model.published import json_page
from pluginry.model.quarantine import Fault, Quarantined
from pluginry.model.registry import Tombstone
from pluginry.model.status import Status
from pluginry.publisher.inventory import Inventory, mark_of
from pluginry.publisher.pages.edition import Edition
from pluginry.publisher.pages.languages import Language
from pluginry.publisher.pages.view import view_of
from pluginry.publisher.reuse import Reuse

if TYPE_CHECKING:
    from pluginry.publisher.site import CatalogueInput

ONE = APlugin(id="acme/one", listing=a_listing(name="One", tags=("mail",)), readme="# One\n")
TWO = APlugin(id="acme/two", listing=a_listing(name="Two", tags=("mail",)))
LONER = APlugin(id="zoo/loner", listing=a_listing(name="Loner", tags=("paper",)))
GERMAN = Language(tag="de", title="Deutsch", prefix="de/")
PAGE = json_page("page.json", b"{}")
STORED = Inventory(marks={key: mark_of(PAGE) for key in (PAGE.key, "other.json")}, is_complete=True)
UNIT, OF_ONE = "unit", ("acme/one",)


def catalogue(*plugins: APlugin, **more: Any) -> CatalogueInput:
    return by_name(a_catalogue(plugins, **more))


def published(given: CatalogueInput, *, undrawn: frozenset[PluginId] = frozenset()) -> Reuse:
    """Return what is remembered of an edition of `given` with one unit."""
    reuse = Reuse({})
    edition_of(given, reuse, undrawn=undrawn)
    tell = reuse.begin(UNIT, "this")
    assert tell is not None
    tell([PAGE])
    return reuse


def edition_of(
    given: CatalogueInput, reuse: Reuse, *, undrawn: frozenset[PluginId] = frozenset(), language: Language | None = None
) -> Edition:
    view = view_of(given, language) if language else view_of(given)
    return Edition(replace(view, undrawn=undrawn), reuse)


def next_edition(before: CatalogueInput, now: CatalogueInput, **how: Any) -> Edition:
    return edition_of(now, Reuse(published(before).units, STORED), **how)


def stays(edition: Edition, plugin: str = "acme/one") -> tuple[bool, bool, bool]:
    """Return whether what is made of a plugin alone stays, what is made of it on its lists, and a list of it alone."""
    card = edition.view.cards[PluginId.parse(plugin)]
    return edition.keeps_alone(UNIT, (plugin,)), edition.keeps(UNIT, (plugin,)), edition.keeps_list(UNIT, (card,))


def test_all_stays_where_nothing_happened() -> None:
    given = catalogue(ONE, TWO)
    edition = next_edition(given, given)
    assert stays(edition) == (True, True, True)
    assert edition.keeps(UNIT, ("acme/one", "acme/two"))
    assert edition.reuse.units == published(given).units


def test_what_is_not_published_does_not_stay() -> None:
    given = catalogue(ONE, TWO)
    reuse = published(given)
    assert stays(edition_of(given, Reuse(reuse.units, Inventory(is_complete=True)))) == (False, False, False)
    assert not edition_of(given, Reuse(reuse.units, STORED)).keeps("another", OF_ONE)


def test_what_is_made_of_who_is_unknown_or_of_nobody_does_not_stay_on_lists() -> None:
    given = catalogue(ONE, TWO)
    edition = next_edition(given, given)
    assert not edition.keeps(UNIT, (*OF_ONE, "acme/three"))
    assert not edition.keeps_list(UNIT, ())


@pytest.mark.parametrize(
    "other",
    [
        replace(TWO, readme="# Other\n"),
        replace(TWO, releases=(ARelease(), ARelease(version="2.0.0"))),
        replace(TWO, listing=replace(TWO.listing, summary="Other")),
    ],
    ids=["readme", "release", "summary"],
)
def test_news_of_a_plugin_concern_only_what_is_made_of_it(other: APlugin) -> None:
    edition = next_edition(catalogue(ONE, TWO), catalogue(ONE, other))
    assert stays(edition) == (True, True, True)
    assert stays(edition, "acme/two") == (False, False, False)
    assert not edition.keeps(UNIT, ("acme/one", "acme/two"))


@pytest.mark.parametrize(
    "now",
    [
        (ONE,),
        (ONE, TWO, LONER),
        (ONE, replace(TWO, listing=replace(TWO.listing, tags=("paper",)))),
        (ONE, replace(TWO, listing=replace(TWO.listing, name="A first one"))),
        (ONE, replace(TWO, listing=replace(TWO.listing, name="Xenon"))),
        (ONE, replace(TWO, listing=replace(TWO.listing, locales={"de": LocalText(name="Xenon", summary="Ein Ding")}))),
        (ONE, replace(TWO, listing=replace(TWO.listing, language="de"))),
        (ONE, replace(TWO, listing=replace(TWO.listing, status=Status.DEPRECATED, reason="Old."))),
        (ONE, replace(TWO, listing=replace(TWO.listing, hosts=()))),
        (ONE, replace(TWO, listing=replace(TWO.listing, categories=()))),
        (ONE, replace(TWO, listing=replace(TWO.listing, related=(PluginId.parse("acme/one"),)))),
        (ONE, replace(TWO, releases=(ARelease(dependencies={"acme/one": "*"}),))),
        (ONE, replace(TWO, releases=(ARelease(yanked="It was bad."),))),
        (ONE, replace(TWO, releases=(ARelease(day=3),))),
    ],
    ids=[
        "gone",
        "new",
        "tags",
        "order",
        "name",
        "translation",
        "language",
        "status",
        "hosts",
        "categories",
        "related",
        "needs",
        "nothing offered",
        "first release",
    ],
)
def test_who_comes_goes_or_moves_concerns_all_lists_and_nothing_that_is_made_of_others_alone(
    now: tuple[APlugin, ...],
) -> None:
    assert stays(next_edition(catalogue(ONE, TWO), catalogue(*now))) == (True, False, False)


@pytest.mark.parametrize(
    "other",
    [
        replace(TWO, listing=replace(TWO.listing, summary="Something else")),
        replace(TWO, listing=replace(TWO.listing, name="Twofold")),
        replace(TWO, listing=replace(TWO.listing, tags=("paper",), categories=())),
    ],
    ids=["summary", "name", "tags"],
)
def test_pages_lists_and_feeds_change_with_who_stands_on_them(other: APlugin) -> None:
    before = catalogue(ONE, TWO, LONER, site_files=short_docs())
    now = catalogue(ONE, other, LONER, site_files=short_docs())
    publisher, expected = Publisher(), as_files(everything(now))
    publisher.publish(partial(everything, before))
    page = publisher.files["plugins/acme/one/index.html"]
    publisher.publish(partial(everything, now))
    assert publisher.differences(expected) == []
    assert publisher.files["plugins/acme/one/index.html"] != page, "it shows the other one"


def test_a_warning_that_comes_or_goes_is_seen() -> None:
    quiet, warned = catalogue(ONE, TWO), catalogue(ONE, TWO, advisories=(an_advisory("acme/one"),))
    other = catalogue(ONE, TWO, advisories=(replace(an_advisory("acme/one"), summary="Other"),))
    for before, now in ((quiet, warned), (warned, quiet), (warned, other)):
        edition = next_edition(before, now)
        assert stays(edition) == (False, False, False)
        assert stays(edition, "acme/two") == (True, False, False), "who stands beside it is looked at again"
    assert stays(next_edition(warned, warned)) == (True, True, True)


def test_a_release_whose_signatures_count_no_more_is_seen() -> None:
    given = catalogue(ONE, TWO)
    item = Quarantined(id=PluginId.parse("acme/one"), kind=Fault.AUTHOR, reason="Nobody signed it.")
    refused = replace(given, refused=(item,))
    for before, now in ((given, refused), (refused, given)):
        assert stays(next_edition(before, now)) == (False, False, False)
    assert stays(next_edition(refused, refused)) == (True, True, True)


def test_who_names_a_plugin_that_is_gone_is_looked_at_each_time() -> None:
    needing = replace(ONE, releases=(ARelease(dependencies={"acme/old": "*"}),))
    tombstone = Tombstone(id=PluginId.parse("acme/old"), reason="It was bad.")
    given = catalogue(needing, TWO, tombstones=(tombstone,))
    edition = next_edition(given, given)
    assert stays(edition) == (False, False, False)
    assert stays(edition, "acme/two") == (True, True, True)


def test_who_was_not_drawn_is_made_again_until_it_is() -> None:
    given, undrawn = catalogue(ONE, TWO), frozenset({PluginId.parse("acme/one")})
    assert stays(next_edition(given, given, undrawn=undrawn)) == (False, False, False)
    units = published(given, undrawn=undrawn).units
    assert stays(edition_of(given, Reuse(units, STORED))) == (False, False, False)


def test_what_all_pages_show_concerns_all() -> None:
    before, now = catalogue(ONE), catalogue(ONE, config=a_config(name="Other"))
    assert stays(next_edition(before, now)) == (False, False, False)


def test_each_language_has_its_own_memory() -> None:
    given = catalogue(ONE)
    assert stays(next_edition(given, given, language=GERMAN)) == (False, False, False)


def test_of_whom_nothing_is_known_beforehand_nothing_stays() -> None:
    given = a_catalogue([ONE, TWO])
    edition = next_edition(given, given)
    assert stays(edition) == (False, False, False)
    assert set(edition.reuse.units) == set()
