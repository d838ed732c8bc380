from __future__ import annotations

from typing import TYPE_CHECKING

from builders import (
    CACHE,
    PANEL,
    SPAM,
    a_cache_listing,
    a_manifest,
    a_panel_listing,
    a_release,
    a_source_release,
    a_wheel,
)
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = f"{SPAM}/source/1.0.0/plugin.yaml"
CACHE_TREE = f"{CACHE}/source/1.1.0"
CACHE_MANIFEST = f"{CACHE_TREE}/plugin.yaml"


def a_cache_tree(**changes: object) -> dict[str, object]:
    """Return the changes that let the cache have a release 1.1.0 from sources."""
    manifest = a_manifest(
        **{
            "id": "acme/dns-cache",
            "version": "1.1.0",
            "runtime": {"kind": "python", "entry_point": "cache:Plugin"},
            "permissions": [],
            "dependencies": {},
            "config_schema": "config.json",
            "license_files": [],
            **changes,
        }
    )
    return {
        f"{CACHE}/listing.yaml": a_cache_listing(sources=["pypi:dns-cache", "path:source/"]),
        f"{CACHE}/releases/1.1.0.yaml": a_source_release("1.1.0"),
        CACHE_MANIFEST: manifest,
        f"{CACHE_TREE}/cache.py": "class Plugin: ...\n",
        f"{CACHE_TREE}/config.json": '{"type": "object"}',
    }


def test_a_needed_plugin_exists(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {MANIFEST: a_manifest(dependencies={"acme/dns-cash": ">=1"})},
        ("dependencies.unknown", At(MANIFEST, "acme/dns-cash"), "did you mean 'acme/dns-cache'?"),
    )


def test_a_needed_plugin_that_cannot_be_read_is_not_unknown(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {
            MANIFEST: a_manifest(dependencies={"zenith/disk-panel": "*"}),
            f"{PANEL}/listing.yaml": a_panel_listing(summary="x"),
        },
        ("schema.length", At(f"{PANEL}/listing.yaml", "summary: >>x"), "at least 3 characters"),
    )


def test_some_release_is_in_the_range(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {MANIFEST: a_manifest(dependencies={"acme/dns-cache": ">=2"})},
        ("dependencies.no-release", At(MANIFEST, "'>=2'"), "there is 1.0.0"),
    )


def test_a_yanked_release_meets_no_dependency(tmp_path: Path) -> None:
    old, new = f"{CACHE}/releases/1.0.0.yaml", f"{CACHE}/releases/2.0.0.yaml"
    changes = {
        old: a_release("1.0.0", yanked="Crashes", artifacts=[a_wheel()]),
        new: a_release("2.0.0", artifacts=[a_wheel()]),
        MANIFEST: a_manifest(dependencies={"acme/dns-cache": "<2"}),
    }
    assert_found(tmp_path, changes, ("dependencies.no-release", At(MANIFEST, "<2", 2), "there is 2.0.0"))


def test_a_plugin_neither_needs_nor_excludes_itself(tmp_path: Path) -> None:
    manifest = a_manifest(dependencies={"acme/spam-filter": "*"}, conflicts={"acme/spam-filter": "<1"})
    assert_found(
        tmp_path,
        {MANIFEST: manifest},
        ("dependencies.self", At(MANIFEST, "acme/spam-filter: '*'"), "needs itself"),
        ("dependencies.self", At(MANIFEST, "acme/spam-filter: <1"), "excludes itself"),
    )


def test_plugins_do_not_need_each_other_in_a_circle(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        a_cache_tree(dependencies={"acme/spam-filter": "*"}),
        (
            "dependencies.cycle",
            At(MANIFEST, "acme/dns-cache"),
            "acme/spam-filter needs acme/dns-cache needs acme/spam-filter",
        ),
        ("dependencies.cycle", At(CACHE_MANIFEST, "acme/spam-filter"), "acme/dns-cache needs acme/spam-filter"),
    )


def test_a_chain_is_not_a_circle(tmp_path: Path) -> None:
    assert_found(tmp_path, a_cache_tree(dependencies={"zenith/disk-panel": "*"}))


def test_what_is_needed_is_not_excluded(tmp_path: Path) -> None:
    manifest = a_manifest(conflicts={"acme/dns-cache": "<5"})
    assert_found(
        tmp_path,
        {MANIFEST: manifest},
        ("dependencies.contradiction", At(MANIFEST, "acme/dns-cache: >><5"), "is excluded as well"),
    )


def test_older_releases_of_what_is_needed_may_be_excluded(tmp_path: Path) -> None:
    assert_found(tmp_path, {MANIFEST: a_manifest(conflicts={"acme/dns-cache": "<0.9"})})


def test_an_unknown_conflict_is_noted(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {MANIFEST: a_manifest(conflicts={"acme/dns-cash": "*"})},
        ("dependencies.unknown-conflict", At(MANIFEST, "acme/dns-cash"), "did you mean 'acme/dns-cache'?"),
    )
