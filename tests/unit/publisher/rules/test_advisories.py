from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import PANEL, a_reserved, an_advisory, an_affected_plugin
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

FILE = "advisories/PLG-2026-0001.yaml"


def about(name: str) -> str:
    return an_advisory(affected=[an_affected_plugin(package={"ecosystem": "Pluginry", "name": name})])


def with_events(*events: dict[str, str]) -> str:
    return an_advisory(affected=[an_affected_plugin(ranges=[{"type": "SEMVER", "events": list(events)}])])


def test_an_advisory_is_about_a_plugin_that_exists(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {FILE: about("acme/spam-filer")},
        ("advisories.unknown-plugin", At(FILE, "acme/spam-filer"), "did you mean 'acme/spam-filter'?"),
    )


def test_an_advisory_may_be_about_a_plugin_that_was_removed(tmp_path: Path) -> None:
    assert_found(tmp_path, {FILE: about("acme/old-thing"), "reserved.yaml": a_reserved()})


def test_an_advisory_may_be_about_a_plugin_that_cannot_be_read_just_now(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {FILE: about("zenith/disk-panel"), f"{PANEL}/releases/2.0.0.yaml": "- x"},
        ("schema.type", At(f"{PANEL}/releases/2.0.0.yaml", "- x"), "a mapping"),
    )


def test_a_range_holds_a_release(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {FILE: with_events({"introduced": "2.0.0"}, {"fixed": "2.1.0"})},
        ("advisories.range-matches-nothing", At(FILE, "type: SEMVER"), "no release of acme/spam-filter"),
    )


def test_a_version_is_a_release(tmp_path: Path) -> None:
    affected = an_affected_plugin(versions=["1.0.0", "1.0.1"])
    assert_found(
        tmp_path,
        {FILE: an_advisory(affected=[affected])},
        ("advisories.unknown-version", At(FILE, "1.0.1"), "acme/spam-filter has no release 1.0.1"),
    )


@pytest.mark.parametrize(
    ("events", "wrong", "words"),
    [
        ([{"fixed": "1.1.0"}, {"introduced": "1.0.0"}], "fixed", "does not start with introduced"),
        ([{"introduced": "0"}, {"introduced": "1.0.0"}, {"fixed": "1.1.0"}], "introduced: 1.0.0", "do not take turns"),
        (
            [{"introduced": "0"}, {"fixed": "1.0.5"}, {"last_affected": "1.1.0"}],
            "last_affected",
            "do not take turns",
        ),
        ([{"introduced": "1.1.0"}, {"fixed": "1.0.0"}], "fixed", "lower than the one before it"),
        (
            [{"introduced": "1.0.0"}, {"fixed": "1.0.0"}, {"introduced": "1.1.0"}],
            "fixed",
            "lower than the one before it",
        ),
    ],
)
def test_events_are_in_order(tmp_path: Path, events: list[dict[str, str]], wrong: str, words: str) -> None:
    expected = [("advisories.event-order", At(FILE, f"- >>{wrong}"), words)]
    if "fixed" in events[0]:
        expected.append(("advisories.event-order", At(FILE, "introduced"), "lower"))
    assert_found(tmp_path, {FILE: with_events(*events)}, *expected)


@pytest.mark.parametrize(
    "events",
    [
        [{"introduced": "0"}],
        [{"introduced": "0"}, {"last_affected": "1.0.0"}],
        [{"introduced": "1.0.0"}, {"last_affected": "1.0.0"}],
        [{"introduced": "0"}, {"fixed": "0.5.0"}, {"introduced": "1.0.0"}, {"fixed": "1.1.0"}],
    ],
)
def test_good_events_are_fine(tmp_path: Path, events: list[dict[str, str]]) -> None:
    assert_found(tmp_path, {FILE: with_events(*events)})


def test_an_advisory_names_what_is_affected(tmp_path: Path) -> None:
    affected = {"package": {"ecosystem": "Pluginry", "name": "acme/spam-filter"}}
    assert_found(
        tmp_path,
        {FILE: an_advisory(affected=[affected])},
        ("advisories.nothing-affected", At(FILE, "package"), "add ranges or versions"),
    )


def test_a_digest_is_enough(tmp_path: Path) -> None:
    affected = {"package": {"ecosystem": "Pluginry", "name": "acme/spam-filter"}}
    specific = {"action": "disable", "digests": ["cd" * 32]}
    assert_found(tmp_path, {FILE: an_advisory(affected=[affected], database_specific=specific)})


@pytest.mark.parametrize("key", ["modified", "withdrawn"])
def test_nothing_happens_before_the_advisory_is_published(tmp_path: Path, key: str) -> None:
    assert_found(
        tmp_path,
        {FILE: an_advisory(**{key: "2025-12-31T00:00:00Z"})},
        ("advisories.dates", At(FILE, f"{key}: >>"), f"{key} is earlier than published"),
    )
