from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import CACHE, PANEL, SPAM, a_cache_listing, a_listing, a_panel_listing
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

LISTING = f"{SPAM}/listing.yaml"
CACHE_LISTING = f"{CACHE}/listing.yaml"
PANEL_LISTING = f"{PANEL}/listing.yaml"


def test_related_plugins_exist(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(related=["acme/dns-cash"])},
        ("relations.unknown", At(LISTING, "acme/dns-cash"), "did you mean 'acme/dns-cache'?"),
    )


def test_a_plugin_is_not_related_to_itself(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(related=["acme/spam-filter"])},
        ("relations.self", At(LISTING, "acme/spam-filter", 2), "names itself"),
    )


def test_a_related_plugin_that_cannot_be_read_is_not_unknown(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {PANEL_LISTING: "{", LISTING: a_listing(related=["zenith/disk-panel"])},
        ("yaml.syntax", At(PANEL_LISTING, "{>>"), "not valid YAML"),
    )


def test_the_replacement_of_a_plugin_exists(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {PANEL_LISTING: a_panel_listing(status="deprecated", replaced_by="zenith/gone")},
        ("relations.unknown", At(PANEL_LISTING, "zenith/gone"), "there is no plugin 'zenith/gone'"),
    )


def test_a_plugin_does_not_replace_itself(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {PANEL_LISTING: a_panel_listing(status="deprecated", replaced_by="zenith/disk-panel")},
        ("relations.self", At(PANEL_LISTING, "zenith/disk-panel"), "names itself"),
    )


def test_replacements_do_not_lead_in_a_circle(tmp_path: Path) -> None:
    changes = {
        CACHE_LISTING: a_cache_listing(status="deprecated", replaced_by="zenith/disk-panel"),
        PANEL_LISTING: a_panel_listing(status="deprecated", replaced_by="acme/dns-cache"),
    }
    assert_found(
        tmp_path,
        changes,
        (
            "relations.replacement-cycle",
            At(CACHE_LISTING, "zenith/disk-panel"),
            "acme/dns-cache is replaced by zenith/disk-panel is replaced by acme/dns-cache",
        ),
        ("relations.replacement-cycle", At(PANEL_LISTING, "acme/dns-cache"), "is replaced by"),
    )


def test_who_leads_into_a_circle_is_not_blamed_for_it(tmp_path: Path) -> None:
    changes = {
        LISTING: a_listing(status="deprecated", replaced_by="acme/dns-cache"),
        CACHE_LISTING: a_cache_listing(status="deprecated", replaced_by="zenith/disk-panel"),
        PANEL_LISTING: a_panel_listing(status="deprecated", replaced_by="acme/dns-cache"),
    }
    assert_found(
        tmp_path,
        changes,
        ("relations.replacement-cycle", At(CACHE_LISTING, "zenith/disk-panel"), ""),
        ("relations.replacement-cycle", At(PANEL_LISTING, "acme/dns-cache"), ""),
    )


def test_a_removed_plugin_replaces_nothing(tmp_path: Path) -> None:
    changes = {
        CACHE_LISTING: a_cache_listing(status="deprecated", replaced_by="zenith/disk-panel"),
        PANEL_LISTING: a_panel_listing(status="removed", reason="abandoned"),
    }
    assert_found(
        tmp_path,
        changes,
        ("relations.replacement-gone", At(CACHE_LISTING, "zenith/disk-panel"), "zenith/disk-panel was removed"),
    )


@pytest.mark.parametrize("status", ["deprecated", "removed"])
def test_who_gives_up_says_why_or_what_instead(tmp_path: Path, status: str) -> None:
    assert_found(
        tmp_path,
        {PANEL_LISTING: a_panel_listing(status=status)},
        ("relations.no-reason", At(PANEL_LISTING, f"status: >>{status}"), "add reason"),
    )


def test_a_reason_is_enough(tmp_path: Path) -> None:
    assert_found(tmp_path, {PANEL_LISTING: a_panel_listing(status="deprecated", reason="The panel does it by itself")})


@pytest.mark.parametrize("status", ["active", "adopt-me"])
def test_what_is_replaced_is_deprecated(tmp_path: Path, status: str) -> None:
    assert_found(
        tmp_path,
        {PANEL_LISTING: a_panel_listing(status=status, replaced_by="acme/dns-cache")},
        ("relations.replaced-but-active", At(PANEL_LISTING, "replaced_by"), "status: deprecated"),
    )
