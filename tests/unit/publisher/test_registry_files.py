"""What strangers can put into a folder in place of a plain file with a plain name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from builders import LEFT_OUT, SPAM, a_registry
from findings import findings_in
from pluginry.publisher.load import load_registry

if TYPE_CHECKING:
    from pathlib import Path

LISTING = f"{SPAM}/listing.yaml"
TREE = f"{SPAM}/source/1.0.0"


@pytest.mark.parametrize(
    "path",
    [
        "registry.yaml",
        "hosts/mail.yaml",
        "hosts",
        "plugins/acme",
        SPAM,
        LISTING,
        f"{SPAM}/README.md",
        f"{SPAM}/icon.png",
        f"{SPAM}/releases/1.1.0.yaml",
        f"{SPAM}/screenshots/main.png",
        f"{SPAM}/screenshots",
        f"{SPAM}/source/1.0.0",
        "advisories/PLG-2026-0001.yaml",
    ],
)
def test_links_are_reported_and_never_followed(tmp_path: Path, path: str) -> None:
    registry = a_registry(tmp_path)
    (registry / path).rename(tmp_path / "elsewhere")
    (registry / path).symlink_to(tmp_path / "elsewhere")
    loaded = load_registry(registry)
    assert ("layout.link", path) in {(finding.rule, finding.where.file) for finding in loaded.findings}
    assert not [document for document in loaded.documents if document == path or document.startswith(f"{path}/")]


def test_a_link_in_a_source_tree_is_reported(tmp_path: Path) -> None:
    registry = a_registry(tmp_path)
    (registry / TREE / "LICENSE").unlink()
    (registry / TREE / "LICENSE").symlink_to("/etc/passwd")
    found = {(finding.rule, finding.where.file) for finding in load_registry(registry).findings}
    assert ("pack.link", f"{TREE}/LICENSE") in found


def test_pipes_are_reported_and_nobody_waits_for_them(tmp_path: Path) -> None:
    registry = a_registry(tmp_path, {f"{SPAM}/icon.png": LEFT_OUT, LISTING: LEFT_OUT})
    for path in (f"{SPAM}/icon.png", LISTING):
        os.mkfifo(registry / path)
    found = [(finding.rule, finding.where.file) for finding in load_registry(registry).findings]
    assert ("layout.not-a-file", f"{SPAM}/icon.png") in found
    assert ("layout.not-a-file", LISTING) in found
    assert ("layout.missing-file", LISTING) in found


@pytest.mark.parametrize(
    ("path", "limit"),
    [("registry.yaml", 262144), (LISTING, 262144), (f"{SPAM}/README.md", 262144), (f"{SPAM}/icon.png", 4194304)],
)
def test_large_files_are_reported_with_their_size_and_not_read(tmp_path: Path, path: str, limit: int) -> None:
    registry = a_registry(tmp_path)
    with (registry / path).open("r+b") as stream:
        stream.truncate(1 << 33)
    [finding] = [finding for finding in load_registry(registry).findings if finding.rule == "layout.too-large"]
    assert finding.where.file == path
    assert f"8,589,934,592 bytes; at most {limit:,}" in finding.message


def test_a_readme_is_text(tmp_path: Path) -> None:
    registry = a_registry(tmp_path, {f"{SPAM}/README.md": b"# Spam\n\xff\n"})
    [finding] = load_registry(registry).findings
    assert (finding.rule, finding.where.file) == ("layout.not-text", f"{SPAM}/README.md")
    assert "in line 2" in finding.message


def test_a_folder_with_the_name_of_a_document_is_a_finding(tmp_path: Path) -> None:
    registry = a_registry(tmp_path, {"hosts/mail.yaml": LEFT_OUT})
    (registry / "hosts" / "mail.yaml").mkdir()
    found = [(finding.rule, finding.where.file) for finding in load_registry(registry).findings]
    assert found == [("layout.unexpected-file", "hosts/mail.yaml")]


@pytest.mark.parametrize("name", [b"\xff\xfe.yaml", b"a\nb.yaml", "\u202eabc.yaml".encode(), b"a\x1b[31m.yaml"])
@pytest.mark.parametrize("folder", ["hosts", SPAM, f"{SPAM}/screenshots", f"{SPAM}/releases", TREE, "plugins/acme"])
def test_unprintable_names_are_shown_with_escapes(tmp_path: Path, folder: str, name: bytes) -> None:
    registry = a_registry(tmp_path)
    (registry / folder / os.fsdecode(name)).touch()
    findings = findings_in(registry)
    assert findings
    for finding in findings:
        assert finding.where.file.isprintable()
        finding.where.file.encode()
