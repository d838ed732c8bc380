from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import LEFT_OUT, PANEL, SPAM, a_listing, a_namespace, a_panel_listing
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

LISTING = f"{SPAM}/listing.yaml"
PANEL_LISTING = f"{PANEL}/listing.yaml"
ACME = "namespaces/acme.yaml"
ZENITH = "namespaces/zenith.yaml"
PUBLISHER = {
    "issuer": "https://token.actions.githubusercontent.com",
    "repository": "acme/spam-filter",
    "repository_id": "11",
    "owner_id": "22",
    "workflow": ".github/workflows/release.yml",
    "refs": ["refs/tags/v*"],
}


def test_an_owner_counts_once(tmp_path: Path) -> None:
    owners = [{"login": "anna", "id": 101}, {"login": "Anna2", "id": 101}]
    assert_found(
        tmp_path,
        {LISTING: a_listing(owners=owners), ACME: a_namespace(owners=owners)},
        ("owners.twice", At(LISTING, "login: Anna2"), "101 ('Anna2') stands here again"),
        ("owners.twice", At(ACME, "login: Anna2"), "stands here again"),
    )


def test_a_login_with_two_numbers_is_looked_at_wherever_it_stands(tmp_path: Path) -> None:
    changes = {
        PANEL_LISTING: a_panel_listing(owners=[{"login": "zoe", "id": 202}, {"login": "Anna", "id": 666}]),
    }
    cache = "plugins/acme/dns-cache/listing.yaml"
    assert_found(
        tmp_path,
        changes,
        ("owners.login-conflict", At(PANEL_LISTING, "666"), "'Anna' is 666 here and 101 elsewhere"),
        ("owners.login-conflict", At(LISTING, "id: >>101"), "'anna' is 101 here and 666 elsewhere"),
        ("owners.login-conflict", At(cache, "id: >>101"), ""),
        ("owners.login-conflict", At(ACME, "id: >>101"), ""),
    )


def test_an_owner_of_the_namespace_owns_the_plugin(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {PANEL_LISTING: a_panel_listing(owners=[{"login": "mallory", "id": 666}])},
        ("owners.outside-namespace", At(PANEL_LISTING, "owners"), "belongs to 'zoe'"),
    )


def test_a_retired_namespace_holds_no_active_plugins(tmp_path: Path) -> None:
    owners = [{"login": "zoe", "id": 202}]
    assert_found(
        tmp_path,
        {ZENITH: a_namespace(namespace="zenith", owners=owners, status="retired")},
        ("owners.retired-namespace", At(PANEL_LISTING, "status: >>active"), "adopt-me"),
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("issuer", "http://token.example"),
        ("issuer", "token.example"),
        ("repository", "spam-filter"),
        ("repository", "acme/spam filter"),
        ("repository", "https://acme.example/spam-filter"),
        ("workflow", ".github/workflows/release"),
    ],
)
def test_a_publisher_is_an_identity_of_a_certificate(tmp_path: Path, key: str, value: str) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(publisher={**PUBLISHER, key: value})},
        ("owners.publisher", At(LISTING, f"{key}: >>{value}"), "but must be"),
    )


@pytest.mark.parametrize("ref", ["*", "refs/heads/*", "refs/pull/7/merge", "refs/heads/**", "v1", "refs/tags/"])
def test_refs_name_reviewed_builds(tmp_path: Path, ref: str) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(publisher={**PUBLISHER, "refs": ["refs/heads/main", ref]})},
        ("owners.publisher-refs", At(LISTING, "main\n  - >>"), "refs/tags/v*"),
    )


@pytest.mark.parametrize("key", ["repository_id", "owner_id"])
def test_a_publisher_is_known_by_numbers(tmp_path: Path, key: str) -> None:
    publisher = {name: value for name, value in PUBLISHER.items() if name != key}
    assert_found(
        tmp_path,
        {LISTING: a_listing(publisher=publisher)},
        ("owners.publisher-ids", At(LISTING, "publisher"), f"{key} is missing"),
    )


def test_a_plugin_without_builds_of_its_own_has_no_publisher(tmp_path: Path) -> None:
    assert_found(tmp_path, {LISTING: a_listing(publisher=LEFT_OUT)})
