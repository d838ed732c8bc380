"""Type and cache life of everything that is published are those that servers are told to send."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from busy_catalogue import busy_input
from memory_store import MemoryStore
from pluginry.encoding.data_folder import data_folder
from pluginry.model.advisory import Action
from pluginry.model.headers import (
    EMBEDDED,
    FOR_EVERYBODY,
    PAGE_POLICY,
    SAFETY,
    WORKER,
    cache_of,
    headers_of,
    headers_without,
)
from pluginry.model.published import MEDIA_TYPES, OTHER_TYPE, CachePolicy, media_type_of
from pluginry.publisher.site import site
from simulator import Simulator

if TYPE_CHECKING:
    from pluginry.model.published import PublishedObject

HASH = "0f" * 32


@dataclass(slots=True, kw_only=True)
class RememberingStore(MemoryStore):
    """Remembers what it was given, as it was given."""

    given: list[PublishedObject] = field(default_factory=list)

    def create(self, published: PublishedObject) -> bool:
        self.given.append(published)
        return MemoryStore.create(self, published)

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        self.given.append(published)
        MemoryStore.replace(self, published, expected=expected)


def everything_published() -> list[PublishedObject]:
    """Return a marketplace with packages, signatures, revocations and every kind of page."""
    market = Simulator()
    market.store = RememberingStore(location=market.location)
    market.release("acme/demo", platforms=["any", "linux-x86_64"])
    market.advise("PLG-2026-0001", "acme/demo", action=Action.DISABLE)
    market.publish()
    given = busy_input()
    config = replace(given.registry.config, base_url="https://plugins.example/")
    return [*market.store.given, *site(replace(given, registry=replace(given.registry, config=config)))]


def test_every_published_object_says_what_the_definition_says() -> None:
    given = everything_published()
    ends = {end for end in MEDIA_TYPES if any(published.key.endswith(end) for published in given)}
    assert ends == set(MEDIA_TYPES), "a kind of object that is never published needs no type"
    for published in given:
        assert (published.media_type, published.cache) == (media_type_of(published.key), cache_of(published.key))
        assert published.media_type != OTHER_TYPE, published.key


@pytest.mark.parametrize(
    "key",
    [
        f"v1/t/0f/{HASH}.json",
        f"v1/a/0f/{HASH}.sigstore.json",
        "v1/packages/acme/demo/1.0.0/demo-1.0.0.zip",
        f"v1/targets/index/{HASH}.root.json",
        "v1/metadata/1.root.json",
        "v1/metadata/4503599627370496.snapshot.json",
    ],
)
def test_what_never_changes_may_be_kept_for_ever_and_its_absence_for_a_minute(key: str) -> None:
    assert headers_of(key)["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers_without(key)["Cache-Control"] == "public, max-age=60, must-revalidate"


@pytest.mark.parametrize(
    "key",
    [
        "v1/metadata/timestamp.json",
        "v1/metadata/1.2.root.json",
        "v1/metadata/x.root.json",
        "v1/index.json",
        "v1/plugins/t/a.json",
        "v1/t.json",
        "plugins/v1/t/x.json",
        "packages/v1/index.html",
        "index.html",
        "404.html",
    ],
)
def test_everything_else_is_asked_for_again_after_a_minute(key: str) -> None:
    assert cache_of(key) is CachePolicy.SHORT


def test_pages_of_other_sites_may_read_what_is_for_programs_also_that_it_is_not_there() -> None:
    assert FOR_EVERYBODY.items() <= headers_of("v1/index.json").items()
    assert FOR_EVERYBODY.items() <= headers_without("v1/metadata/2.root.json").items()
    assert FOR_EVERYBODY.keys().isdisjoint(headers_of("index.html"))
    assert FOR_EVERYBODY.keys().isdisjoint(headers_of("v1x/index.json"))


@pytest.mark.parametrize("key", ["index.html", "v1/index.json", "assets/mark.svg"])
def test_every_answer_is_safe(key: str) -> None:
    assert SAFETY.items() <= headers_of(key).items()
    assert SAFETY.items() <= headers_without(key).items()


def test_only_cards_may_be_framed_and_they_run_nothing() -> None:
    card = headers_of("embed/acme/demo/card.html")["Content-Security-Policy"]
    assert card.endswith("; frame-ancestors *")
    assert "script-src" not in card
    for key in ("index.html", "plugins/acme/embed/index.html", "embed/acme/../card.html", "v1/embed/x.json"):
        assert headers_of(key)["Content-Security-Policy"].endswith("; frame-ancestors 'none'"), key
    assert EMBEDDED.items() <= headers_without("embed/acme/gone/card.html").items()


def test_only_the_search_in_readmes_may_run_webassembly() -> None:
    for key in ("text/pagefind-worker.js", "text/wasm.en.pagefind"):
        assert headers_of(key)["Content-Security-Policy"] == WORKER["Content-Security-Policy"]
    for key in ("index.html", "assets/text/x.js", "v1/text/x.js", "plugins/acme/text/index.html"):
        assert "wasm" not in headers_of(key)["Content-Security-Policy"], key


def test_pages_carry_the_policy_themselves_where_no_header_does() -> None:
    template = (data_folder("site_templates") / "base.html").read_text("utf-8")
    assert re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', template) == [PAGE_POLICY]
    assert '<meta name="referrer" content="no-referrer">' in template
    assert SAFETY["Content-Security-Policy"].startswith(PAGE_POLICY)
