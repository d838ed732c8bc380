"""What the plugins of this registry show of the product, so that nobody drops it by tidying up."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pluginry.model.advisory import Subject
from pluginry.model.names import PluginId
from pluginry.model.versions import Version
from plugins.plugin_sources import (
    grants_of,
    is_deprecated,
    manifest_of,
    newest_of,
    own_plugins,
    plugin_ids,
    registry,
    releases_of,
    tree_of,
    trees_in_reach,
    versions_of,
)

PRODUCT_HOSTS = {"mairust", "tauri-shell", "mlebotics", "panel", "oko"}
MAX_PICTURE_BYTES = 20_000
RELEASES = [(plugin, str(version)) for plugin in plugin_ids() for version in versions_of(plugin)]


def test_there_are_at_least_fourteen_plugins_and_three_for_each_host() -> None:
    assert len(own_plugins()) >= 14
    for host in PRODUCT_HOSTS:
        assert sum(host in entry.listing.hosts for entry in own_plugins()) >= 3, host


def test_many_plugins_have_several_releases() -> None:
    counts = sorted(len(entry.releases) for entry in own_plugins())
    assert sum(count >= 2 for count in counts) >= 8
    assert sum(count >= 3 for count in counts) >= 2


def test_every_channel_and_a_prerelease_are_there() -> None:
    found = {str(version): release for entry in own_plugins() for version, release in entry.releases.items()}
    assert {release.channel.value for release in found.values()} == {"stable", "beta", "experimental"}
    assert releases_of("mairust/spam-scorer")["2.0.0-beta.1"].channel.value == "beta"
    for entry in own_plugins():
        for version, release in entry.releases.items():
            assert version.is_prerelease is (release.channel.value != "stable"), f"{entry.id} {version}"


def test_plugins_depend_on_each_other_with_ranges_that_can_be_met() -> None:
    needs = {
        (plugin, version, str(other), str(wanted))
        for plugin, version in RELEASES
        for other, wanted in manifest_of(plugin, version).dependencies.items()
    }
    assert needs == {
        ("mairust/spam-scorer", "1.1.0", "mairust/dns-cache", ">=1.0,<2"),
        ("mairust/spam-scorer", "1.2.0", "mairust/dns-cache", ">=1.0,<2"),
        ("mairust/spam-scorer", "2.0.0-beta.1", "mairust/dns-cache", ">=1.1,<2"),
        ("mlebotics/threshold-alert", "1.1.0", "mlebotics/csv-sensor", ">=1.1,<2"),
    }
    assert len(trees_in_reach(manifest_of("mairust/spam-scorer", "1.2.0"))) == 2


def test_plugins_exclude_each_other_wholly_and_by_range() -> None:
    excluded = {
        (plugin, version, str(other), str(range_))
        for plugin, version in RELEASES
        for other, range_ in manifest_of(plugin, version).conflicts.items()
    }
    assert excluded == {
        ("mairust/vacation-reply", "1.1.0", "mairust/spam-scorer", "<1.1"),
        ("tauri-shell/quick-calc", "1.1.0", "tauri-shell/unit-converter", "*"),
        ("tauri-shell/quick-calc", "2.0.0-alpha.1", "tauri-shell/unit-converter", "*"),
    }
    assert (
        Version("1.0.0")
        in manifest_of("mairust/vacation-reply", "1.1.0").conflicts[PluginId.parse("mairust/spam-scorer")]
    )


@pytest.mark.parametrize(
    ("plugin", "version", "platforms"),
    [
        ("tauri-shell/cpu-widget", "1.0.0", ["windows-x86_64"]),
        ("tauri-shell/cpu-widget", "1.1.0", ["windows-x86_64", "windows-aarch64"]),
        ("oko/memory-gauge", "1.0.0", ["linux-x86_64", "macos-aarch64"]),
    ],
)
def test_some_releases_have_files_for_each_platform(plugin: str, version: str, platforms: list[str]) -> None:
    assert [artifact.platform for artifact in releases_of(plugin)[version].artifacts] == platforms
    folders = manifest_of(plugin, version).assets.platforms
    assert list(folders) == platforms
    files = {next((tree_of(plugin, version) / folder).iterdir()).read_bytes() for folder in folders.values()}
    assert len(files) == len(platforms)


def test_all_other_releases_run_anywhere() -> None:
    for entry in own_plugins():
        for version, release in entry.releases.items():
            platforms = manifest_of(str(entry.id), str(version)).assets.platforms
            claimed = {artifact.platform for artifact in release.artifacts}
            assert claimed == (set(platforms) or {"any"}), f"{entry.id} {version}"


def test_a_release_is_yanked_with_its_reason_and_has_a_successor() -> None:
    yanked = {
        (str(entry.id), str(version)): release.yanked
        for entry in own_plugins()
        for version, release in entry.releases.items()
        if release.yanked
    }
    assert yanked.keys() == {("panel/disk-usage", "1.1.0")}
    assert Version("1.1.1") in versions_of("panel/disk-usage")


def test_a_plugin_is_deprecated_in_favour_of_one_that_works() -> None:
    deprecated = [entry for entry in own_plugins() if is_deprecated(str(entry.id))]
    assert [(str(entry.id), str(entry.listing.replaced_by)) for entry in deprecated] == [
        ("tauri-shell/unit-converter", "tauri-shell/quick-calc")
    ]
    assert deprecated[0].listing.reason


def test_updates_that_ask_for_more_are_there() -> None:
    scorer = "mairust/spam-scorer"
    assert grants_of(scorer, "1.1.0") - grants_of(scorer, "1.0.0") == {"mail.modify:headers", "network.dns:any"}
    assert grants_of(scorer, "1.2.0") - grants_of(scorer, "1.1.0") == {"mail.body:inbound", "storage:plugin-data"}
    webhook = "mlebotics/webhook-step"
    assert grants_of(webhook, "1.1.0") - grants_of(webhook, "1.0.0") == {"secrets.read:webhook-key"}


def test_updates_that_ask_for_nothing_more_are_there_too() -> None:
    calm = {
        plugin
        for plugin in plugin_ids()
        for older, newer in pairwise(versions_of(plugin))
        if grants_of(plugin, str(older)) >= grants_of(plugin, str(newer))
    }
    assert calm >= {"mairust/dns-cache", "mairust/dlp-check", "tauri-shell/clipboard-history", "panel/log-tail"}


def test_a_host_range_was_amended_after_the_release() -> None:
    release = releases_of("tauri-shell/quick-calc")["1.0.0"]
    amended = {host: str(range_) for host, range_ in release.amends.hosts.items()}
    claimed = {host: str(range_) for host, range_ in manifest_of("tauri-shell/quick-calc", "1.0.0").hosts.items()}
    assert (claimed, amended) == ({"tauri-shell": ">=1.0"}, {"tauri-shell": ">=1.0,<2"})


def test_a_plugin_is_for_two_hosts() -> None:
    both = [entry for entry in own_plugins() if len(entry.listing.hosts) == 2]
    assert [str(entry.id) for entry in both] == ["panel/cert-expiry"]
    assert manifest_of("panel/cert-expiry", "1.1.0").hosts.keys() == {"panel", "oko"}
    assert manifest_of("panel/cert-expiry", "1.0.0").hosts.keys() == {"panel"}


def test_every_kind_of_runtime_that_we_can_run_is_there() -> None:
    kinds = {manifest_of(plugin, newest_of(plugin)).runtime.kind for plugin in plugin_ids()}
    assert kinds == {"python", "process", "files"}


def test_most_plugins_can_be_configured() -> None:
    assert sum(bool(manifest_of(plugin, newest_of(plugin)).config_schema) for plugin in plugin_ids()) >= 14


def test_some_listings_speak_other_languages() -> None:
    languages = [language for entry in own_plugins() for language in entry.listing.locales]
    assert set(languages) >= {"de", "fr", "es", "ja"}
    assert sum(bool(entry.listing.locales) for entry in own_plugins()) >= 6


def test_every_plugin_has_a_small_icon_and_most_have_screenshots_with_words() -> None:
    for entry in own_plugins():
        assert entry.icon is not None
        assert len(entry.icon) < MAX_PICTURE_BYTES
        for screenshot in entry.listing.screenshots:
            assert len(entry.screenshots[screenshot.file]) < MAX_PICTURE_BYTES
            assert len(screenshot.alt) > 20
    assert sum(bool(entry.listing.screenshots) for entry in own_plugins()) >= 10


@pytest.mark.parametrize(("plugin", "version"), RELEASES)
def test_every_release_says_what_changed_and_why_it_needs_what_it_asks_for(plugin: str, version: str) -> None:
    manifest = manifest_of(plugin, version)
    assert manifest.changes
    assert manifest.permissions
    assert manifest.license_files == ("LICENSE",)
    if version == str(versions_of(plugin)[0]):
        assert {change.kind for change in manifest.changes} == {"added"}


@pytest.mark.parametrize("plugin", plugin_ids())
def test_the_sources_of_two_releases_are_not_the_same(plugin: str) -> None:
    def code(version: Version) -> dict[str, bytes]:
        tree = tree_of(plugin, version)
        files = (file for file in tree.rglob("*") if file.suffix in (".py", ".json"))
        return {file.relative_to(tree).as_posix(): file.read_bytes() for file in files}

    for older, newer in pairwise(versions_of(plugin)):
        assert code(older) != code(newer), f"{plugin} {newer}"


def affected_versions(advisory_id: str) -> tuple[str, set[str]]:
    [advisory] = [one for one in registry().advisories if one.id == advisory_id]
    plugin = advisory.affected[0].package.name
    return str(plugin), {str(v) for v in versions_of(str(plugin)) if advisory.hits(Subject(plugin=plugin, version=v))}


@pytest.mark.parametrize(
    ("advisory", "plugin", "versions"),
    [
        ("PLG-2026-0001", "mairust/attachment-guard", {"1.0.0"}),
        ("PLG-2026-0002", "panel/log-tail", {"1.1.0"}),
        ("PLG-2026-0003", "mairust/vacation-reply", {"1.0.0"}),
    ],
)
def test_advisories_affect_some_releases_and_are_fixed_in_later_ones(
    advisory: str, plugin: str, versions: set[str]
) -> None:
    assert affected_versions(advisory) == (plugin, versions)
    fixed = next(str(version) for version in versions_of(plugin) if version > Version(max(versions)))
    security = [change.text for change in manifest_of(plugin, fixed).changes if change.kind == "security"]
    assert any(advisory in text for text in security)


def test_advisories_show_every_action() -> None:
    actions = {advisory.id: advisory.action.value for advisory in registry().advisories}
    assert actions["PLG-2026-0001"] == "block-install"
    assert actions["PLG-2026-0002"] == "disable"
    assert actions["PLG-2026-0003"] == "warn"
