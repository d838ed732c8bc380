"""``pluginry registry add``: from a project to a listed plugin with a release, or to nothing at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from beginnings import FOLDER, OWNER, add, assert_refused, begin, entry, files, project
from command_line import Answer, pluginry
from pluginry.adapters.url_source import UrlSource
from pluginry.errors import UsageError
from pluginry.publisher.scaffold import new_files
from terminal import in_a_terminal

URL = "https://example.com/hello/hello-0.1.0.zip"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a new marketplace and a project."""
    monkeypatch.chdir(tmp_path)
    begin()
    return tmp_path


def change(file: str, old: str, new: str) -> None:
    text = Path(file).read_text("utf-8")
    assert old in text
    Path(file).write_text(text.replace(old, new), "utf-8")


class TestOwnSources:
    def test_a_marketplace_begins_without_a_line_of_yaml(self) -> None:
        added = add(*OWNER)
        assert added.status == 0, added.err
        assert f"market/registry/{FOLDER}/listing.yaml" in added.out.splitlines()
        assert pluginry("check", "market/registry").out == "No findings.\n"
        assert pluginry("trust", "init", "--workspace", "market", "--signing", "none").status == 0
        published = pluginry("publish", "market/dist", "--workspace", "market")
        assert published.status == 0, published.err
        assert "installed acme/hello 0.1.0" in published.out + published.err

    def test_listing_and_release_say_what_the_project_says(self) -> None:
        answer = add(*OWNER, "--json")
        listing, readme = entry().listing, Path("hello/README.md").read_text("utf-8")
        assert (listing.name, listing.summary, listing.license) == ("Hello", "Greets people.", "Apache-2.0")
        assert (listing.hosts, listing.categories, listing.sources) == (("shell",), ("tools",), ("path:source/",))
        assert entry().readme == readme
        [artifact] = entry().releases[next(iter(entry().releases))].artifacts
        packed = pluginry("pack", "hello", "--json").data
        assert str(artifact.sha256) == packed["sha256"]
        assert answer.data["files"] == [name.removeprefix("registry/") for name in written(answer)]
        assert (answer.data["id"], answer.data["version"], answer.data["written"]) == ("acme/hello", "0.1.0", True)
        assert packed["sha256"] in answer.data["release"]

    def test_what_is_said_goes_before_what_is_found(self) -> None:
        words = ("--name", "Hello there", "--summary", "Says hello", "--license", "MIT OR 0BSD", "--category", "tools")
        assert add(*OWNER, *words).status == 0
        listing = entry().listing
        assert (listing.name, listing.summary, listing.license) == ("Hello there", "Says hello", "MIT OR 0BSD")

    def test_files_that_the_package_needs_come_along_and_others_do_not(self) -> None:
        change("hello/.pluginryignore", "/tests/", "!*.swp\n/tests/")
        Path("hello/kept.swp").write_text("a default would leave it out", "utf-8")
        assert add(*OWNER).status == 0
        source = f"market/registry/{FOLDER}/source/0.1.0"
        assert {"kept.swp", "plugin.yaml", ".pluginryignore", "src/hello.py"} <= set(files(source))
        assert not {"tests", "CHANGELOG.md", ".github", ".gitignore"} & set(files(source))
        assert pluginry("check", "market/registry").out == "No findings.\n"

    def test_a_namespace_that_is_there_names_the_owners(self) -> None:
        assert add(*OWNER).status == 0
        project("other", "acme/clock")
        assert pluginry("registry", "add", "other", "--registry", "market/registry").status == 0
        assert [(one.login, one.id) for one in entry("acme/clock").listing.owners] == [("anna", 101)]

    def test_an_owner_from_outside_of_the_namespace_is_pointed_out(self) -> None:
        assert add(*OWNER).status == 0
        project("other", "acme/clock")
        words = ("--owner", "ben", "--owner-id", "102")
        answer = pluginry("registry", "add", "other", "--registry", "market", *words)
        assert (answer.status, "owners.outside-namespace" in answer.err) == (0, True)

    def test_a_first_version_that_is_not_finished_is_not_stable(self) -> None:
        change("hello/plugin.yaml", "version: 0.1.0", "version: 0.1.0-alpha.1")
        assert add(*OWNER).status == 0
        [release] = entry().releases.values()
        assert release.channel == "experimental"

    def test_a_dry_run_shows_listing_and_release_and_writes_nothing(self) -> None:
        before = files()
        answer = add(*OWNER, "--dry-run")
        assert (answer.status, files()) == (0, before)
        assert "path: source/0.1.0" in answer.out
        assert "summary: Greets people." in answer.out

    def test_on_a_terminal_it_does_not_ask_for_what_it_finds(self) -> None:
        in_a_terminal(["registry", "add", "hello", "--registry", "market", *OWNER], [])
        assert entry().listing.summary == "Greets people."

    def test_on_a_terminal_it_asks_for_what_it_cannot_find(self) -> None:
        Path("hello/README.md").write_text("# Hello\n\n- a list\n", "utf-8")
        answers = [("What it does", "x"), ("What it does", "Greets"), ("Whose", "anna"), ("number", "101")]
        in_a_terminal(["registry", "add", "hello", "--registry", "market"], answers)
        assert (entry().listing.summary, entry().listing.owners[0].id) == ("Greets", 101)


class TestPackages:
    def test_a_package_here_is_released_at_its_address(self) -> None:
        packed = pluginry("pack", "hello", "--json").data
        assert add(*OWNER, "--source-url", URL, "--package", packed["path"]).status == 0
        [release] = entry().releases.values()
        [artifact] = release.artifacts
        assert (artifact.source.url, artifact.size) == (URL, packed["size"])
        assert str(artifact.sha256) == hashlib.sha256(Path(packed["path"]).read_bytes()).hexdigest()
        assert entry().listing.sources == ("https://example.com/hello/",)
        assert not Path(f"market/registry/{FOLDER}/source").exists()
        assert pluginry("check", "market/registry").out == "No findings.\n"

    def test_a_package_elsewhere_is_fetched(self, monkeypatch: pytest.MonkeyPatch) -> None:
        packed = pluginry("pack", "hello", "--json").data
        url = "https://example.com/hello/hello-0.1.0-linux-x86_64.zip"

        def fetch(_self: UrlSource, source: Any, into: Path, **_more: Any) -> Path:
            assert source.url == url
            return Path(shutil.copy(packed["path"], into / "download"))

        monkeypatch.setattr(UrlSource, "fetch", fetch)
        assert add(*OWNER, "--source-url", url).status == 0
        [release] = entry().releases.values()
        [artifact] = release.artifacts
        assert (str(artifact.sha256), artifact.platform) == (packed["sha256"], "linux-x86_64")

    def test_a_package_of_something_else_is_refused(self) -> None:
        before, packed = files(), pluginry("pack", "hello", "--json").data["path"]
        change("hello/plugin.yaml", "version: 0.1.0", "version: 0.2.0")
        package = ("--source-url", URL, "--package", packed)
        assert_refused(add(*OWNER, *package), 1, "it holds acme/hello 0.1.0, the project is acme/hello 0.2.0", before)
        change("hello/plugin.yaml", "version: 0.2.0", "version: 0.1.0\ndata_version: 1")
        assert_refused(add(*OWNER, *package), 1, "their manifests differ", before)
        Path(packed).write_text("no package at all", "utf-8")
        assert_refused(add(*OWNER, *package), 1, "this is no ZIP file", before)

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com/x.zip",
            "file:///etc/passwd",
            "https://user:secret@example.com/x.zip",
            "https://example.com/a/../x.zip",
            "https://[",
            "x.zip",
        ],
    )
    def test_addresses_that_nobody_can_fetch_from(self, url: str) -> None:
        before, packed = files(), pluginry("pack", "hello", "--json").data["path"]
        answer = add(*OWNER, "--source-url", url, "--package", packed)
        assert_refused(answer, 2, "--source-url is no https address", before)
        assert "secret" not in answer.err

    def test_a_package_without_its_address_is_not_enough(self) -> None:
        before, packed = files(), pluginry("pack", "hello", "--json").data["path"]
        assert_refused(add(*OWNER, "--package", packed), 2, "--source-url", before)


class TestRefusals:
    def test_a_plugin_that_is_listed_is_left_alone(self) -> None:
        assert add(*OWNER).status == 0
        before = {name: Path("market", name).read_bytes() for name in files() if Path("market", name).is_file()}
        change("hello/plugin.yaml", "version: 0.1.0", "version: 0.2.0")
        answer = add(*OWNER)
        assert (answer.status, "`pluginry bump acme/hello`" in answer.err) == (2, True)
        assert {name: Path("market", name).read_bytes() for name in before} == before
        assert set(before) == {name for name in files() if Path("market", name).is_file()}

    def test_folders_that_are_no_projects(self) -> None:
        before = files()
        Path("empty").mkdir()
        Path("file").write_text("", "utf-8")
        for name, status, says in (
            ("empty", 1, "pack.no-manifest"),
            ("nowhere", 2, "there is no such folder"),
            ("file", 2, "is a file"),
            ("market/registry", 1, "pack.no-manifest"),
        ):
            assert_refused(pluginry("registry", "add", name, "--registry", "market", *OWNER), status, says, before)

    def test_a_folder_that_is_no_registry(self) -> None:
        answer = pluginry("registry", "add", "hello", "--registry", "hello", *OWNER)
        assert (answer.status, "there is no registry here" in answer.err) == (2, True)

    def test_a_finished_manifest_gives_no_sources(self) -> None:
        before = files()
        Path("hello/plugin.yaml").unlink()
        Path("hello/plugin.json").write_text(
            '{"schema":1,"id":"acme/hello","version":"0.1.0","hosts":{"shell":"*"},"runtime":{"kind":"files"},'
            '"license_files":["LICENSE"]}',
            "utf-8",
        )
        assert_refused(add(*OWNER), 7, "these sources have no plugin.yaml", before)

    @pytest.mark.parametrize(
        ("old", "new", "rule"),
        [
            ("id: acme/hello", "id: ../../etc", "schema.pattern"),
            ("id: acme/hello", "id: acme/con", "pack.bad-manifest"),
            ('shell: "', 'shall: "', "hosts.unknown"),
            ('kind: python\n  entry_point: "hello:Plugin"\n  paths: [src]', "kind: files", "hosts.runtime"),
            ("permissions: []", "permissions: [{type: root, scope: all, reason: Because}]", "permissions."),
        ],
    )
    def test_manifests_that_the_registry_does_not_take(self, old: str, new: str, rule: str) -> None:
        before = files()
        change("hello/plugin.yaml", old, new)
        assert_refused(add(*OWNER), 1, rule, before)
        report = add(*OWNER, "--json").data
        assert report["verdict"] == "refused"
        assert files() == before

    def test_a_reserved_namespace(self) -> None:
        reserved = "schema: 1\nnamespaces:\n  - {name: acme, reason: Somebody else}\n"
        Path("market/registry/reserved.yaml").write_text(reserved, "utf-8")
        assert_refused(add(*OWNER), 1, "naming.reserved", files())

    def test_links_in_the_project(self) -> None:
        before = files()
        Path("hello/secrets").symlink_to("/etc/passwd")
        assert_refused(add(*OWNER), 1, "pack.link", before)
        Path("hello/secrets").unlink()
        Path("hello/README.md").rename("README.md")
        Path("hello/README.md").symlink_to("../README.md")
        change("hello/.pluginryignore", "/tests/", "/tests/\nREADME.md")
        assert_refused(add(*OWNER), 1, "the README cannot be taken over", before)

    def test_links_in_the_registry(self) -> None:
        Path("elsewhere").mkdir()
        Path("market/registry/plugins").symlink_to(Path("elsewhere").resolve())
        assert_refused(add(*OWNER), 2, "this is a link", files())
        assert files("elsewhere") == []

    @pytest.mark.parametrize(
        ("words", "status", "says"),
        [
            ((), 2, "--owner is missing"),
            (("--owner", "anna"), 2, "--owner-id is missing"),
            (("--owner", "../anna", "--owner-id", "1"), 2, "is not an account"),
            (("--owner", "anna", "--owner-id", "0"), 2, "is not an account"),
            (("--owner", "anna", "--owner-id", "1\n2"), 2, "is not an account"),
            ((*OWNER, "--name", "two\nlines"), 2, "is not a line"),
            ((*OWNER, "--name", ""), 2, "it is empty"),
            ((*OWNER, "--name", "n" * 61), 1, "schema."),
            ((*OWNER, "--summary", "\u202eevil"), 2, "is not a line"),
            ((*OWNER, "--summary", "s" * 81), 2, "--summary has 3 to 80 characters"),
            ((*OWNER, "--license", "my own"), 2, "is not a licence"),
            ((*OWNER, "--license", "Own-1.0"), 1, "licences.expression"),
            ((*OWNER, "--category", "mail"), 2, "no such category"),
        ],
    )
    def test_words_that_cannot_be_listed(self, words: tuple[str, ...], status: int, says: str) -> None:
        assert_refused(add(*words), status, says, files())

    def test_a_licence_that_is_not_sure_is_not_guessed(self) -> None:
        before = files()
        Path("hello/LICENSE").write_text("GNU General Public License version 2, June 1991", "utf-8")
        assert_refused(add(*OWNER), 2, "--license is missing", before)

    @pytest.mark.parametrize("written", [0, 3, 7])
    def test_a_disk_that_is_full_half_way_leaves_nothing(self, monkeypatch: pytest.MonkeyPatch, written: int) -> None:
        before, bodies, fill = files(), [], new_files._fill

        def filling(stream: BinaryIO, body: bytes | Path) -> None:
            bodies.append(body)
            if len(bodies) > written:
                stream.write(b"half of")
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            fill(stream, body)

        monkeypatch.setattr(new_files, "_fill", filling)
        assert_refused(add(*OWNER), 2, "No space left", before)
        assert len(bodies) == written + 1

    def test_a_file_where_a_folder_belongs(self) -> None:
        Path("market/registry/plugins").mkdir()
        Path("market/registry/plugins/acme").write_text("mine", "utf-8")
        assert_refused(add(*OWNER), 2, "nothing was written", files())

    def test_a_check_that_breaks_off_leaves_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_arguments: object) -> object:
            raise KeyboardInterrupt

        before = files()
        monkeypatch.setattr("pluginry.cli.check.validate", broken)
        assert add(*OWNER).status == 130
        assert files() == before


def written(answer: Answer) -> list[str]:
    """Return the files of the plugin, and of its namespace, that are there now."""
    assert answer.status == 0, answer.err
    there = (name for name in files() if Path("market", name).is_file())
    return [name for name in there if "acme" in name]


def test_a_link_that_takes_the_place_of_a_file_meanwhile_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("PRIVATE-KEY", "utf-8")
    (tmp_path / "link").symlink_to("secret.txt")
    with pytest.raises(UsageError, match="nothing was written"):
        new_files.write_new({"copy.txt": tmp_path / "link"}, tmp_path / "new")
    assert not (tmp_path / "new").exists()
