from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from busy_catalogue import busy_input, busy_plugins
from catalogues import BUILT, APlugin, ARelease, a_catalogue, a_listing, as_files
from pluginry.publisher.site import CatalogueInput, site

if TYPE_CHECKING:
    from collections.abc import Mapping

K = TypeVar("K")
V = TypeVar("V")


def changed_between(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> set[str]:
    """Return the keys that came, went or changed."""
    return {key for key in {*before, *after} if before.get(key) != after.get(key)}


def test_the_same_input_gives_the_same_bytes(files: Mapping[str, bytes]) -> None:
    assert as_files(site(busy_input())) == files


def test_the_order_of_mappings_does_not_matter(busy: CatalogueInput, files: Mapping[str, bytes]) -> None:
    shuffled = random.Random(4)  # noqa: S311 - not for secrets

    def mixed(mapping: Mapping[K, V]) -> dict[K, V]:
        items = list(mapping.items())
        shuffled.shuffle(items)
        return dict(items)

    registry = replace(
        busy.registry,
        plugins=mixed(busy.registry.plugins),
        namespaces=mixed(busy.registry.namespaces),
        hosts=mixed(busy.registry.hosts),
    )
    other = replace(
        busy, registry=registry, records=mixed(busy.records), manifests=mixed(busy.manifests), facts=mixed(busy.facts)
    )
    assert as_files(site(other)) == files


def test_a_new_serial_and_time_change_only_the_page_about_the_marketplace(files: Mapping[str, bytes]) -> None:
    later = as_files(site(busy_input(serial=8, generated=BUILT + timedelta(days=3))))
    assert changed_between(files, later) == {"about/index.html"}


def test_a_new_release_changes_only_the_pages_that_mention_it(files: Mapping[str, bytes]) -> None:
    plugins = busy_plugins()
    cache = plugins[1]
    plugins[1] = replace(cache, releases=(*cache.releases, ARelease(version="1.9.0", day=100)))
    after = as_files(site(busy_input(plugins)))
    assert changed_between(files, after) == {
        "index.html",
        "all/index.html",
        "about/index.html",
        "categories/security/index.html",
        "tags/dns/index.html",
        "hosts/mairust/index.html",
        "publishers/acme/index.html",
        "plugins/acme/dns-cache/index.html",
        "plugins/acme/dns-cache/1.9.0/index.html",
        "plugins/acme/dns-cache/releases.json",
        "plugins/acme/dns-cache/releases.atom",
        "publishers/acme/releases.atom",
        "tags/dns/releases.atom",
        "badges/acme/dns-cache/version.svg",
        "badges/acme/dns-cache/signature.svg",
        "embed/acme/dns-cache/card.html",
        "stats/index.html",
        "feeds/releases.atom",
        "find/0.json",
    }


def test_a_new_readme_changes_one_page(files: Mapping[str, bytes]) -> None:
    plugins = busy_plugins()
    plugins[1] = replace(plugins[1], readme="Remembers answers.")
    assert changed_between(files, as_files(site(busy_input(plugins)))) == {"plugins/acme/dns-cache/index.html"}


def test_long_lists_are_cut_into_pages_that_lead_to_each_other() -> None:
    plugins = [APlugin(id=f"acme/p{n:03}", listing=a_listing(name=f"Plugin {n:03}", tags=())) for n in range(100)]
    files = as_files(site(a_catalogue(plugins)))
    for first in ("all", "categories/security", "hosts/mairust", "publishers/acme"):
        assert f"{first}/3/index.html" in files
        assert f"{first}/4/index.html" not in files
        assert files[f"{first}/index.html"].count(b'class="card"') == 48
        assert files[f"{first}/3/index.html"].count(b'class="card"') == 4
    second = files["all/2/index.html"].decode()
    assert 'rel="prev" href="../index.html"' in second
    assert 'rel="next" href="../3/index.html"' in second
    assert 'aria-current="page"><span class="sr">Page </span>2</a>' in second
