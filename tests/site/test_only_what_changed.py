"""Making only what changed gives the same bytes as making everything, whatever changed, in whatever order."""

from __future__ import annotations

import atexit
import random
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from busy_catalogue import busy_input, busy_plugins
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
from pluginry.encoding.data_folder import data_folder
from pluginry.errors import DocumentError
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.listing import LocalText, Screenshot, Status
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.registry import Category, Tombstone
from pluginry.model.site_settings import SiteFiles, SiteSettings
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.fingerprint import Fingerprints
from pluginry.publisher.glances import Glances
from pluginry.publisher.inventory import Inventory, body_of
from pluginry.publisher.pages.badges import BADGES
from pluginry.publisher.pages.companions import companions
from pluginry.publisher.pages.embed import embedded_cards
from pluginry.publisher.pages.excerpts import SHARED, Excerpts
from pluginry.publisher.pages.feeds import plugin_feeds
from pluginry.publisher.pages.find_data import find_data
from pluginry.publisher.pages.kept_pictures import KeptPictures
from pluginry.publisher.pages.lists import list_pages
from pluginry.publisher.pages.own_look import frame_of
from pluginry.publisher.pages.plugin_pages import plugin_pages
from pluginry.publisher.pages.plugin_pictures import pictures_of
from pluginry.publisher.pages.renderer import Renderer
from pluginry.publisher.pages.social_cards import social_cards
from pluginry.publisher.pages.view import view_of
from pluginry.publisher.reuse import AFRESH, Afresh, Reuse
from pluginry.publisher.site import site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pluginry.model.published import PublishedObject
    from pluginry.publisher.site import CatalogueInput


@dataclass
class Publisher:
    """Publishes into ``files``, as one does who remembers what was made of what."""

    files: dict[str, bytes] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def publish(self, objects: Callable[[Afresh], Iterable[PublishedObject]]) -> int:
        """Publish and return how many objects were made for it."""
        marks = {key: sha256(body).hexdigest() for key, body in self.files.items()}
        reuse = Reuse(self.units, Inventory(marks=marks, is_complete=True), shared=SHARED)
        made = {one.key: body_of(one) for one in objects(reuse)}
        self.files |= made
        self.units = reuse.units
        return len(made)

    def differences(self, expected: Mapping[str, bytes]) -> list[str]:
        """Return the keys of what is not as `expected`."""
        return [key for key, body in expected.items() if self.files.get(key) != body]


@cache
def short_docs() -> SiteFiles:
    """Return files of an operator whose documentation is short: nobody reads it here."""
    names = (path.name for path in (data_folder("site_templates") / "docs").glob("*.md"))
    return SiteFiles(templates={f"docs/{name}": b"# Nothing\n" for name in names})


@contextmanager
def whatever(_plugin: PluginId, _doing: str) -> Iterator[None]:
    """Let the others go on: many a change of a single field makes no sense."""
    with suppress(Exception):  # that there are pages in its place is what is compared
        yield


@cache
def a_drawer() -> KeptPictures:
    """Return who draws the same picture once."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    return KeptPictures(Path(folder.name))


def everything(given: CatalogueInput, reuse: Afresh = AFRESH) -> Iterator[PublishedObject]:
    """Yield the whole catalogue."""
    yield from site(given, rescuing=whatever, reuse=reuse, drawing=a_drawer())


def some_pages(given: CatalogueInput, reuse: Afresh = AFRESH) -> Iterator[PublishedObject]:
    """Yield the pages about plugins, what lies beside them, and the pages that list them."""
    view = view_of(given)
    entries, drawing = given.registry.plugins, a_drawer()
    view = replace(view, pictures={plugin: pictures_of(entries[plugin], drawing)[0] for plugin in view.cards})
    renderer = Renderer(frame_of(given.registry, given.policy.instance), given.registry.site.templates)
    yield from plugin_pages(view, renderer, whatever, reuse)
    kinds = (social_cards(drawing), BADGES, embedded_cards(renderer), plugin_feeds())
    yield from companions(view, kinds, whatever, reuse, look=renderer.made_of)
    yield from list_pages(view, renderer, reuse)
    yield from find_data(view, reuse)


def changes(value: Any) -> Iterator[Any]:
    """Yield `value` with one thing changed in it, for each thing in it."""
    if is_dataclass(value) and not isinstance(value, Version | VersionRange | PluginId | Digest):
        for one in fields(value):
            for other in changes(getattr(value, one.name)) if one.init else ():
                with suppress(DocumentError):  # no such thing can be
                    yield replace(value, **{one.name: other})
    elif isinstance(value, tuple):
        yield from ((*value[:at], other, *value[at + 1 :]) for at, one in enumerate(value) for other in changes(one))
        yield from [value[1:]] if value else []
    elif hasattr(value, "items"):
        yield from ({**value, key: other} for key, one in value.items() for other in changes(one))
    else:
        yield from one_other(value)


OTHERS: dict[type, Callable[[Any], Any]] = {
    bool: lambda value: not value,
    Platform: lambda value: Platform("any" if value != "any" else "linux-x86_64"),
    Name: lambda _: Name("other"),
    str: lambda value: f"{value} other",
    int: lambda value: value + 1,
    datetime: lambda value: value + timedelta(days=400),
    PluginId: lambda _: PluginId.parse("acme/dns-cache"),
    Version: lambda _: Version("7.7.7"),
    VersionRange: lambda _: VersionRange(">=0.5"),
    Digest: lambda _: Digest.of(b"other"),
}


def one_other(value: Any) -> Iterator[Any]:
    """Yield another value of the same kind."""
    if isinstance(value, Enum):
        members = list(type(value))
        yield members[(members.index(value) + 1) % len(members)]
    elif value is not None and not isinstance(value, bytes):
        yield next(OTHERS[kind](value) for kind in type(value).__mro__ if kind in OTHERS)


def small_input() -> CatalogueInput:
    """Return a catalogue of few plugins, which name each other."""
    spam, cache_, *_ = busy_plugins()
    spam = replace(spam, releases=spam.releases[1:3])
    cache_ = replace(cache_, releases=cache_.releases[:1])
    given = busy_input([spam, cache_], advisories=(an_advisory(),), tombstones=())
    site_settings = replace(given.registry.config.site, social_cards=True)
    config = replace(given.registry.config, base_url="https://plugins.example", site=site_settings)
    return replace(given, registry=replace(given.registry, config=config), rules=())


def with_one_change(given: CatalogueInput) -> Iterator[tuple[str, CatalogueInput]]:
    """Yield inputs that differ from `given` in one field of anything that pages could show."""
    registry, spam = given.registry, PluginId.parse("acme/spam-filter")
    entry = registry.plugins[spam]
    release = given.records[spam].releases[0]
    manifest, facts = release.manifest.sha256, release.facts.sha256
    for name in ("config", "hosts", "namespaces", "advisories"):
        for other in changes(getattr(registry, name)):
            yield name, replace(given, registry=replace(registry, **{name: other}))
    for other in changes(replace(entry, icon=None, screenshots={})):
        yield "plugin", replace(given, registry=replace(registry, plugins={**registry.plugins, spam: other}))
    for other in changes(given.records[spam]):
        yield "record", replace(given, records={**given.records, spam: other})
    for other in changes(given.manifests[manifest]):
        yield "manifest", replace(given, manifests={**given.manifests, manifest: other})
    for other in changes(given.facts[facts]):
        yield "facts", replace(given, facts={**given.facts, facts: other})
    for other in changes(given.summaries):
        yield "summary", replace(given, summaries=other)
    for other in changes(given.policy):
        yield "policy", replace(given, policy=other)


def as_it_is(given: CatalogueInput) -> CatalogueInput:
    """Return `given`, of whose plugins nothing is known beforehand."""
    return given


def by_name(given: CatalogueInput, documents: str = "") -> CatalogueInput:
    """Return `given` as after a publication: each plugin has a glance, with a name for all that it is made of."""
    registry, names = given.registry, Fingerprints()
    refs = {plugin: BlobRef.of(names.of(record).encode()) for plugin, record in given.records.items()}
    index: Any = SimpleNamespace(refs=refs, records=given.records, summaries=given.summaries)
    made_of = {
        plugin: f"{names.of((entry, registry.namespaces.get(plugin.namespace)))}{documents}"
        for plugin, entry in registry.plugins.items()
    }
    return replace(given, glances=Glances(registry=registry, index=index, made_of=made_of).all())


def at_a_glance(given: CatalogueInput) -> CatalogueInput:
    """Return `given` with names for the documents too: here they change under the same digest."""
    documents = Fingerprints().of((given.manifests, given.facts))
    named = by_name(given, documents)
    return replace(
        named,
        glances={plugin: replace(one, listed=f"{one.listed}{documents}") for plugin, one in named.glances.items()},
    )


@cache
def published(
    known: Callable[[CatalogueInput], CatalogueInput],
) -> tuple[CatalogueInput, Publisher, tuple[tuple[str, CatalogueInput], ...]]:
    """Return an input, who published it, and every input that differs from it in one field."""
    given = small_input()
    publisher = Publisher()
    publisher.publish(lambda reuse: some_pages(known(given), reuse))
    return known(given), publisher, tuple(with_one_change(given))


def unseen(known: Callable[[CatalogueInput], CatalogueInput], number: int) -> list[str]:
    """Return the keys of pages that are not as they should be after the change with this number."""
    _, first, cases = published(known)
    _, other = cases[number % len(cases)]
    publisher = Publisher(dict(first.files), first.units)
    try:
        expected = {one.key: body_of(one) for one in some_pages(other)}
    except Exception:  # noqa: BLE001 - an input that can be no catalogue at all
        return []
    publisher.publish(lambda reuse: some_pages(known(other), reuse))
    return publisher.differences(expected)


def test_a_change_of_any_single_field_is_seen_wherever_it_is_shown() -> None:
    _, _, cases = published(at_a_glance)
    assert len(cases) > 200
    for number, (what, _) in enumerate(cases):
        assert unseen(at_a_glance, number) == [], (number, what)


@settings(max_examples=60)
@given(number=st.integers(0, 10**6))
def test_a_change_of_some_field_is_seen_where_plugins_have_no_names(number: int) -> None:
    assert unseen(as_it_is, number) == []


@pytest.mark.parametrize("known", [as_it_is, at_a_glance])
def test_what_did_not_change_is_not_made_again(known: Callable[[CatalogueInput], CatalogueInput]) -> None:
    given, first, _ = published(known)
    publisher = Publisher(dict(first.files), first.units)
    assert publisher.publish(lambda reuse: some_pages(given, reuse)) == 1  # a table
    assert publisher.files == first.files


def test_what_is_given_to_the_pages_of_a_plugin_is_all_that_they_show() -> None:
    given = busy_input()
    view = view_of(given)
    view = replace(view, pictures={plugin: pictures_of(given.registry.plugins[plugin])[0] for plugin in view.cards})
    for card in view.cards.values():
        excerpt = Excerpts(view).about(card).view
        assert set(excerpt.given.records) == {card.id}
        assert set(excerpt.cards) < set(view.cards)
        assert excerpt.given.serial != given.serial
        assert excerpt.by_host == {}


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
