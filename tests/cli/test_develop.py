"""``pluginry init`` and ``pluginry pack`` as their users see them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from plugin_trees import FILES, PLATFORM_FILES, TOKEN, a_tree, names_in, write
from pluginry.cli.main import run
from terminal import in_a_terminal

if TYPE_CHECKING:
    from pathlib import Path

HOST = """\
schema: 1
id: mairust
title: MaiRust
summary: A mail server
versions: ["0.4.0"]
runtimes: [{kind: python, summary: Code}]
permissions:
  - {type: mail.headers, severity: medium, says: "Reads {scope}", scopes: [{name: inbound, says: headers}]}
"""
CONFIG = """\
schema: 1
name: Test
default_channel: stable
base_url: https://plugins.example.com/
categories: [{id: mail, title: Mail}]
"""


def pluginry(*arguments: str | Path) -> Result:
    return CliRunner().invoke(run, list(map(str, arguments)))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tree(here: Path) -> Path:
    return a_tree(here / "plugin")


@pytest.fixture
def registry(here: Path) -> Path:
    write(here, "registry/hosts/mairust.yaml", HOST)
    write(here, "registry/registry.yaml", CONFIG)
    return here / "registry"


class TestPack:
    def test_it_writes_the_package_here_and_says_what_it_is(self, here: Path, tree: Path) -> None:
        result = pluginry("pack", tree)
        data = (here / "spam-filter-1.2.0.zip").read_bytes()
        assert result.exit_code == 0
        assert result.stdout.splitlines() == [
            "spam-filter-1.2.0.zip",
            f"  sha256  {hashlib.sha256(data).hexdigest()}",
            f"  size    {len(data):,} bytes, 8 files",
        ]

    @pytest.mark.parametrize(
        ("tag", "status"),
        [("v1.2.0", 0), ("1.2.0", 0), ("demo/v1.2.0", 0), ("v1.2.1", 2), ("v11.2.0", 2), ("v1.2.0-rc.1", 2)],
    )
    def test_it_refuses_the_tag_of_another_version(self, here: Path, tree: Path, tag: str, status: int) -> None:
        assert here.is_dir()
        assert pluginry("pack", tree, "--tag", tag, "--dry-run").exit_code == status

    def test_it_packs_the_current_folder(self, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tree)
        first = pluginry("pack")
        assert (first.exit_code, pluginry("pack").stdout) == (0, first.stdout)

    def test_it_writes_where_it_is_told(self, here: Path, tree: Path) -> None:
        (here / "dist").mkdir()
        assert pluginry("pack", tree, "--out", "dist").exit_code == 0
        assert pluginry("pack", tree, "--out", "mine.zip").exit_code == 0
        assert (here / "dist/spam-filter-1.2.0.zip").read_bytes() == (here / "mine.zip").read_bytes()

    def test_json_says_the_same(self, here: Path, tree: Path) -> None:
        answer = json.loads(pluginry("pack", tree, "--json").stdout)
        data = (here / answer["path"]).read_bytes()
        assert answer == {
            "id": "acme/spam-filter",
            "path": "spam-filter-1.2.0.zip",
            "platform": "any",
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
            "version": "1.2.0",
            "written": True,
        }

    def test_a_dry_run_says_the_same_and_writes_nothing(self, here: Path, tree: Path) -> None:
        dry = json.loads(pluginry("pack", tree, "--dry-run", "--json").stdout)
        assert not list(here.glob("*.zip*"))
        assert dry | {"written": True} == json.loads(pluginry("pack", tree, "--json").stdout)
        assert "(not written)" in pluginry("pack", tree, "--dry-run").stdout

    def test_a_list_shows_what_would_be_packed(self, here: Path, tree: Path) -> None:
        lines = pluginry("pack", tree, "--list").stdout.splitlines()
        assert not list(here.glob("*.zip*"))
        assert f"{len(FILES['tools/train']):>12,}  tools/train" in lines
        assert lines[-1].endswith("bytes in 8 files")
        files = json.loads(pluginry("pack", tree, "--list", "--json").stdout)["files"]
        pluginry("pack", tree)
        assert [file["path"] for file in files] == names_in(here / "spam-filter-1.2.0.zip")
        assert [file["path"] for file in files if file["executable"]] == ["tools/train"]

    def test_a_platform_is_in_the_name(self, here: Path) -> None:
        tree = a_tree(here / "plugin", files=PLATFORM_FILES)
        assert pluginry("pack", tree, "--platform", "linux-x86_64").exit_code == 0
        assert "bin/windows/fast.dll" not in names_in(here / "spam-filter-1.2.0-linux-x86_64.zip")

    def test_findings_look_as_in_check_and_end_with_status_1(self, here: Path, tree: Path) -> None:
        write(tree, "src/settings.py", f"x = 1\ntoken = '{TOKEN}'\n")
        result = pluginry("pack", "plugin")
        assert result.exit_code == 1
        assert result.stdout.startswith("plugin/src/settings.py:2:1: blocks pack.secret: ")
        assert "    why: " in result.stdout
        assert "    fix: " in result.stdout
        assert not list(here.glob("*.zip*"))

    @pytest.mark.parametrize("option", ["--list", "--dry-run", "--quiet"])
    def test_what_is_refused_is_refused_however_it_is_asked(self, tree: Path, option: str) -> None:
        write(tree, ".env", "")
        result = pluginry("pack", tree, option)
        assert result.exit_code == 1
        assert "pack.secret-file" in result.stdout

    def test_findings_as_json(self, tree: Path) -> None:
        write(tree, ".env", "")
        result = pluginry("pack", "plugin", "--json")
        report = json.loads(result.stdout)
        assert (result.exit_code, report["verdict"]) == (1, "refused")
        assert [finding["file"] for finding in report["findings"]] == ["plugin/.env"]

    def test_a_note_is_told_beside_the_result(self, tree: Path) -> None:
        with (tree / "hole").open("wb") as file:
            file.truncate((64 << 20) + 1)
        result = pluginry("pack", tree, "--list")
        assert result.exit_code == 0
        assert "pack.large" in result.stderr
        assert "pack.large" not in result.stdout

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["nowhere"], "there is no such folder"),
            (["plugin", "--platform", "amiga"], "is not a valid platform"),
            (["plugin", "--out", "nowhere/x.zip"], "cannot be written"),
            (["plugin", "--out", "plugin/x.zip"], "the next package would contain this one"),
            (["plugin/LICENSE"], "is a file"),
        ],
    )
    def test_mistakes_on_the_command_line_end_with_status_2(self, tree: Path, arguments: list[str], says: str) -> None:
        assert tree.exists()
        for options in ([], ["--dry-run"]):
            result = pluginry("pack", *arguments, *options)
            assert (result.exit_code, says in result.stderr) == (2, True), result.stderr

    def test_a_folder_without_manifest_is_a_finding(self, here: Path) -> None:
        (here / "empty").mkdir()
        result = pluginry("pack", "empty")
        assert (result.exit_code, "pack.no-manifest" in result.stdout) == (1, True)


class TestInit:
    def test_flags_answer_everything(self, here: Path) -> None:
        result = pluginry(
            "init", "new", "--id", "acme/spam-filter", "--host", "mairust", "--summary", "Scores messages.",
            "--license", "MIT", "--author", "Acme",
        )  # fmt: skip
        assert result.exit_code == 0, result.stderr
        assert "new/plugin.yaml" in result.stdout.splitlines()
        assert "Copyright (c) Acme" in (here / "new/LICENSE").read_text()
        assert "Scores messages." in (here / "new/README.md").read_text()

    def test_what_it_writes_checks_and_packs_at_once(self, here: Path) -> None:
        assert pluginry("init", "My Plugin", "--host", "mairust", "--defaults").exit_code == 0
        checked = pluginry("check", "My Plugin")
        assert (checked.exit_code, checked.stdout) == (0, "No findings.\n")
        packed = pluginry("pack", "My Plugin")
        assert packed.exit_code == 0
        assert (here / "my-plugin-0.1.0.zip").exists()

    def test_a_registry_knows_the_host(self, here: Path, registry: Path) -> None:
        assert pluginry("init", "new", "--defaults", "--registry", registry).exit_code == 0
        text = (here / "new/plugin.yaml").read_text()
        assert 'mairust: ">=0.4,<1"' in text
        assert "mail.headers" in text
        assert text.startswith(
            "# yaml-language-server: $schema=https://plugins.example.com/v1/schemas/manifest.schema.json\n"
        )

    def test_a_host_that_the_registry_does_not_know(self, registry: Path) -> None:
        result = pluginry("init", "new", "--defaults", "--registry", registry, "--host", "mairost")
        assert result.exit_code == 7
        assert "did you mean 'mairust'?" in result.stderr

    def test_a_profile_that_cannot_be_read(self, registry: Path) -> None:
        write(registry, "hosts/mairust.yaml", "id: [")
        result = pluginry("init", "new", "--defaults", "--registry", registry)
        assert result.exit_code == 1
        assert "the profile of the host cannot be read" in result.stderr

    def test_a_folder_that_is_no_registry(self, here: Path) -> None:
        result = pluginry("init", "new", "--defaults", "--registry", here)
        assert (result.exit_code, "this is no registry" in result.stderr) == (2, True)

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ([], "--id is missing"),
            (["--id", "acme/x"], "--host is missing"),
            (["--defaults"], "--host is missing"),
            (["--defaults", "--host", "Mai Rust"], "--host: "),
            (["--defaults", "--host", "mairust", "--id", "x"], "--id: "),
            (["--defaults", "--host", "mairust", "--license", "my own"], "is not a licence"),
            (["--defaults", "--host", "mairust", "--summary", "two\nlines"], "is not a line"),
        ],
    )
    def test_without_a_terminal_nothing_is_asked(self, here: Path, arguments: list[str], says: str) -> None:
        result = pluginry("init", "new", *arguments)
        assert (result.exit_code, says in result.stderr) == (2, True), result.stderr
        assert list(here.iterdir()) == []

    def test_nothing_is_overwritten(self, here: Path) -> None:
        write(here, "new/README.md", "mine")
        result = pluginry("init", "new", "--host", "mairust", "--defaults")
        assert (result.exit_code, "README.md is there already" in result.stderr) == (2, True)
        assert [path.name for path in (here / "new").iterdir()] == ["README.md"]

    def test_a_dry_run_names_the_files_and_writes_none(self, here: Path) -> None:
        answer = json.loads(pluginry("init", "new", "--host", "mairust", "--defaults", "--dry-run", "--json").stdout)
        assert "plugin.yaml" in answer["files"]
        assert answer["written"] is False
        assert list(here.iterdir()) == []

    def test_on_a_terminal_it_asks_again_until_an_answer_fits(self, here: Path) -> None:
        said = in_a_terminal(
            ["init", "new", "--license", "MIT"],
            [("Id", "Not An Id"), ("Id", "acme/x"), ("Application", "mairust"), ("What it does", ""), ("Who", "Acme")],
        )
        assert "is not" in said
        text = (here / "new/README.md").read_text()
        assert "X for mairust." in text
        assert "by Acme" in text
