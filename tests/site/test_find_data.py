"""What the catalogue's script searches: parts that stay small, change alone, and say what the pages say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from busy_catalogue import busy_input, busy_plugins
from catalogues import APlugin, ARelease, a_catalogue, a_listing, as_files
from pluginry.publisher.pages import find_data
from pluginry.publisher.pages.find_data import number_of_parts
from pluginry.publisher.site import site

if TYPE_CHECKING:
    from collections.abc import Mapping


def parts_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the table and the parts by key."""
    return {key: json.loads(body) for key, body in files.items() if key.startswith("find/")}


@pytest.mark.parametrize(
    ("plugins", "parts"), [(0, 1), (1, 1), (1024, 1), (1025, 2), (5000, 8), (10_000, 16), (100_000, 128)]
)
def test_the_number_of_parts_is_a_power_of_two(plugins: int, parts: int) -> None:
    assert number_of_parts(plugins) == parts


def test_a_row_says_what_the_card_says(files: Mapping[str, bytes]) -> None:
    part = parts_of(files)["find/0.json"]
    row = part["id"].index("acme/spam-filter")
    said = {name: [column["values"][at] for at in column["rows"][row]] for name, column in part["facets"].items()}
    assert (part["name"][row], part["newest"][row], part["stage"][row]) == ("Spam Filter", "2.0.0", "stable")
    assert said["category"] == ["security", "interface"]
    assert said["permission"] == ["mail.headers", "network"]
    assert said["platform"] == ["linux-x86_64", "windows-x86_64"]
    assert said["price"] == ["free"]
    assert said["lifecycle"] == ["active"]
    assert said["version"]
    assert all(version.startswith("mairust ") for version in said["version"])
    assert part["published"][row] < part["updated"][row]


def test_every_plugin_that_is_shown_is_in_one_part_and_no_other_is(files: Mapping[str, bytes]) -> None:
    found = parts_of(files)
    ids = [plugin for key, part in found.items() if key != "find/index.json" for plugin in part["id"]]
    assert len(ids) == len(set(ids)) == found["find/index.json"]["plugins"]
    assert {f"plugins/{plugin}/index.html" for plugin in ids} <= set(files)
    assert "evil/miner" not in ids
    assert "desk/gone" not in ids


def test_who_asks_for_nothing_asks_for_no_network_either(files: Mapping[str, bytes]) -> None:
    column = parts_of(files)["find/0.json"]["facets"]["permission"]
    for row in column["rows"]:
        values = {column["values"][at] for at in row}
        assert ("nothing" in values) == (not values - {"nothing", "no-network"})
        assert ("no-network" in values) == (not any(value.startswith("network") for value in values))


def test_a_new_release_changes_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_data, "PLUGINS_PER_PART", 10)
    plugins = [APlugin(id=f"acme/p{n:03}", readme="", listing=a_listing(name=f"P {n}")) for n in range(70)]
    before = parts_of(as_files(site(a_catalogue(plugins))))
    assert len(before) == 9
    plugins[5] = replace(plugins[5], releases=(*plugins[5].releases, ARelease(version="1.1.0", day=3)))
    after = parts_of(as_files(site(a_catalogue(plugins))))
    assert len([key for key in before if before[key] != after[key]]) == 1


def test_the_table_counts_what_is_shown_at_first() -> None:
    table = parts_of(as_files(site(busy_input(busy_plugins()))))["find/index.json"]
    counts = {facet: dict(map(tuple, values)) for facet, values in table["facets"].items()}
    assert counts["lifecycle"] == {"active": 3, "adopt-me": 1, "deprecated": 1}
    assert sum(counts["price"].values()) == 4  # the deprecated one is hidden
    assert table["titles"]["host"]["mairust"] == "Mairust"
    assert all(word in table["titles"]["trust"] for word in counts["trust"])
