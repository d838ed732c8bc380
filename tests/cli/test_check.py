from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import pluginry as pluginry_package
from builders import LEFT_OUT, PANEL, SPAM, a_config, a_listing, a_panel_listing, a_registry
from pluginry.cli.check import RULES
from pluginry.cli.main import run

TREE = f"{SPAM}/source/1.0.0"
BLOCKED = {f"{SPAM}/listing.yaml": a_listing(categories=["securty"])}
REVIEW = {f"{PANEL}/listing.yaml": a_panel_listing(name="Spam Filter")}


def pluginry(*arguments: object) -> Result:
    return CliRunner().invoke(run, [str(argument) for argument in arguments])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("changes", "status"), [({}, 0), (BLOCKED, 1), (REVIEW, 10), ({**BLOCKED, **REVIEW}, 1)])
@pytest.mark.parametrize("name", ["text", "json", "github", "sarif"])
def test_the_exit_status_is_the_verdict(here: Path, changes: dict[str, str], status: int, name: str) -> None:
    a_registry(here, changes)
    result = pluginry("check", "--format", name)
    assert result.exit_code == status, result.output


def test_notes_alone_are_fine(here: Path) -> None:
    a_registry(here, {f"{SPAM}/releases/1.0.0.yaml": LEFT_OUT, f"{SPAM}/reviews/303.yaml": LEFT_OUT})
    result = pluginry("check", f"registry/{TREE}")
    assert result.exit_code == 0
    assert "note sources.unused-tree" in result.output


def test_findings_are_shown_like_those_of_a_compiler(here: Path) -> None:
    registry = a_registry(here, BLOCKED)
    line = (registry / SPAM / "listing.yaml").read_text().split("\n").index("- securty") + 1
    result = pluginry("check")
    assert result.output.split("\n")[:3] == [
        f"registry/{SPAM}/listing.yaml:{line}:3: blocks listings.category: there is no category 'securty'",
        f"    why: {RULES['listings.category'].why}",
        "    fix: did you mean 'security'?",
    ]
    assert "1 finding in 1 file" in result.output


@pytest.mark.parametrize(
    "path", [".", "registry", f"registry/{SPAM}", f"registry/{SPAM}/listing.yaml", "registry/plugins"]
)
def test_a_registry_and_what_is_in_it_can_be_named(here: Path, path: str) -> None:
    a_registry(here, BLOCKED)
    result = pluginry("check", path)
    assert result.exit_code == 1
    assert f"registry/{SPAM}/listing.yaml:" in result.output


@pytest.mark.parametrize("path", [".", "registry"])
def test_a_registry_that_was_just_begun_is_one(here: Path, path: str) -> None:
    (here / "registry").mkdir()
    (here / "registry" / "registry.yaml").write_text(a_config())
    result = pluginry("check", path)
    assert (result.exit_code, result.output) == (0, "No findings.\n")


@pytest.mark.parametrize("path", [f"registry/{PANEL}", "registry/hosts/mail.yaml", "registry/registry.yaml"])
def test_only_what_was_named_is_reported(here: Path, path: str) -> None:
    a_registry(here, BLOCKED)
    result = pluginry("check", path)
    assert (result.exit_code, result.output) == (0, "No findings.\n")


def test_paths_are_shown_from_the_current_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = a_registry(here, BLOCKED)
    monkeypatch.chdir(registry / "hosts")
    assert f"../{SPAM}/listing.yaml:" in pluginry("check", "..").output
    monkeypatch.chdir(registry / SPAM)
    assert pluginry("check").output.startswith("listing.yaml:")


def test_several_paths_are_one_report(here: Path) -> None:
    a_registry(here, {**BLOCKED, **REVIEW})
    result = pluginry("check", f"registry/{SPAM}", f"registry/{PANEL}", f"registry/{SPAM}", "--format", "json")
    report = json.loads(result.output)
    assert report["counts"] == {"blocks": 1, "needs_review": 2, "note": 0}


def test_a_registry_without_its_first_file_is_still_one(here: Path) -> None:
    a_registry(here, {"registry.yaml": LEFT_OUT})
    result = pluginry("check", "registry")
    assert result.exit_code == 1
    assert "registry/registry.yaml: blocks layout.missing-file" in result.output


def test_a_plugin_project_is_checked_on_its_own(here: Path) -> None:
    registry = a_registry(here, {f"{TREE}/LICENSE": LEFT_OUT, f"{TREE}/config.schema.json": "[]"})
    (registry / TREE).rename(here / "project")
    result = pluginry("check", "project")
    assert result.exit_code == 1
    assert "project/plugin.yaml:" in result.output
    assert "pack.missing-file" in result.output
    assert "project/config.schema.json: blocks settings.not-a-schema" in result.output


def test_a_single_document_is_checked_on_its_own(here: Path) -> None:
    (here / "listing.yaml").write_text(a_listing(summary="x"))
    result = pluginry("check", "listing.yaml")
    assert result.exit_code == 1
    assert result.output.startswith("listing.yaml:3:10: blocks schema.length: ")


@pytest.mark.parametrize(
    ("path", "words"), [("nowhere", "no such file"), (".", "neither a registry nor a plugin project")]
)
def test_what_cannot_be_checked_is_a_mistake_in_the_call(here: Path, path: str, words: str) -> None:
    assert here.is_dir()
    result = pluginry("check", path)
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize("path", ["registry", "."])
def test_a_link_in_the_place_of_the_registry_leads_nowhere(here: Path, path: str) -> None:
    a_registry(here / "elsewhere", BLOCKED)
    (here / "work").mkdir()
    (here / "work" / "registry").symlink_to(next(here.glob("elsewhere/**/registry.yaml")).parent)
    result = pluginry("check", here / "work" / path)
    assert result.exit_code == 2
    assert "securty" not in result.output


def test_json_is_json_either_way(here: Path) -> None:
    a_registry(here, BLOCKED)
    one, other = pluginry("check", "--json"), pluginry("check", "--format", "json")
    assert one.output == other.output
    [finding] = json.loads(one.output)["findings"]
    assert finding["file"] == f"registry/{SPAM}/listing.yaml"
    assert finding["path"] == ["categories", 0]


def test_findings_can_be_written_to_a_file(here: Path) -> None:
    a_registry(here, BLOCKED)
    result = pluginry("check", "--format", "sarif", "--output", "report.sarif")
    assert result.exit_code == 1
    assert "1 finding in 1 file" in result.output
    assert json.loads((here / "report.sarif").read_text())["version"] == "2.1.0"


def test_a_file_that_cannot_be_written_is_a_mistake_in_the_call(here: Path) -> None:
    a_registry(here)
    result = pluginry("check", "--output", "no/such/folder/report")
    assert result.exit_code == 2
    assert "cannot be written" in result.output


def test_hostile_names_reach_neither_terminal_nor_runner(here: Path) -> None:
    registry = a_registry(here)
    (registry / "plugins" / "\x1b[2J\n::error::x").mkdir()
    for name in ("text", "github"):
        result = pluginry("check", "--format", name)
        assert "\x1b" not in result.output
        assert not any(line.startswith("::error::") for line in result.output.split("\n"))


def test_explain_says_what_a_rule_is_for() -> None:
    result = pluginry("explain", "naming.tombstone")
    assert result.exit_code == 0
    assert result.output.startswith("naming.tombstone (blocks): ")
    assert "  why: " in result.output
    assert "  fix: " in result.output


def test_explain_recognises_a_misspelt_rule() -> None:
    result = pluginry("explain", "naming.tombstones")
    assert result.exit_code == 7
    assert "did you mean 'naming.tombstone'?" in result.output


@pytest.mark.parametrize("family", ["yaml", "schema", "layout", "archive", "pack", "naming"])
def test_explain_lists_families_of_rules(family: str) -> None:
    everything, one = pluginry("explain").output, pluginry("explain", family).output
    assert f"\n{family}\n" in f"\n{everything}"
    assert one.startswith(f"{family}\n  {family}.")
    assert one in everything


def test_explain_speaks_json() -> None:
    rules = json.loads(pluginry("explain", "--json").output)
    assert {"id", "severity", "title", "why", "fix"} == set(rules[0])
    assert json.loads(pluginry("explain", "yaml.alias", "--json").output)["id"] == "yaml.alias"


def test_every_rule_that_is_defined_anywhere_can_be_explained() -> None:
    sources = Path(pluginry_package.__file__).parent
    defined = {
        name for path in sources.rglob("*.py") for name in re.findall(r'Rule\(\s*id="([^"]+)"', path.read_text())
    }
    assert defined - set(RULES) == set()
