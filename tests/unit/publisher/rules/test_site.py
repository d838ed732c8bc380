from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from builders import a_config, a_png
from findings import At, assert_found, findings_in

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "registry.yaml"
GOOD = {"light": "#11684f", "dark": "#6fd0b0"}


def with_site(**site: Any) -> dict[str, str | bytes]:
    return {CONFIG: a_config(site=site)}


def test_an_own_look_that_is_right_finds_nothing(tmp_path: Path) -> None:
    site = {
        "accent": GOOD,
        "header": [{"title": "Company", "url": "https://example.com/"}],
        "footer": [{"title": "Imprint", "url": "https://example.com/imprint"}],
        "footer_text": "Run by the harbour office.",
        "featured": ["acme/spam-filter"],
        "collections": [{"id": "mail", "title": "For mail", "plugins": ["acme/spam-filter", "acme/dns-cache"]}],
    }
    files = {
        "site/logo.png": a_png(64, 64),
        "site/pages/10-imprint.md": "# Imprint\n",
        "site/templates/footer.html": "<footer></footer>",
        "site/templates/assets/own/more.css": "b { color: plum }",
    }
    assert_found(tmp_path, {**with_site(**site), **files})


def test_an_accent_that_is_hard_to_read_is_found_in_its_theme(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        with_site(accent={"light": "#6fd0b0", "dark": "#11684f"}),
        ("site.low-contrast", At(CONFIG, "'#6fd0b0'"), "contrast of 1."),
        ("site.low-contrast", At(CONFIG, "'#11684f'"), "the dark theme's ground"),
    )


def test_the_front_page_names_plugins_that_are_there(tmp_path: Path) -> None:
    site = {
        "featured": ["acme/spam-filte"],
        "collections": [{"id": "mail", "title": "For mail", "plugins": ["acme/dns-cache", "acme/nowhere"]}],
    }
    assert_found(
        tmp_path,
        with_site(**site),
        ("site.unknown-plugin", At(CONFIG, "acme/spam-filte"), "did you mean 'acme/spam-filter'"),
        ("site.unknown-plugin", At(CONFIG, "acme/nowhere"), "there is no plugin acme/nowhere"),
    )


def test_collections_have_ids_of_their_own(tmp_path: Path) -> None:
    collections = [{"id": "mail", "title": title, "plugins": ["acme/dns-cache"]} for title in ("A", "B")]
    assert_found(
        tmp_path,
        with_site(collections=collections),
        ("site.collection-twice", At(CONFIG, ">>mail\n", 2), "id of an earlier collection"),
    )


def test_pages_have_names_of_their_own(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {"site/pages/10-imprint.md": "# A\n", "site/pages/imprint.md": "# B\n"},
        ("site.page-twice", At("site/pages/imprint.md"), "10-imprint.md has the same address"),
    )


@pytest.mark.parametrize(
    ("logo", "rule"),
    [
        (b"<svg onload=alert(1)>", "pictures.not-png"),
        (a_png(4, 4), "pictures.too-large"),
        (a_png(64, 64, padding=1 << 19), "pictures.too-large"),
        (a_png(64, 32), "pictures.icon-not-square"),
    ],
)
def test_a_logo_is_a_png_of_reasonable_size(logo: bytes, rule: str, tmp_path: Path) -> None:
    found = findings_in_registry(tmp_path, {"site/logo.png": logo})
    assert [(finding.rule, str(finding.where)) for finding in found] == [(rule, "site/logo.png")]


@pytest.mark.parametrize(
    "site",
    [
        {"accent": {"light": "red", "dark": "#6fd0b0"}},
        {"accent": {"light": "#11684f;}body{display:none", "dark": "#6fd0b0"}},
        {"accent": {"light": "#11684f"}},
        {"header": [{"title": "x", "url": "javascript:alert(1)"}]},
        {"header": [{"title": "x", "url": "http://example.com/"}]},
        {"header": [{"title": "x", "url": "https://user:secret@example.com/"}]},
        {"footer": [{"title": "a\u0000b", "url": "https://example.com/"}]},
        {"footer_text": "two\nlines"},
        {"collections": [{"id": "../x", "title": "x", "plugins": ["acme/dns-cache"]}]},
        {"collections": [{"id": "x", "title": "x", "plugins": []}]},
        {"featured": ["../../etc"]},
        {"script": "alert(1)"},
    ],
)
def test_hostile_values_are_refused_by_the_schema(site: dict[str, Any], tmp_path: Path) -> None:
    found = findings_in_registry(tmp_path, with_site(**site))
    assert found
    assert all(finding.rule.startswith(("schema.", "yaml.")) for finding in found)


@pytest.mark.parametrize(
    "path",
    [
        "site/logo.svg",
        "site/pages/Imprint.md",
        "site/pages/imprint.html",
        "site/pages/sub/imprint.md",
        "site/templates/run.py",
        "site/templates/.hidden.html",
        "site/templates/a b.html",
        "site/templates/1/2/3/4/5/deep.html",
        "site/other/x.md",
    ],
)
def test_files_that_nothing_reads_are_named(path: str, tmp_path: Path) -> None:
    found = findings_in_registry(tmp_path, {path: "x"})
    assert [finding.rule for finding in found] == ["layout.unexpected-file"]


def test_links_in_the_folder_are_not_followed(tmp_path: Path) -> None:
    from builders import a_registry
    from pluginry.publisher.load import load_registry

    registry = a_registry(tmp_path, {"site/templates/header.html": "x"})
    (registry / "site" / "templates" / "footer.html").symlink_to("/etc/passwd")
    loaded = load_registry(registry)
    assert [finding.rule for finding in loaded.findings] == ["layout.link"]
    assert dict(loaded.registry.site.templates) == {"header.html": b"x"}


def test_a_template_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    found = findings_in_registry(tmp_path, {"site/templates/footer.html": b"\xff\xfe"})
    assert [finding.rule for finding in found] == ["layout.not-text"]


def findings_in_registry(folder: Path, changes: dict[str, Any]) -> Any:
    from builders import a_registry

    return findings_in(a_registry(folder, changes))
