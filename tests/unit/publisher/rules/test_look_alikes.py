from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import LEFT_OUT, PANEL, SPAM, a_listing, a_namespace, a_panel_listing, a_release, a_reserved, an_artifact
from findings import At, assert_found

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LISTING = f"{SPAM}/listing.yaml"
PANEL_LISTING = f"{PANEL}/listing.yaml"


def a_zenith_plugin(name: str, **changes: object) -> Mapping[str, object]:
    folder = f"plugins/zenith/{name}"
    release = a_release("1.0.0", artifacts=[an_artifact("https://zenith.example/x.zip")])
    return {
        f"{folder}/listing.yaml": a_panel_listing(name="Something Else", **changes),
        f"{folder}/README.md": "# Something else",
        f"{folder}/releases/1.0.0.yaml": release,
    }


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("spam-filter", "the same name"),
        ("sparn-filter", "rn looks like m"),
        ("spam-fi1ter", "1 looks like l"),
        ("spam-fllter", "i looks like l"),
        ("filter-spam", "words swapped"),
        ("spamfilter", "a hyphen left out"),
        ("spam-filtter", "a letter doubled"),
        ("spam-filer", "a letter left out"),
        ("sapm-filter", "two letters swapped"),
        ("spam-filtor", "another letter"),
        ("xspam-filter", "a letter in front"),
        ("spam-filte", "the last letter left out"),
    ],
)
def test_a_name_that_can_be_mistaken_for_another_is_looked_at(tmp_path: Path, name: str, why: str) -> None:
    file = f"plugins/zenith/{name}/listing.yaml"
    (
        assert_found(
            tmp_path,
            a_zenith_plugin(name),
            ("look-alikes.name", At(file, "schema"), "can be mistaken for acme/spam-filter"),
            ("look-alikes.name", At(LISTING, "schema"), f"can be mistaken for zenith/{name}"),
        ),
        why,
    )


@pytest.mark.parametrize("name", ["spam-finder", "spam-filter-pro", "ham-filter", "mail-scorer"])
def test_names_further_apart_are_left_alone(tmp_path: Path, name: str) -> None:
    assert_found(tmp_path, a_zenith_plugin(name))


@pytest.mark.parametrize(("one", "other"), [("cpu", "gpu"), ("git", "gif")])
def test_short_names_one_letter_apart_are_left_alone(tmp_path: Path, one: str, other: str) -> None:
    acme = {
        path.replace("zenith", "acme"): text.replace("zoe", "anna").replace("202", "101")
        for path, text in a_zenith_plugin(one).items()
        if isinstance(text, str)
    }
    acme = {path: text.replace("Something Else", "Another Thing") for path, text in acme.items()}
    assert_found(tmp_path, {**acme, **a_zenith_plugin(other)})


def test_names_in_the_same_namespace_may_look_alike(tmp_path: Path) -> None:
    assert_found(tmp_path, a_zenith_plugin("disk-panels"))


def test_plugins_that_know_each_other_may_look_alike(tmp_path: Path) -> None:
    theirs = a_zenith_plugin("spam-filters", related=["acme/spam-filter"])
    assert_found(tmp_path, {**theirs, LISTING: a_listing(related=["zenith/spam-filters"])})


def test_it_takes_both_to_know_each_other(tmp_path: Path) -> None:
    theirs = a_zenith_plugin("spam-filters", related=["acme/spam-filter"])
    file = "plugins/zenith/spam-filters/listing.yaml"
    assert_found(
        tmp_path,
        theirs,
        ("look-alikes.name", At(file, "schema"), "acme/spam-filter"),
        ("look-alikes.name", At(LISTING, "schema"), "zenith/spam-filters"),
    )


def test_the_name_of_a_removed_plugin_is_not_imitated_either(tmp_path: Path) -> None:
    file = "plugins/zenith/old-things/listing.yaml"
    assert_found(tmp_path, a_zenith_plugin("old-things"), ("look-alikes.name", At(file, "schema"), "acme/old-thing"))


def test_a_namespace_that_looks_like_a_reserved_one_is_looked_at(tmp_path: Path) -> None:
    file = "namespaces/p1uginry.yaml"
    assert_found(
        tmp_path,
        {file: a_namespace(namespace="p1uginry")},
        ("look-alikes.namespace", At(file, "p1uginry"), "can be mistaken for 'pluginry'"),
    )


def test_namespaces_that_look_alike_are_both_named(tmp_path: Path) -> None:
    file = "namespaces/zenlth.yaml"
    assert_found(
        tmp_path,
        {file: a_namespace(namespace="zenlth")},
        ("look-alikes.namespace", At(file, "zenlth"), "'zenith'"),
        ("look-alikes.namespace", At("namespaces/zenith.yaml", "zenith"), "'zenlth'"),
    )


@pytest.mark.parametrize("title", ["Spam Filter", "SPAM-FILTER", "\N{FULLWIDTH LATIN CAPITAL LETTER S}pam Filter"])
def test_a_display_name_belongs_to_one_namespace(tmp_path: Path, title: str) -> None:
    assert_found(
        tmp_path,
        {PANEL_LISTING: a_panel_listing(name=title)},
        ("look-alikes.title", At(PANEL_LISTING, title), "also the display name of acme/spam-filter"),
        ("look-alikes.title", At(LISTING, "Spam Filter"), "also the display name of zenith/disk-panel"),
    )


def test_a_word_in_two_scripts_is_looked_at(tmp_path: Path) -> None:
    title = "Di\N{CYRILLIC SMALL LETTER ES}k View"
    assert_found(
        tmp_path,
        {PANEL_LISTING: a_panel_listing(name=title)},
        ("look-alikes.mixed-scripts", At(PANEL_LISTING, title), "Di\N{CYRILLIC SMALL LETTER ES}k"),
    )


@pytest.mark.parametrize("title", ["Диск Panel", "ディスクPanel", "磁盘Panel", "Größe 2"])
def test_names_in_other_scripts_are_names(tmp_path: Path, title: str) -> None:
    assert_found(tmp_path, {PANEL_LISTING: a_panel_listing(name=title)})


def test_an_empty_list_of_reserved_names_is_fine(tmp_path: Path) -> None:
    assert_found(tmp_path, {"reserved.yaml": a_reserved(namespaces=LEFT_OUT, tombstones=LEFT_OUT)})
