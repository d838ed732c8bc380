"""Packages that somebody else made: adopted as they are, when what they say of themselves is true."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from plugin_trees import a_tree, rules_of, write
from pluginry.encoding.archive_writer import NewMember, write_archive
from pluginry.encoding.canonical_json import encode
from pluginry.encoding.documents import encode as encode_model
from pluginry.errors import ArchiveError, DocumentError
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.manifest import FileEntry, FileList
from pluginry.publisher.pack import (
    adopt,
    findings_of_package,
    pack,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return a_tree(tmp_path / "plugin")


class TestFinishedPackages:
    @pytest.fixture
    def contents(self, tree: Path, tmp_path: Path) -> dict[str, bytes]:
        packed = pack(tree, out=tmp_path / "good.zip")
        with zipfile.ZipFile(packed.path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def package(self, folder: Path, contents: Mapping[str, bytes | None]) -> Path:
        path = folder / "changed.zip"
        members = [NewMember(name=name, body=body) for name, body in contents.items() if body is not None]
        with path.open("wb") as stream:
            write_archive(stream, members)
        return path

    def listing(self, contents: Mapping[str, bytes]) -> bytes:
        entries = [
            FileEntry(path=name, sha256=Digest.of(body), size=len(body))
            for name, body in sorted(contents.items())
            if name != "files.json"
        ]
        return encode_model(FileList(files=tuple(entries)))

    def test_a_package_is_adopted_as_it_is(self, tree: Path, tmp_path: Path) -> None:
        packed = pack(tree, out=tmp_path / "good.zip")
        before = packed.path.read_bytes()
        assert adopt(packed.path) == packed
        assert findings_of_package(packed.path) == ()
        assert packed.path.read_bytes() == before

    @pytest.mark.parametrize(
        ("changes", "rule", "message"),
        [
            ({"files.json": None}, "pack.file-list", "there is no files.json"),
            ({"files.json": b"{"}, "pack.file-list", "not JSON"),
            ({"files.json": b"[]"}, "schema.type", ""),
            ({"files.json": b'{"format":1,"files":[]}'}, "pack.file-list", "is there and not listed"),
            ({"extra.py": b"import os"}, "pack.file-list", "'extra.py' is there and not listed"),
            ({"tools/train": None}, "pack.file-list", "'tools/train' is listed and not there"),
            (
                {"tools/train": b"#!/bin/sh\necho Trained\n"},
                "pack.file-list",
                "'tools/train' is not what the list says",
            ),
            ({"plugin.json": b"{}"}, "schema.required", ""),
            ({"plugin.json": b"{"}, "pack.bad-manifest", ""),
            ({"LICENSE": None}, "pack.missing-file", "'LICENSE'"),
        ],
    )
    def test_packages_that_do_not_say_what_is_in_them(
        self, tmp_path: Path, contents: dict[str, bytes], changes: dict[str, bytes | None], rule: str, message: str
    ) -> None:
        package = self.package(tmp_path, {**contents, **changes})
        findings = findings_of_package(package)
        assert any(finding.rule == rule and message in finding.message for finding in findings)
        with pytest.raises(DocumentError, match="not a package"):
            adopt(package)

    def test_a_manifest_in_another_spelling(self, tmp_path: Path, contents: dict[str, bytes]) -> None:
        contents["plugin.json"] += b"\n"
        contents["files.json"] = self.listing(contents)
        (finding,) = findings_of_package(self.package(tmp_path, contents))
        assert finding.rule == "pack.not-canonical"

    def test_a_list_in_another_spelling(self, tmp_path: Path, contents: dict[str, bytes]) -> None:
        contents["files.json"] += b" "
        (finding,) = findings_of_package(self.package(tmp_path, contents))
        assert finding.rule == "pack.not-canonical"

    def test_a_file_that_is_listed_twice(self, tmp_path: Path, contents: dict[str, bytes]) -> None:
        document = json.loads(contents["files.json"])
        document["files"].append(document["files"][0])
        contents["files.json"] = encode(document)
        (finding,) = findings_of_package(self.package(tmp_path, contents))
        assert finding.message == "a file is listed twice"

    def test_an_unknown_key_of_the_manifest_is_refused(self, tmp_path: Path, contents: dict[str, bytes]) -> None:
        contents["plugin.json"] = encode({**json.loads(contents["plugin.json"]), "postinstall": "sh"})
        contents["files.json"] = self.listing(contents)
        assert rules_of(findings_of_package(self.package(tmp_path, contents))) == {"schema.unknown-key"}

    def test_what_other_tools_write_is_adopted_when_it_is_true(
        self, tmp_path: Path, contents: dict[str, bytes]
    ) -> None:
        path = tmp_path / "zipped.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in contents.items():
                archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), body)
        assert adopt(path).blob == BlobRef.of(path.read_bytes())

    @pytest.mark.parametrize("data", [b"", b"PK\x05\x06", b"no archive" * 100])
    def test_files_that_are_no_archive(self, tmp_path: Path, data: bytes) -> None:
        with pytest.raises(ArchiveError):
            adopt(write(tmp_path, "x.zip", data))

    def test_every_changed_byte_is_noticed_or_changes_nothing_that_counts(self, tree: Path, tmp_path: Path) -> None:
        packed = pack(tree, out=tmp_path / "good.zip")
        good = packed.path.read_bytes()
        path = tmp_path / "changed.zip"
        for at in range(0, len(good), 7):
            path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
            try:
                adopted = adopt(path)
            except DocumentError:
                continue
            with zipfile.ZipFile(io.BytesIO(good)) as before, zipfile.ZipFile(path) as after:
                assert [before.read(n) for n in before.namelist()] == [after.read(n) for n in after.namelist()]
            assert adopted.manifest_bytes == packed.manifest_bytes
