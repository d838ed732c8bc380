"""Which versions an offline database of vulnerabilities hits."""

from __future__ import annotations

import json
import os
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from pluginry.errors import DocumentError
from pluginry.publisher.scan_setup import ScanSetup
from pluginry.publisher.vendored.osv import open_database
from scanned_packages import scanned

if TYPE_CHECKING:
    from pathlib import Path


def a_document(name: str, ecosystem: str = "PyPI", **affected: Any) -> dict[str, Any]:
    kind = "SEMVER" if ecosystem == "npm" else "ECOSYSTEM"
    ranges = [{"type": kind, "events": events} for events in affected.pop("ranges", [])]
    about = {"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges, **affected}
    return {"id": f"OSV-{name}", "summary": "Something is wrong", "affected": [about]}


def a_database(folder: Path, *documents: Any) -> Path:
    folder.mkdir(exist_ok=True)
    for number, document in enumerate(documents):
        text = document if isinstance(document, str) else json.dumps(document)
        (folder / f"{number}.json").write_text(text, encoding="utf-8")
    return folder


def hit(path: Path, ecosystem: str, name: str, version: str) -> bool:
    return bool(open_database(path).problems_of(ecosystem, name, version))


FROM_1_TO_2 = [{"introduced": "1.0.0"}, {"fixed": "2.0.0"}]


@pytest.mark.parametrize(
    ("version", "is_hit"),
    [("0.9", False), ("1.0", True), ("1.9.9", True), ("2.0rc1", True), ("2", False), ("3", False), ("odd", False)],
)
def test_versions_of_pypi_are_compared_as_pypi_does(tmp_path: Path, version: str, is_hit: bool) -> None:
    path = a_database(tmp_path / "osv", a_document("Foo_Bar", ranges=[FROM_1_TO_2]))
    assert hit(path, "PyPI", "foo-bar", version) == is_hit


@pytest.mark.parametrize(
    ("version", "is_hit"),
    [("1.0.0-beta.1", False), ("1.0.0", True), ("1.10.0", True), ("2.0.0-rc.1", True), ("2.0.0", False), ("x", False)],
)
def test_versions_of_npm_are_compared_as_semver_does(tmp_path: Path, version: str, is_hit: bool) -> None:
    path = a_database(tmp_path / "osv", a_document("foo", "npm", ranges=[FROM_1_TO_2]))
    assert hit(path, "npm", "foo", version) == is_hit


def test_last_affected_lists_and_several_ranges_count(tmp_path: Path) -> None:
    ranges = [
        [{"introduced": "0"}, {"last_affected": "1.5.0"}],
        [{"introduced": "3.0.0"}, {"fixed": "3.1.0"}, {"introduced": "4.0.0"}],
    ]
    path = a_database(tmp_path / "osv", a_document("foo", ranges=ranges, versions=["9.9-odd"]))
    asked = ["0.1", "1.5", "1.5.1", "3.0.5", "3.1", "4.0", "9.9-odd"]
    assert [hit(path, "PyPI", "foo", version) for version in asked] == [True, True, False, True, False, True, True]


def test_a_zip_is_as_good_as_a_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.json", json.dumps(a_document("foo", ranges=[FROM_1_TO_2])))
    assert hit(tmp_path / "all.zip", "PyPI", "foo", "1.2")


def test_withdrawn_foreign_and_broken_documents_do_not_count(tmp_path: Path) -> None:
    withdrawn = {**a_document("foo", ranges=[FROM_1_TO_2]), "withdrawn": "2026-01-01T00:00:00Z"}
    others = ("{", "[]", '{"affected": [{"package": 7}]}', a_document("foo", "Go", ranges=[FROM_1_TO_2]))
    path = a_database(tmp_path / "osv", withdrawn, a_document("bar", ranges=[FROM_1_TO_2]), *others)
    assert not hit(path, "PyPI", "foo", "1.2")
    assert open_database(path).unreadable == 3


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 not a zip"])
def test_what_is_no_database_is_an_error_and_not_clean(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "osv.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DocumentError):
        open_database(path)
    assert "vulnerabilities" in scanned({}, setup=ScanSetup(osv=path)).not_run


def test_a_vulnerable_package_inside_is_a_finding_and_the_facts_name_the_database(tmp_path: Path) -> None:
    path = a_database(tmp_path / "osv", a_document("foo", ranges=[FROM_1_TO_2]))
    result = scanned({"lib/foo-1.2.dist-info/METADATA": "Name: foo\nVersion: 1.2\n"}, setup=ScanSetup(osv=path))
    (found,) = result.findings
    assert (found.rule, found.where.file) == ("scan.vulnerable-package", "lib/foo-1.2.dist-info/METADATA")
    assert found.message == "foo 1.2 (PyPI) is hit by OSV-foo: 'Something is wrong'"
    assert result.scanners["vulnerabilities"] == f"1+{open_database(path).digest}"
    assert result.not_run == {}


def test_a_database_that_was_replaced_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "osv.zip"
    for name, time in (("foo", 1_000_000_000), ("bar", 1_000_000_100)):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("1.json", json.dumps(a_document(name, ranges=[FROM_1_TO_2])))
        os.utime(path, (time, time))
        assert hit(path, "PyPI", name, "1.0")
    assert not hit(path, "PyPI", "foo", "1.0")
