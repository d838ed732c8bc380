from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import a_host, a_panel_host
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

HOST = "hosts/mail.yaml"
PANEL = "hosts/panel.yaml"


def a_permission(**changes: object) -> dict[str, object]:
    return {"type": "pages", "severity": "low", "says": "Adds pages to {scope}", **changes}


@pytest.mark.parametrize("pattern", ["(?=a)b", "(a", r"(a)\1", "a{2", "a++", "((((a{9}){9}){9}){9})"])
def test_patterns_are_of_the_kind_that_always_answers(tmp_path: Path, pattern: str) -> None:
    assert_found(
        tmp_path,
        {PANEL: a_panel_host(permissions=[a_permission(scope_pattern=pattern)])},
        ("host-profiles.pattern", At(PANEL, pattern), "look-around and back references are not read"),
    )


def test_a_pattern_that_would_take_for_ever_elsewhere_answers_at_once(tmp_path: Path) -> None:
    mapping = {"pattern": "(a+)+(.*.*.*)*b", "example": "a" * 120 + "b", "template": "{name}b"}
    assert_found(
        tmp_path,
        {PANEL: a_panel_host(id_mapping=mapping)},
        ("host-profiles.id-template", At(PANEL, "'{name}b'"), "which does not fit the pattern"),
    )


def test_the_example_of_an_id_fits_its_pattern(tmp_path: Path) -> None:
    mapping = {"pattern": "[a-z_]+", "example": "Spam-Filter", "template": "{name_underscored}"}
    assert_found(
        tmp_path,
        {PANEL: a_panel_host(id_mapping=mapping)},
        ("host-profiles.id-example", At(PANEL, "Spam-Filter"), "correct the pattern or the example"),
    )


def test_the_template_makes_ids_that_fit_the_pattern(tmp_path: Path) -> None:
    mapping = {"pattern": "[a-z_]+", "example": "spam_filter", "template": "{namespace}.{name}"}
    assert_found(
        tmp_path,
        {PANEL: a_panel_host(id_mapping=mapping)},
        ("host-profiles.id-template", At(PANEL, "'{namespace}.{name}'"), "'acme.spam-filter'"),
    )


def test_each_word_of_the_vocabulary_is_defined_once(tmp_path: Path) -> None:
    runtime = {"kind": "files", "summary": "Pages."}
    group = {"group": "pages", "summary": "Pages."}
    host = a_panel_host(
        runtimes=[runtime, {**runtime, "summary": "Other."}],
        entry_points=[group, {**group, "summary": "Other."}],
        permissions=[a_permission(says="Adds pages"), a_permission(says="Adds other pages")],
    )
    assert_found(
        tmp_path,
        {PANEL: host},
        ("host-profiles.twice", At(PANEL, "files", 1), "'files' is defined twice"),
        ("host-profiles.twice", At(PANEL, "files", 2), "'files' is defined twice"),
        ("host-profiles.twice", At(PANEL, "pages\n  summary: Pages."), "defined twice"),
        ("host-profiles.twice", At(PANEL, "pages\n  summary: Other."), "defined twice"),
        ("host-profiles.twice", At(PANEL, "pages\n  severity", 1), "'pages' is defined twice"),
        ("host-profiles.twice", At(PANEL, "pages\n  severity", 2), "'pages' is defined twice"),
    )


def test_versions_are_sorted_and_each_stands_once(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {HOST: a_host(versions=["0.5.0", "0.4.0", "1.0.0", "1.0.0"])},
        ("host-profiles.version-order", At(HOST, "0.4.0"), "0.4.0 stands after 0.5.0"),
        ("host-profiles.version-order", At(HOST, "1.0.0", 2), "1.0.0 stands after 1.0.0"),
    )


def test_a_sentence_says_the_scope_where_there_are_several(tmp_path: Path) -> None:
    permission = a_permission(says="Adds pages", scope_pattern="[a-z]+")
    assert_found(
        tmp_path,
        {PANEL: a_panel_host(permissions=[permission])},
        ("host-profiles.scope-unsaid", At(PANEL, "Adds pages"), "write {scope}"),
    )


@pytest.mark.parametrize("scheme", ["javascript", "https", "ms-settings"])
def test_install_links_do_not_use_what_belongs_to_browsers(tmp_path: Path, scheme: str) -> None:
    assert_found(
        tmp_path,
        {PANEL: a_panel_host(install_scheme=scheme)},
        ("host-profiles.install-scheme", At(PANEL, scheme), "it belongs to browsers"),
    )


def test_two_hosts_do_not_share_a_scheme(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {HOST: a_host(install_scheme="studio"), PANEL: a_panel_host(install_scheme="studio")},
        ("host-profiles.install-scheme", At(HOST, "studio"), "another host has it too"),
        ("host-profiles.install-scheme", At(PANEL, "studio"), "another host has it too"),
    )


def test_a_scheme_of_the_hosts_own_is_fine(tmp_path: Path) -> None:
    assert_found(tmp_path, {PANEL: a_panel_host(install_scheme="panel")})
