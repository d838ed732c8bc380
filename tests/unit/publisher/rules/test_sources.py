from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import (
    CACHE,
    LEFT_OUT,
    PANEL,
    SHA256,
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

LISTING = f"{PANEL}/listing.yaml"
RELEASE = f"{PANEL}/releases/2.0.0.yaml"
WHEEL = f"{CACHE}/releases/1.0.0.yaml"
TREE_RELEASE = f"{SPAM}/releases/1.0.0.yaml"
COMMIT = "ab" * 20


@pytest.mark.parametrize(
    "prefix",
    [
        "http://zenith.example/",
        "https://",
        "https://zenith.example",
        "https://zenith.example/a/../b/",
        "https://zenith.example/%2e%2e/",
        "ftp://zenith.example/",
        "pypi:",
        "pypi:../x",
        "npm:@Scope/",
        "path:../other",
        "path:sources",
        "git:ssh://zenith.example/x",
        "zenith",
    ],
)
def test_a_source_of_the_listing_is_a_place(tmp_path: Path, prefix: str) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_panel_listing(sources=["https://zenith.example/", prefix])},
        ("sources.prefix", At(LISTING, "example/\n- >>"), "pypi:name"),
    )


@pytest.mark.parametrize(
    "prefix", ["https://github.com/", "https://github.com/zenith/", "git:https://GitLab.com/zenith"]
)
def test_an_address_that_strangers_share_is_looked_at(tmp_path: Path, prefix: str) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_panel_listing(sources=["https://zenith.example/", prefix])},
        ("sources.too-wide", At(LISTING, prefix), "down to the owner and the repository"),
    )


ALLOWED = [
    ("https://zenith.example/", {"url": "https://zenith.example/a/b.zip"}),
    ("https://zenith.example/a", {"url": "https://zenith.example/a/b.zip"}),
    ("https://zenith.example/a/b.zip", {"url": "https://zenith.example/a/b.zip"}),
    ("git:https://zenith.example/repo", {"git": "https://zenith.example/repo", "commit": COMMIT}),
    ("git:https://zenith.example/repo", {"git": "https://zenith.example/repo.git", "commit": COMMIT}),
    ("https://zenith.example/", {"git": "https://zenith.example/repo", "commit": COMMIT, "subdir": "x"}),
]


@pytest.mark.parametrize(("prefix", "source"), ALLOWED)
def test_a_release_comes_from_a_place_of_the_listing(tmp_path: Path, prefix: str, source: dict[str, str]) -> None:
    artifact = {"platform": "any", "source": source, "sha256": SHA256}
    changes = {LISTING: a_panel_listing(sources=[prefix]), RELEASE: a_release("2.0.0", artifacts=[artifact])}
    assert_found(tmp_path, changes)


REFUSED = [
    ("https://zenith.example/a", {"url": "https://zenith.example/ab.zip"}),
    ("https://zenith.example/", {"url": "https://zenith.example.evil/b.zip"}),
    ("https://zenith.example/", {"url": "https://evil.example/https://zenith.example/b.zip"}),
    ("git:https://zenith.example/repo", {"git": "https://zenith.example/repository", "commit": COMMIT}),
    ("git:https://zenith.example/repo", {"url": "https://zenith.example/repo/b.zip"}),
    ("path:source/", {"url": "https://zenith.example/repo/b.zip"}),
]


@pytest.mark.parametrize(("prefix", "source"), REFUSED)
def test_a_release_from_elsewhere_is_refused(tmp_path: Path, prefix: str, source: dict[str, str]) -> None:
    artifact = {"platform": "any", "source": source, "sha256": SHA256}
    changes = {LISTING: a_panel_listing(sources=[prefix]), RELEASE: a_release("2.0.0", artifacts=[artifact])}
    address = next(iter(source.values()))
    assert_found(tmp_path, changes, ("sources.not-allowed", At(RELEASE, address), "change the listing first"))


@pytest.mark.parametrize(
    "address",
    [
        "https://zenith.example/a/../../b.zip",
        "https://zenith.example/./b.zip",
        "https://zenith.example/%2E%2e/b.zip",
        "https://zenith.example/a%2Fb.zip",
        "https://zenith.example/a%5Cb.zip",
        "https://zenith.example/%252e%252e/b.zip",
    ],
)
def test_an_address_that_leads_elsewhere_than_it_reads_is_refused(tmp_path: Path, address: str) -> None:
    assert_found(
        tmp_path,
        {RELEASE: a_release("2.0.0", artifacts=[an_artifact(address)])},
        ("sources.untidy-address", At(RELEASE, address), "shortest form"),
    )


@pytest.mark.parametrize(
    ("sources", "source", "fits"),
    [
        (["pypi:dns-cache"], {"pypi": "dns-cache", "version": "1.0"}, True),
        (["pypi:DNS_Cache"], {"pypi": "dns.cache", "version": "1.0"}, True),
        (["pypi:dns"], {"pypi": "dns-cache", "version": "1.0"}, False),
        (["pypi:dns-cache"], {"pypi": "dns-cache-evil", "version": "1.0"}, False),
        (["npm:dns-cache"], {"pypi": "dns-cache", "version": "1.0"}, False),
        (["npm:dns-cache"], {"npm": "dns-cache", "version": "1.0.0"}, True),
        (["npm:@acme/"], {"npm": "@acme/dns-cache", "version": "1.0.0"}, True),
        (["npm:@acme/dns"], {"npm": "@acme/dns-cache", "version": "1.0.0"}, False),
    ],
)
def test_packages_of_other_registries_are_known_by_their_whole_name(
    tmp_path: Path, sources: list[str], source: dict[str, str], *, fits: bool
) -> None:
    artifact = {**a_wheel(format="npm" if "npm" in source else "wheel"), "source": source}
    changes = {
        f"{CACHE}/listing.yaml": a_cache_listing(sources=sources),
        WHEEL: a_release("1.0.0", artifacts=[artifact]),
    }
    name = next(iter(source.values()))
    place = At(WHEEL, f": >>{name}" if name[0] != "@" else f": >>'{name}'")
    assert_found(tmp_path, changes, *([] if fits else [("sources.not-allowed", place, sources[0])]))


def test_a_wheel_becomes_a_package_by_wrapping(tmp_path: Path) -> None:
    artifact = {key: value for key, value in a_wheel().items() if key != "wrap"}
    assert_found(
        tmp_path,
        {WHEEL: a_release("1.0.0", artifacts=[artifact])},
        ("sources.wrap", At(WHEEL, "pypi: >>dns-cache"), "a source of kind pypi with no wrap"),
    )


def test_a_wheel_is_wrapped_as_a_wheel(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {WHEEL: a_release("1.0.0", artifacts=[a_wheel(format="npm")])},
        ("sources.wrap", At(WHEEL, "format: >>npm"), "with wrap with format: npm"),
    )


def test_a_source_tree_is_packed_and_not_wrapped(tmp_path: Path) -> None:
    wrap = {"format": "zip", "hosts": {"mail": ">=0.4,<2"}}
    artifact = {"platform": "any", "source": {"path": "source/1.0.0"}, "sha256": SHA256, "wrap": wrap}
    assert_found(
        tmp_path,
        {TREE_RELEASE: a_release("1.0.0", artifacts=[artifact])},
        ("sources.wrap", At(TREE_RELEASE, "format: >>zip"), "path and git take no wrap"),
    )


@pytest.mark.parametrize("tree", ["source/1.1.0", "source/1.0.0/inner", "source/plugin"])
def test_a_release_is_made_from_the_tree_of_its_version(tmp_path: Path, tree: str) -> None:
    artifact = {"platform": "any", "source": {"path": tree}, "sha256": SHA256}
    assert_found(
        tmp_path,
        {TREE_RELEASE: a_release("1.0.0", artifacts=[artifact])},
        ("sources.no-tree", At(TREE_RELEASE, f"path: >>{tree}"), "write path: source/1.0.0"),
        ("sources.unused-tree", At(f"{SPAM}/source/1.0.0/plugin.yaml", "schema"), "releases/<version>.yaml"),
    )


def test_the_tree_of_a_release_is_there(tmp_path: Path) -> None:
    release = f"{SPAM}/releases/1.2.0.yaml"
    assert_found(
        tmp_path,
        {release: a_source_release("1.2.0")},
        ("sources.no-tree", At(release, "source/1.2.0"), "there is no source tree 'source/1.2.0'"),
    )


def test_a_tree_without_a_release_is_noted(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {TREE_RELEASE: LEFT_OUT, f"{SPAM}/reviews/303.yaml": LEFT_OUT},
        ("sources.unused-tree", At(f"{SPAM}/source/1.0.0/plugin.yaml", "schema"), "releases/<version>.yaml"),
        ("advisories.range-matches-nothing", At("advisories/PLG-2026-0001.yaml", "type: SEMVER"), ""),
    )


def test_a_file_larger_than_the_limit_is_refused_before_it_is_fetched(tmp_path: Path) -> None:
    artifact = an_artifact("https://zenith.example/p.zip", size=1000001)
    assert_found(
        tmp_path,
        {RELEASE: a_release("2.0.0", artifacts=[artifact])},
        ("sources.too-large", At(RELEASE, "1000001"), "1,000,001 bytes; this registry takes at most 1,000,000"),
    )
