from __future__ import annotations

from typing import TYPE_CHECKING

from builders import CACHE, PANEL, SPAM, a_host, a_listing, a_manifest, a_panel_host, a_release, a_wheel
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

LISTING = f"{SPAM}/listing.yaml"
MANIFEST = f"{SPAM}/source/1.0.0/plugin.yaml"
RELEASE = f"{SPAM}/releases/1.1.0.yaml"
WHEEL = f"{CACHE}/releases/1.0.0.yaml"


def test_a_listing_names_hosts_that_exist(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(hosts=["mail", "pannel"])},
        ("hosts.unknown", At(LISTING, "pannel"), "did you mean 'panel'?"),
    )


def test_a_host_whose_profile_cannot_be_read_is_not_unknown(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {"hosts/panel.yaml": a_panel_host(versions="2.0.0")},
        ("schema.type", At("hosts/panel.yaml", "2.0.0"), "a list"),
    )


def test_a_manifest_names_hosts_that_exist(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {MANIFEST: a_manifest(hosts={"mail": ">=0.4,<2", "browser": ">=1"})},
        ("hosts.unknown", At(MANIFEST, "browser"), "there are mail and panel"),
    )


def test_a_range_without_a_known_version_is_looked_at_wherever_it_stands(tmp_path: Path) -> None:
    changes = {
        MANIFEST: a_manifest(hosts={"mail": ">=7"}),
        RELEASE: a_release(amends={"hosts": {"mail": "<0.1"}}),
        WHEEL: a_release("1.0.0", artifacts=[a_wheel(hosts={"mail": "==9.9.9"})]),
    }
    assert_found(
        tmp_path,
        changes,
        ("hosts.no-known-version", At(MANIFEST, "'>=7'"), "0.4.0, 0.5.0 and 1.0.0"),
        ("hosts.no-known-version", At(RELEASE, "<0.1"), "'<0.1'"),
        ("hosts.no-known-version", At(WHEEL, "==9.9.9"), "'==9.9.9'"),
    )


def test_a_release_for_a_host_that_the_listing_leaves_out_is_noted(tmp_path: Path) -> None:
    hosts = {"mail": ">=0.4,<2", "panel": "*"}
    wheel = a_wheel(hosts=hosts, runtime={"kind": "python"})
    assert_found(
        tmp_path,
        {WHEEL: a_release("1.0.0", artifacts=[wheel])},
        ("hosts.not-listed", At(WHEEL, "panel"), "the listing does not name the host panel"),
    )


def test_a_runtime_is_one_that_every_host_has(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {WHEEL: a_release("1.0.0", artifacts=[a_wheel(runtime={"kind": "pyton"})])},
        ("hosts.runtime", At(WHEEL, "pyton"), "did you mean 'python'?"),
    )


def test_entry_points_are_of_groups_that_the_host_knows(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {WHEEL: a_release("1.0.0", artifacts=[a_wheel(entry_points={"hoks": [{"name": "x"}]})])},
        ("hosts.entry-point-group", At(WHEEL, "hoks"), "did you mean 'hooks'?"),
    )


def test_one_host_that_knows_the_group_is_enough(tmp_path: Path) -> None:
    panel = a_panel_host(entry_points=[{"group": "pages", "summary": "Pages."}])
    manifest = a_manifest(
        hosts={"mail": "*", "panel": "*"}, permissions=[], entry_points={"pages": [{"name": "x"}], "hooks": []}
    )
    assert_found(
        tmp_path,
        {"hosts/panel.yaml": panel, MANIFEST: manifest, LISTING: a_listing(hosts=["mail", "panel"])},
    )


def test_a_host_that_names_no_groups_takes_any(tmp_path: Path) -> None:
    manifest = a_manifest(entry_points={"whatever": [{"name": "x"}]})
    assert_found(tmp_path, {"hosts/mail.yaml": a_host(entry_points=[]), MANIFEST: manifest})


def test_the_release_of_a_finished_package_says_nothing_of_hosts_before_it_is_fetched(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {f"{PANEL}/releases/2.0.0.yaml": a_release("2.0.0", channel="beta")},
        (
            "sources.not-allowed",
            At(f"{PANEL}/releases/2.0.0.yaml", "https://acme.example"),
            "https://zenith.example/",
        ),
    )
