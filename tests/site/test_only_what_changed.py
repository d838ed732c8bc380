"""A change of any single field is seen in every page that shows it, when only what changed is made."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from busy_catalogue import busy_input, busy_plugins
from catalogues import (
    an_advisory,
)
from incremental_site import Publisher, a_drawer, as_it_is, by_name, whatever
from pluginry.errors import DocumentError
from pluginry.model.digest import Digest
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.fingerprint import Fingerprints
from pluginry.publisher.inventory import body_of
from pluginry.publisher.pages.advisory_pages import advisory_pages
from pluginry.publisher.pages.badges import BADGES
from pluginry.publisher.pages.companions import companions
from pluginry.publisher.pages.edition import Edition
from pluginry.publisher.pages.embed import embedded_cards
from pluginry.publisher.pages.excerpts import Excerpts
from pluginry.publisher.pages.feeds import plugin_feeds
from pluginry.publisher.pages.find_data import find_data
from pluginry.publisher.pages.lists import list_pages
from pluginry.publisher.pages.own_look import frame_of
from pluginry.publisher.pages.plugin_pages import plugin_pages
from pluginry.publisher.pages.plugin_pictures import pictures_of
from pluginry.publisher.pages.renderer import Renderer
from pluginry.publisher.pages.social_cards import social_cards
from pluginry.publisher.pages.view import view_of
from pluginry.publisher.reuse import AFRESH, Afresh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.model.published import PublishedObject
    from pluginry.publisher.site import CatalogueInput


def some_pages(given: CatalogueInput, reuse: Afresh = AFRESH) -> Iterator[PublishedObject]:
    """Yield the pages about plugins, what lies beside them, the pages that list them, and advisories."""
    view = view_of(given)
    entries, drawing = given.registry.plugins, a_drawer()
    view = replace(view, pictures={plugin: pictures_of(entries[plugin], drawing)[0] for plugin in view.cards})
    renderer = Renderer(frame_of(given.registry, given.policy.instance), given.registry.site.templates)
    edition = Edition(view, reuse, renderer.made_of)
    yield from plugin_pages(edition, renderer, whatever)
    kinds = (social_cards(drawing), BADGES, embedded_cards(renderer), plugin_feeds())
    yield from companions(edition, kinds, whatever)
    yield from list_pages(edition, renderer)
    yield from find_data(edition)
    yield from advisory_pages(view, renderer, *edition.without_plugins())


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
