"""``pluginry scan`` and ``pluginry rescan`` as people type them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from command_line import pluginry
from plugin_trees import a_tree
from scanned_packages import package_of

if TYPE_CHECKING:
    from pathlib import Path

HARMFUL = {"setup.py": "import base64\nexec(base64.b64decode('eA=='))\n"}
OSV = {
    "id": "OSV-1",
    "summary": "Something is wrong",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "flask"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
        }
    ],
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder without a registry."""
    monkeypatch.chdir(tmp_path)


def a_package(folder: Path, files: dict[str, str | bytes], *grants: str) -> Path:
    path = folder / "demo.zip"
    path.write_bytes(package_of(files, *grants))
    return path


def test_a_clean_project_is_packed_and_passes(tmp_path: Path) -> None:
    a_tree(tmp_path / "plugin")
    answer = pluginry("scan", "plugin")
    assert (answer.status, answer.out) == (0, "No findings.\n")
    assert "plugin: vulnerabilities did not run: no database of vulnerabilities was given" in answer.err


def test_findings_name_package_file_and_line(tmp_path: Path) -> None:
    a_package(tmp_path, HARMFUL)
    answer = pluginry("scan", "demo.zip")
    assert answer.status == 10
    assert "demo.zip/setup.py:2:1: needs_review scan.decoded-code: exec gets text that is decoded first" in answer.out
    assert "demo.zip: it runs or loads code that is only known when it runs (exec, setup.py:2; 1 place)" in answer.err


def test_findings_for_programs(tmp_path: Path) -> None:
    a_package(tmp_path, HARMFUL)
    answer = pluginry("scan", "demo.zip", "--json")
    assert {finding["rule"] for finding in answer.data["findings"]} >= {"scan.decoded-code", "scan.install-script"}
    (run,) = json.loads(pluginry("scan", "demo.zip", "--format", "sarif").out)["runs"]
    assert {result["ruleId"] for result in run["results"]} >= {"scan.decoded-code", "scan.install-script"}


def test_data_from_outside_is_looked_with(tmp_path: Path) -> None:
    a_package(tmp_path, {"requirements.txt": "flask==3.0.0\n"})
    (tmp_path / "osv").mkdir()
    (tmp_path / "osv" / "1.json").write_text(json.dumps(OSV), encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.yar").write_text('rule own { strings: $a = "flask" condition: $a }', encoding="utf-8")
    answer = pluginry("scan", "demo.zip", "--osv", "osv", "--rules", "rules", "--json")
    assert {finding["rule"] for finding in answer.data["findings"]} == {
        "scan.vulnerable-package",
        "scan.notable-pattern",
    }


def test_the_licence_of_the_listing_is_compared(tmp_path: Path) -> None:
    a_package(tmp_path, {"LICENSE": "Apache License\nVersion 2.0\n"})
    assert pluginry("scan", "demo.zip", "--licence", "Apache-2.0").status == 0
    assert pluginry("scan", "demo.zip", "--licence", "MIT").status == 10


def test_the_switches_of_the_registry_count(tmp_path: Path) -> None:
    a_package(tmp_path, HARMFUL)
    (tmp_path / "registry").mkdir()
    text = (
        "schema: 1\nname: Test\ndefault_channel: stable\ncategories: [{id: x, title: X}]\n"
        "scanning:\n  obfuscation: {enforced: true}\n"
    )
    (tmp_path / "registry" / "registry.yaml").write_text(text, encoding="utf-8")
    assert pluginry("scan", "demo.zip").status == 1


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06" + bytes(18), b"not a zip"])
def test_what_is_no_package_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "demo.zip").write_bytes(data)
    answer = pluginry("scan", "demo.zip")
    assert answer.status == 1
    assert answer.err.startswith("error: ")


def test_nothing_published_is_nothing_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    answer = pluginry("rescan", "dist", "--json")
    assert (answer.status, answer.data["looked_at"]) == (0, 0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--cluster", "tcp://127.0.0.1:9", "--jobs", "2"), "the cluster has its own workers"),
        (("--cluster", "nonsense://127.0.0.1:9"), "the cluster does not answer"),
    ],
)
def test_clusters_that_cannot_be_used(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    (tmp_path / "registry").mkdir()
    answer = pluginry("rescan", "dist", *options)
    assert answer.status == 2
    assert words in answer.err
