from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import (
    CACHE,
    LEFT_OUT,
    PANEL,
    SPAM,
    a_cache_listing,
    a_panel_listing,
    a_release,
    a_source_release,
    a_wheel,
    an_artifact,
)
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

OLD = f"{SPAM}/releases/1.0.0.yaml"
NEW = f"{SPAM}/releases/1.1.0.yaml"
WHEEL = f"{CACHE}/releases/1.0.0.yaml"
PANEL_RELEASE = f"{PANEL}/releases/2.0.0.yaml"
PANEL_LISTING = f"{PANEL}/listing.yaml"
ZIP = "https://zenith.example/p.zip"


def test_a_plugin_has_a_release(tmp_path: Path) -> None:
    assert_found(
        tmp_path, {PANEL_RELEASE: LEFT_OUT}, ("releases.none", At(PANEL_LISTING, "schema"), "releases/<version>.yaml")
    )


def test_a_removed_plugin_needs_none(tmp_path: Path) -> None:
    assert_found(tmp_path, {PANEL_RELEASE: LEFT_OUT, PANEL_LISTING: a_panel_listing(status="removed", reason="gone")})


@pytest.mark.parametrize("version", ["2.1.0-alpha.1", "2.1.0-beta.2", "2.1.0-rc.3"])
def test_a_prerelease_is_not_stable(tmp_path: Path, version: str) -> None:
    file = f"{PANEL}/releases/{version}.yaml"
    release = a_release(version, artifacts=[an_artifact(ZIP)])
    assert_found(
        tmp_path,
        {file: release},
        ("releases.prerelease-in-stable", At(file, "channel: >>stable"), "beta or experimental"),
    )


@pytest.mark.parametrize("channel", ["beta", "experimental"])
def test_other_channels_take_prereleases_and_releases(tmp_path: Path, channel: str) -> None:
    changes = {
        f"{PANEL}/releases/{version}.yaml": a_release(version, channel=channel, artifacts=[an_artifact(ZIP)])
        for version in ("2.1.0-rc.1", "2.1.0")
    }
    assert_found(tmp_path, changes)


def test_every_platform_has_one_artifact(tmp_path: Path) -> None:
    artifacts = [an_artifact(ZIP, platform=name) for name in ("linux-x86_64", "any", "linux-x86_64")]
    assert_found(
        tmp_path,
        {PANEL_RELEASE: a_release("2.0.0", artifacts=artifacts)},
        ("releases.duplicate-platform", At(PANEL_RELEASE, "linux-x86_64", 2), "another artifact for linux-x86_64"),
    )


def test_a_release_after_one_with_provenance_has_it_too(tmp_path: Path) -> None:
    def panel(version: str, *, proved: bool) -> dict[str, str]:
        claim = {"provenance": {"url": "https://zenith.example/p.json", "sha256": "0" * 64}} if proved else {}
        return {f"{PANEL}/releases/{version}.yaml": a_release(version, artifacts=[an_artifact(ZIP, **claim)])}

    later = f"{PANEL}/releases/2.2.0.yaml"
    assert_found(tmp_path / "kept", {**panel("2.1.0", proved=True), **panel("2.2.0", proved=True)})
    assert_found(
        tmp_path / "lost",
        {**panel("2.1.0", proved=True), **panel("2.2.0", proved=False)},
        ("releases.provenance-lost", At(later, "platform"), "2.1.0 has provenance, 2.2.0 has none"),
    )


def test_an_older_release_may_be_yanked(tmp_path: Path) -> None:
    assert_found(tmp_path, {OLD: a_source_release("1.0.0", yanked="Crashes")})


def test_the_newest_stable_release_is_not_yanked_without_a_better_one(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {NEW: a_release("1.1.0", yanked="Crashes")},
        ("releases.newest-yanked", At(NEW, "Crashes"), "the newest release that can be installed is 1.0.0"),
    )


def test_a_newer_beta_does_not_count_as_the_better_one(tmp_path: Path) -> None:
    beta = f"{SPAM}/releases/1.2.0-beta.1.yaml"
    artifact = an_artifact("https://acme.example/releases/beta.zip")
    assert_found(
        tmp_path,
        {
            NEW: a_release("1.1.0", yanked="Crashes"),
            beta: a_release("1.2.0-beta.1", channel="beta", artifacts=[artifact]),
        },
        ("releases.newest-yanked", At(NEW, "Crashes"), "1.0.0"),
    )


def test_some_stable_release_is_left(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {PANEL_RELEASE: a_release("2.0.0", yanked="Crashes", artifacts=[an_artifact(ZIP)])},
        ("releases.nothing-left", At(PANEL_RELEASE, "Crashes"), "deprecate the plugin with replaced_by"),
    )


@pytest.mark.parametrize(
    "standing",
    [{"status": "deprecated", "replaced_by": "acme/dns-cache"}, {"status": "removed", "reason": "malware"}],
)
def test_a_plugin_with_a_replacement_may_lose_all_releases(tmp_path: Path, standing: dict[str, str]) -> None:
    release = a_release("2.0.0", yanked="Crashes", artifacts=[an_artifact(ZIP)])
    assert_found(tmp_path, {PANEL_RELEASE: release, PANEL_LISTING: a_panel_listing(**standing)})


def test_users_of_every_host_version_keep_a_release(tmp_path: Path) -> None:
    newer = f"{CACHE}/releases/1.1.0.yaml"
    old = a_release("1.0.0", yanked="Crashes", artifacts=[a_wheel(hosts={"mail": "<1"})])
    assert_found(
        tmp_path,
        {WHEEL: old, newer: a_release("1.1.0", artifacts=[a_wheel(hosts={"mail": ">=0.5"})])},
        ("releases.host-left-behind", At(WHEEL, "Crashes"), "no release is left for mail 0.4.0"),
    )


def test_amended_host_ranges_close_the_gap(tmp_path: Path) -> None:
    newer = f"{CACHE}/releases/1.1.0.yaml"
    old = a_release("1.0.0", yanked="Crashes", artifacts=[a_wheel(hosts={"mail": "<1"})])
    new = a_release("1.1.0", artifacts=[a_wheel(hosts={"mail": ">=0.5"})], amends={"hosts": {"mail": "*"}})
    assert_found(tmp_path, {WHEEL: old, newer: new})


def test_nothing_is_said_of_hosts_when_the_good_release_is_not_known_before_it_is_fetched(tmp_path: Path) -> None:
    newer = f"{CACHE}/releases/1.1.0.yaml"
    old = a_release("1.0.0", yanked="Crashes", artifacts=[a_wheel(hosts={"mail": "<1"})])
    new = a_release("1.1.0", artifacts=[an_artifact(ZIP)])
    listing = a_cache_listing(sources=["pypi:dns-cache", "https://zenith.example/"])
    assert_found(tmp_path, {WHEEL: old, newer: new, f"{CACHE}/listing.yaml": listing})
