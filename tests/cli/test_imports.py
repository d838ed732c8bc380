from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from foreign_archives import a_wheel
from krew_index import a_manifest, an_index
from pluginry.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "schema: 1\nname: Example\ndefault_channel: stable\ncategories: [{id: testing, title: Testing}]\n"
NAMESPACE = (
    "schema: 1\nnamespace: pypi\ntitle: Mirror\nowners: [{login: keeper, id: 7}]\n"
    "proof: {kind: registry, value: there}\nstatus: mirror\n"
)
HOST = (
    "schema: 1\nid: pytest\ntitle: pytest\nsummary: Runs tests\nversions: [8.0.0]\n"
    "runtimes: [{kind: python, summary: Modules}]\npermissions: []\n"
    "upstream: {pypi: {requires: [pytest], entry_point_groups: [pytest11]}}\n"
)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(run, ["import", *arguments])


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_group_lists_what_can_be_imported() -> None:
    result = _run("--help")

    assert result.exit_code == 0
    assert all(name in result.stdout for name in ("krew", "npm", "nvda", "pypi"))


def test_a_krew_index_is_converted_and_reported(tmp_path: Path) -> None:
    index = an_index(tmp_path, a_manifest(), a_manifest(name="wrong", version="1"))
    out, report = tmp_path / "out", tmp_path / "report.json"

    result = _run("krew", str(index), "--registry", str(out), "--owner", "acme:7", "--report", str(report))

    assert result.exit_code == 0
    assert "plugins/wrong.yaml:6:12: blocks import.version" in result.stdout
    assert "1 of 2 accepted, 1 refused: 1 releases added" in result.stdout
    assert _files(out) == [
        "hosts/kubectl.yaml",
        "namespaces/krew.yaml",
        "plugins/krew/view-secret/README.md",
        "plugins/krew/view-secret/listing.yaml",
        "plugins/krew/view-secret/releases/1.2.0.yaml",
        "registry.yaml",
    ]
    assert json.loads(report.read_text())["blocks"] == {"import.version": 1}


def test_the_report_can_be_the_answer(tmp_path: Path) -> None:
    index = an_index(tmp_path, a_manifest())

    result = _run("krew", str(index), "--registry", str(tmp_path / "out"), "--owner", "acme:7", "--json")

    document = json.loads(result.stdout)
    assert document["counts"]["accepted"] == 1
    assert document["outcomes"][0]["id"] == "krew/view-secret"


def test_an_import_of_which_nothing_is_accepted_fails(tmp_path: Path) -> None:
    index = an_index(tmp_path, a_manifest(version="1"))

    assert _run("krew", str(index), "--registry", str(tmp_path / "out"), "--owner", "acme:7").exit_code == 1


@pytest.mark.parametrize("owner", ["acme", "acme:", "acme:x", "acme:0", ":7", "a b:7"])
def test_an_owner_is_a_name_and_a_number(tmp_path: Path, owner: str) -> None:
    result = _run("krew", str(an_index(tmp_path, a_manifest())), "--owner", owner)

    assert result.exit_code == 2
    assert "LOGIN:ID" in result.stderr


def test_an_add_on_store_is_converted(tmp_path: Path) -> None:
    folder = tmp_path / "store/addons/demo"
    folder.mkdir(parents=True)
    triple = {"major": 2025, "minor": 1, "patch": 0}
    release: dict[str, Any] = {
        "addonId": "demo",
        "displayName": "Demo",
        "URL": "https://example.com/demo.nvda-addon",
        "description": "Shows demos",
        "sha256": "ab" * 32,
        "addonVersionName": "1.0",
        "addonVersionNumber": {"major": 1, "minor": 0, "patch": 0},
        "minNVDAVersion": triple,
        "lastTestedVersion": triple,
        "channel": "stable",
    }
    (folder / "1.0.0.json").write_text(json.dumps(release))

    result = _run("nvda", str(tmp_path / "store"), "--registry", str(tmp_path / "out"), "--owner", "acme:7")

    assert result.exit_code == 0
    assert "1 of 1 accepted" in result.stdout


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a registry, with a pip that knows one wheel."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    a_wheel(wheels)
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    folder = tmp_path / "registry"
    for name, text in {"registry.yaml": CONFIG, "namespaces/pypi.yaml": NAMESPACE, "hosts/pytest.yaml": HOST}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_python_package_is_listed_through_pip(registry: Path) -> None:
    result = _run("pypi", "demo-plugin", "--registry", str(registry))

    assert result.exit_code == 0, result.stderr
    assert "1 of 1 accepted" in result.stdout
    assert (registry / "plugins/pypi/demo-plugin/releases/1.2.0.yaml").exists()


def test_a_host_that_is_not_there_is_refused(registry: Path) -> None:
    result = _run("pypi", "demo-plugin", "--registry", str(registry), "--host", "vim")

    assert result.exit_code == 2
    assert "pytest" in result.stderr


def test_a_folder_that_is_no_registry_is_refused(tmp_path: Path) -> None:
    result = _run("pypi", "demo-plugin", "--registry", str(tmp_path))

    assert result.exit_code == 1
    assert "registry.yaml" in result.stderr


def test_a_package_has_to_be_named(registry: Path) -> None:
    assert _run("npm", "--registry", str(registry)).exit_code == 2
