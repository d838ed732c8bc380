"""Making only what changed gives the same bytes as making everything, whatever changed, in whatever order."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogues import (
    EPOCH,
    APlugin,
    ARelease,
    a_catalogue,
    a_config,
    a_host,
    a_listing,
    a_permission,
    a_picture,
    an_advisory,
    as_files,
)
from incremental_site import Publisher, as_it_is, by_name, everything, short_docs
from pluginry.model.listing import LocalText, Screenshot
from pluginry.model.names import PluginId
from pluginry.model.registry import Category, Tombstone
from pluginry.model.site_settings import SiteSettings
from pluginry.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.publisher.site import CatalogueInput


KNOWN = ("acme/spam", "acme/cache", "desk/clock", "desk/notes", "zoo/lion")
PLUGINS = st.sampled_from(KNOWN)


@dataclass
class Market:
    """A marketplace that things happen to."""

    plugins: dict[str, APlugin] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    host: str = "Mairust"
    footer: bytes | None = None
    languages: tuple[str, ...] = ("en",)

    def add(self, plugin: str, chance: random.Random) -> None:
        tags = tuple(chance.sample(["mail", "spam", "time", "paper"], 2))
        needs = {other: "*" for other in chance.sample(KNOWN, 1) if other != plugin}
        listing = a_listing(name=plugin.title(), tags=tags, related=tuple(map(PluginId.parse, needs)))
        self.plugins.setdefault(plugin, APlugin(id=plugin, listing=listing, releases=(ARelease(dependencies=needs),)))

    def remove(self, plugin: str, _chance: random.Random) -> None:
        if self.plugins.pop(plugin, None):
            self.removed = (*dict.fromkeys((*self.removed, plugin)),)

    def release(self, plugin: str, chance: random.Random) -> None:
        if one := self.plugins.get(plugin):
            fresh = ARelease(
                version=f"1.{len(one.releases)}.0",
                day=len(one.releases),
                permissions=(a_permission(),) if chance.random() < 0.5 else (),
                is_attested=chance.random() < 0.5,
            )
            self.plugins[plugin] = replace(one, releases=(*one.releases, fresh))

    def yank(self, plugin: str, chance: random.Random) -> None:
        if one := self.plugins.get(plugin):
            at = chance.randrange(len(one.releases))
            releases = [*one.releases]
            releases[at] = replace(releases[at], yanked=None if releases[at].yanked else "It was bad.")
            self.plugins[plugin] = replace(one, releases=tuple(releases))

    def describe(self, plugin: str, chance: random.Random) -> None:
        if one := self.plugins.get(plugin):
            self.plugins[plugin] = replace(one, readme=f"# {chance.choice(['More', 'Less'])}\n\nSee <b>here</b>.\n")

    def relist(self, plugin: str, chance: random.Random) -> None:
        if one := self.plugins.get(plugin):
            change: dict[str, Any] = chance.choice(
                [
                    {"name": f"Renamed {chance.randrange(99)}"},
                    {"tags": ("paper",)},
                    {"categories": ("interface",)},
                    {"status": Status.DEPRECATED, "reason": "Old."},
                    {"status": Status.ACTIVE},
                    {"status": Status.REMOVED, "reason": "It was bad."},
                    {"locales": {"de": LocalText(name=f"Ding {chance.randrange(99)}", summary="Ein Ding")}},
                ]
            )
            self.plugins[plugin] = replace(one, listing=replace(one.listing, **change))

    def draw(self, plugin: str, chance: random.Random) -> None:
        if one := self.plugins.get(plugin):
            picture = a_picture(16, 16, colour=chance.choice(["teal", "navy"]))
            shots = (Screenshot(file="a.png", alt="A"),)
            icon = None if one.icon else picture
            listing = replace(one.listing, screenshots=shots)
            self.plugins[plugin] = replace(one, icon=icon, listing=listing, screenshots={"a.png": picture})

    def warn(self, plugin: str, _chance: random.Random) -> None:
        self.advisories = tuple(dict.fromkeys((*self.advisories, plugin)))

    def configure(self, _plugin: str, chance: random.Random) -> None:
        titles = chance.choice([("Security", "Interface"), ("Safety", "Interface")])
        ids = ("security", "interface")
        categories = tuple(Category(id=name, title=title) for name, title in zip(ids, titles, strict=True))
        self.config = {"name": chance.choice(["Tools", "More tools"]), "categories": categories}

    def speak(self, _plugin: str, chance: random.Random) -> None:
        self.languages = chance.choice([("en",), ("en", "de"), ("de", "en")])

    def rename_host(self, _plugin: str, chance: random.Random) -> None:
        self.host = chance.choice(["Mairust", "Mairust Server"])

    def redesign(self, _plugin: str, chance: random.Random) -> None:
        self.footer = chance.choice([None, b"<footer>{{ frame.name }}</footer>"])

    def given(self) -> CatalogueInput:
        """Return all that the site is made of."""
        files = short_docs()
        if self.footer:
            files = replace(files, templates={**files.templates, "footer.html": self.footer})
        return a_catalogue(
            self.plugins.values(),
            hosts=(a_host(title=self.host),),
            advisories=tuple(
                an_advisory(plugin, id=f"PLG-2026-{number:04}") for number, plugin in enumerate(self.advisories, 1)
            ),
            tombstones=tuple(
                Tombstone(id=PluginId.parse(plugin), reason="Gone.", removed_at=EPOCH)
                for plugin in self.removed
                if plugin not in self.plugins
            ),
            config=a_config(**self.config, site=SiteSettings(languages=self.languages)),
            site_files=files,
        )


EVENTS = (
    Market.add,
    Market.remove,
    Market.release,
    Market.release,
    Market.yank,
    Market.describe,
    Market.relist,
    Market.draw,
    Market.warn,
    Market.configure,
    Market.speak,
    Market.rename_host,
    Market.redesign,
)


@pytest.mark.parametrize("known", [as_it_is, by_name])
@settings(max_examples=20)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from(EVENTS), PLUGINS), min_size=1, max_size=4), min_size=2, max_size=5),
    st.randoms(),
)
def test_after_any_history_everything_is_as_if_it_was_made_anew(
    known: Callable[[CatalogueInput], CatalogueInput],
    history: list[list[tuple[Callable[[Market, str, random.Random], None], str]]],
    chance: random.Random,
) -> None:
    market, publisher = Market(), Publisher()
    for plugin in KNOWN[:3]:
        market.add(plugin, chance)
    for step in [[], *history]:
        for event, plugin in step:
            event(market, plugin, chance)
        given_now = market.given()
        expected = as_files(everything(given_now))
        publisher.publish(partial(everything, known(given_now)))
        assert publisher.differences(expected) == []


def release_five(market: Market) -> None:
    market.release("plug/number-5", random.Random(1))  # noqa: S311 - the same in each run


def describe_five(market: Market) -> None:
    market.describe("plug/number-5", random.Random(1))  # noqa: S311 - the same in each run


@pytest.mark.parametrize(
    ("change", "most"),
    [(Market.given, 0.3), (release_five, 0.6), (describe_five, 0.4)],
    ids=["nothing", "a release", "a README"],
)
def test_little_is_made_for_a_small_change(change: Callable[[Market], None], most: float) -> None:
    market, publisher = Market(), Publisher()
    for number in range(20):
        name = f"plug/number-{number}"
        market.plugins[name] = APlugin(id=name, listing=a_listing(name=f"Number {number}"))
    publisher.publish(lambda reuse: everything(market.given(), reuse))
    change(market)
    assert publisher.publish(lambda reuse: everything(market.given(), reuse)) < most * len(publisher.files)
    assert publisher.differences(as_files(everything(market.given()))) == []
