from __future__ import annotations

from typing import TYPE_CHECKING

from builders import LEFT_OUT, PANEL, SPAM, a_host, a_listing, a_namespace, a_panel_listing, a_reserved
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

LISTING = f"{SPAM}/listing.yaml"
PANEL_LISTING = f"{PANEL}/listing.yaml"


def test_a_plugin_in_a_namespace_that_nobody_claimed_is_refused(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {"namespaces/zenith.yaml": LEFT_OUT},
        ("naming.unknown-namespace", At(PANEL_LISTING, "schema"), "namespaces/zenith.yaml"),
    )


def test_a_misspelt_namespace_is_recognised(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {"plugins/zennith/tool/listing.yaml": a_panel_listing(name="Tool"), "plugins/zennith/tool/README.md": "# Tool"},
        ("naming.unknown-namespace", At("plugins/zennith/tool/listing.yaml", "schema"), "did you mean 'zenith'?"),
        ("releases.none", At("plugins/zennith/tool/listing.yaml", "schema"), "releases/<version>.yaml"),
    )


def test_a_namespace_file_that_cannot_be_read_is_no_reason_to_call_its_plugins_homeless(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {"namespaces/zenith.yaml": a_namespace(namespace="zenith", titel="Zenith")},
        ("schema.unknown-key", At("namespaces/zenith.yaml", "titel"), "did you mean"),
    )


def test_a_reserved_namespace_cannot_be_claimed(tmp_path: Path) -> None:
    reserved = a_reserved(namespaces=[{"name": "zenith", "reason": "a well-known company"}])
    assert_found(
        tmp_path,
        {"reserved.yaml": reserved},
        ("naming.reserved", At("namespaces/zenith.yaml", "zenith"), "a well-known company"),
    )


def test_a_reserved_namespace_cannot_be_used_without_a_claim_either(tmp_path: Path) -> None:
    reserved = a_reserved(namespaces=[{"name": "zenith", "reason": "a well-known company"}])
    assert_found(
        tmp_path,
        {"reserved.yaml": reserved, "namespaces/zenith.yaml": LEFT_OUT},
        ("naming.reserved", At(PANEL_LISTING, "schema"), "choose another namespace"),
        ("naming.unknown-namespace", At(PANEL_LISTING, "schema"), "claim it"),
    )


def test_the_id_of_a_removed_plugin_stays_taken(tmp_path: Path) -> None:
    reserved = a_reserved(tombstones=[{"id": "zenith/disk-panel", "reason": "malware"}])
    assert_found(
        tmp_path,
        {"reserved.yaml": reserved},
        ("naming.tombstone", At(PANEL_LISTING, "schema"), "malware"),
    )


def test_the_listing_of_a_removed_plugin_may_stay_beside_its_tombstone(tmp_path: Path) -> None:
    reserved = a_reserved(tombstones=[{"id": "zenith/disk-panel", "reason": "malware"}])
    assert_found(
        tmp_path, {"reserved.yaml": reserved, PANEL_LISTING: a_panel_listing(status="removed", reason="malware")}
    )


def test_an_alias_leads_to_one_plugin_only_whatever_its_case(tmp_path: Path) -> None:
    changes = {
        LISTING: a_listing(aliases=["com.acme.spam_filter"]),
        PANEL_LISTING: a_panel_listing(hosts=["mail"], aliases=["com.acme.spam_filter"]),
    }
    assert_found(
        tmp_path,
        changes,
        ("naming.alias-taken", At(LISTING, "com.acme.spam_filter"), "also claimed by zenith/disk-panel"),
        ("naming.alias-taken", At(PANEL_LISTING, "com.acme.spam_filter"), "also claimed by acme/spam-filter"),
    )


def test_an_alias_has_the_form_of_ids_in_a_host_of_the_plugin(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(aliases=["com.acme.spam_filter", "SpamFilter"])},
        ("naming.alias-form", At(LISTING, "SpamFilter"), "com.acme.spam_filter"),
    )


def test_a_host_without_ids_of_its_own_takes_no_aliases(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {PANEL_LISTING: a_panel_listing(aliases=["disk_panel"])},
        ("naming.alias-form", At(PANEL_LISTING, "disk_panel"), "remove it"),
    )


def test_a_pattern_that_cannot_be_read_is_the_fault_of_the_host_only(tmp_path: Path) -> None:
    mapping = {"pattern": "(?=x)", "example": "x", "template": "{name}"}
    assert_found(
        tmp_path,
        {"hosts/mail.yaml": a_host(id_mapping=mapping)},
        ("host-profiles.pattern", At("hosts/mail.yaml", "(?=x)"), "look-around"),
    )
