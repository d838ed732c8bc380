"""From a folder to a package: always the same bytes, and nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from plugin_trees import FILES, MANIFEST, PRIVATE_KEY, a_tree, names_in, write
from pluginry.encoding.archive import read_archive
from pluginry.encoding.archive_extraction import extract
from pluginry.encoding.canonical_json import encode
from pluginry.encoding.documents import decode
from pluginry.encoding.documents import encode as encode_model
from pluginry.errors import DocumentError, UsageError
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.manifest import FileList
from pluginry.publisher.pack import (
    adopt,
    pack,
    packed_digest,
    plan_package,
    write_plan,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


GOLDEN = "07e2bd315739e24c65fc2008aebaa04e1d7398c09b28b2f6048d05319d111606"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return a_tree(tmp_path / "plugin")


class TestWhatAPackageHolds:
    def test_the_manifest_the_list_and_every_other_file(self, tree: Path, tmp_path: Path) -> None:
        packed = pack(tree, out=tmp_path / "out.zip")
        assert names_in(packed.path) == [
            "LICENSE",
            "README.md",
            "config.schema.json",
            "files.json",
            "plugin.json",
            "src/spam_filter/__init__.py",
            "src/spam_filter/words.txt",
            "tools/train",
        ]

    def test_the_result_describes_the_file(self, tree: Path, tmp_path: Path) -> None:
        packed = pack(tree, out=tmp_path / "out.zip")
        assert packed.blob == BlobRef.of(packed.path.read_bytes())
        assert str(packed.manifest.id) == "acme/spam-filter"
        assert packed.manifest_bytes == encode_model(packed.manifest)

    def test_the_manifest_is_canonical_json(self, tree: Path, tmp_path: Path) -> None:
        packed = pack(tree, out=tmp_path / "out.zip")
        assert packed.manifest_bytes == encode(json.loads(packed.manifest_bytes))
        assert json.loads(packed.manifest_bytes)["hosts"] == {"mairust": ">=0.4,<1"}

    def test_the_list_names_every_other_member(self, tree: Path, tmp_path: Path) -> None:
        packed = pack(tree, out=tmp_path / "out.zip")
        with packed.path.open("rb") as stream:
            archive = read_archive(stream)
            listed = decode(FileList, archive.read("files.json", max_bytes=10_000), what="files.json").files
            assert [entry.path for entry in listed] == [n for n in names_in(packed.path) if n != "files.json"]
            for entry in listed:
                content = archive.read(entry.path, max_bytes=10_000)
                assert (entry.sha256, entry.size) == (Digest.of(content), len(content))

    def test_it_comes_out_of_the_archive_as_it_went_in(self, tree: Path, tmp_path: Path) -> None:
        packed = pack(tree, out=tmp_path / "out.zip")
        with packed.path.open("rb") as stream:
            extract(read_archive(stream), tmp_path / "again")
        for name, content in FILES.items():
            if name != "plugin.yaml":
                assert (tmp_path / "again" / name).read_bytes() == content

    def test_what_was_unpacked_packs_to_the_same_bytes(self, tree: Path, tmp_path: Path) -> None:
        packed = pack(tree, out=tmp_path / "out.zip")
        with packed.path.open("rb") as stream:
            extract(read_archive(stream), tmp_path / "again")
        assert pack(tmp_path / "again", out=tmp_path / "again.zip").blob == packed.blob

    def test_a_plugin_json_of_the_author_serves_as_well(self, tree: Path, tmp_path: Path) -> None:
        expected = pack(tree, out=tmp_path / "out.zip")
        (tree / "plugin.yaml").unlink()
        write(tree, "plugin.json", json.dumps(json.loads(expected.manifest_bytes), indent=4))
        assert pack(tree, out=tmp_path / "again.zip").blob == expected.blob

    def test_scripts_native_code_and_the_started_process_are_executable(self, tmp_path: Path) -> None:
        manifest = MANIFEST.replace('kind: python, entry_point: "spam_filter:Plugin", paths: [src]', "KIND")
        manifest = manifest.replace("KIND", "kind: process, entry_point: bin/start.cmd")
        files = {"plugin.yaml": manifest, "bin/start.cmd": "@echo off\n", "bin/code": b"\x7fELF\x02\x01\x01"}
        packed = pack(a_tree(tmp_path / "plugin", files), out=tmp_path / "out.zip")
        with packed.path.open("rb") as stream:
            programs = {member.name for member in read_archive(stream).members if member.executable}
        assert programs == {"bin/code", "bin/start.cmd", "tools/train"}


class TestTheSameBytes:
    def test_known_bytes(self, tree: Path, tmp_path: Path) -> None:
        assert pack(tree, out=tmp_path / "out.zip").blob.sha256.hex == GOLDEN

    def test_on_another_day_from_another_folder_in_another_order(self, tree: Path, tmp_path: Path) -> None:
        expected = pack(tree, out=tmp_path / "one.zip").path.read_bytes()
        names = sorted(FILES, reverse=True)
        other = tmp_path / "deep" / "below" / "ünder"
        for name in names:
            path = write(other, name, FILES[name])
            os.utime(path, (1_000_000_000, 1_900_000_000))
        assert pack(other, out=tmp_path / "two.zip").path.read_bytes() == expected

    def test_whatever_the_file_modes(self, tree: Path, tmp_path: Path) -> None:
        expected = pack(tree, out=tmp_path / "one.zip").blob
        (tree / "tools/train").chmod(0o600)
        (tree / "README.md").chmod(0o755)
        (tree / "LICENSE").chmod(0o4755)
        assert pack(tree, out=tmp_path / "two.zip").blob == expected

    @pytest.mark.parametrize(
        "environment",
        [
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1"},
            {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "TZ": "America/Lima", "PYTHONHASHSEED": "2"},
        ],
    )
    def test_in_another_locale_time_zone_and_umask(
        self, tree: Path, tmp_path: Path, environment: Mapping[str, str]
    ) -> None:
        write(tree, "docs/Übersicht.md", "# Übersicht\n")
        expected = pack(tree, out=tmp_path / "one.zip").blob
        program = (
            "import os, sys; from pathlib import Path; os.umask(0o077);"
            "from pluginry.publisher.pack import pack;"
            "print(pack(Path(sys.argv[1]), out=Path(sys.argv[2])).blob.sha256)"
        )
        answer = subprocess.run(
            [sys.executable, "-c", program, str(tree), str(tmp_path / "two.zip")],
            env={**os.environ, **environment},
            capture_output=True,
            check=True,
        )
        assert answer.stdout.decode().strip() == expected.sha256.hex

    def test_the_digest_alone_is_that_of_the_package(self, tree: Path, tmp_path: Path) -> None:
        assert packed_digest(tree) == pack(tree, out=tmp_path / "out.zip").blob

    def test_an_earlier_package_in_the_folder_changes_nothing(self, tree: Path) -> None:
        first = pack(tree, out=tree / "spam-filter-1.2.0.zip").blob
        assert pack(tree, out=tree / "spam-filter-1.2.0.zip").blob == first
        assert pack(tree, out=tree / "spam-filter-1.2.0-linux-x86_64.zip").blob == first


class TestWriting:
    def test_nothing_is_left_of_a_package_that_failed(self, tree: Path, tmp_path: Path) -> None:
        out = write(tmp_path, "out/package.zip", "the last one")
        plan = plan_package(tree)
        write(tree, "LICENSE", "changed after it was planned")
        with pytest.raises(DocumentError, match="'LICENSE' is not what the list says"):
            write_plan(plan, out)
        assert [path.name for path in out.parent.iterdir()] == ["package.zip"]
        assert out.read_text() == "the last one"

    def test_a_refused_plan_is_never_written(self, tree: Path, tmp_path: Path) -> None:
        write(tree, ".env", "")
        plan = plan_package(tree)
        assert plan.is_refused
        with pytest.raises(DocumentError):
            write_plan(plan, tmp_path / "out.zip")
        with pytest.raises(DocumentError):
            packed_digest(tree)
        assert not (tmp_path / "out.zip").exists()

    def test_an_earlier_package_is_replaced(self, tree: Path, tmp_path: Path) -> None:
        out = write(tmp_path, "out.zip", "old")
        assert BlobRef.of(out.read_bytes()) != pack(tree, out=out).blob == BlobRef.of(out.read_bytes())

    def test_a_place_that_cannot_be_written(self, tree: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be written"):
            pack(tree, out=tmp_path / "no such folder" / "out.zip")

    def test_a_place_inside_the_folder_that_the_next_package_would_take_in(self, tree: Path) -> None:
        with pytest.raises(UsageError, match="the next package would contain this one"):
            pack(tree, out=tree / "other.zip")
        write(tree, ".pluginryignore", "/build/\n")
        (tree / "build").mkdir()
        assert pack(tree, out=tree / "build" / "other.zip").path.exists()

    def test_large_files_are_streamed(self, tree: Path, tmp_path: Path) -> None:
        with (tree / "hole").open("wb") as file:
            file.truncate(48 << 20)
        packed_digest(tree)  # whatever is loaded once
        tracemalloc.start()
        try:
            pack(tree, out=tmp_path / "out.zip")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 12 << 20


class TestForeignTrees:
    """They were unpacked from archives of other registries, and given a ``plugin.json``."""

    @pytest.fixture
    def foreign(self, tree: Path, tmp_path: Path) -> Path:
        manifest = pack(tree, out=tmp_path / "own.zip").manifest_bytes
        return a_tree(tmp_path / "foreign", {"plugin.yaml": None, "plugin.json": manifest})

    def test_they_are_packed_as_they_are(self, foreign: Path, tmp_path: Path) -> None:
        extra = {"node_modules/left/index.js", ".gitignore", "tests/.env", "tests/key.pem", ".pluginryignore"}
        for name in extra:
            write(foreign, name, PRIVATE_KEY)
        packed = pack(foreign, out=tmp_path / "out.zip", foreign=True)
        assert set(names_in(packed.path)) == (set(FILES) - {"plugin.yaml"}) | {"plugin.json", "files.json"} | extra
        assert adopt(packed.path) == packed
        with pytest.raises(DocumentError):
            pack(foreign, out=tmp_path / "out.zip")

    def test_their_manifest_has_to_be_true(self, foreign: Path, tmp_path: Path) -> None:
        (foreign / "LICENSE").unlink()
        with pytest.raises(DocumentError, match="no file 'LICENSE' in the package"):
            pack(foreign, out=tmp_path / "out.zip", foreign=True)

    @pytest.mark.parametrize("name", ["files.json", "aux.txt", "license"])
    def test_their_names_are_checked(self, foreign: Path, tmp_path: Path, name: str) -> None:
        write(foreign, name, "{}")
        with pytest.raises(DocumentError, match=name):
            pack(foreign, out=tmp_path / "out.zip", foreign=True)

    def test_their_links_are_refused(self, foreign: Path, tmp_path: Path) -> None:
        (foreign / "link").symlink_to("LICENSE")
        with pytest.raises(DocumentError, match="symbolic link"):
            pack(foreign, out=tmp_path / "out.zip", foreign=True)
