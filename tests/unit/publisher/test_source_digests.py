"""A release that is packed from a folder of the registry names the very package that the folder gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from builders import LEFT_OUT, SHA256, SPAM, TREE_SHA256, a_manifest, a_registry, a_release
from findings import At
from pluginry.publisher.load import load_registry
from pluginry.publisher.source_digests import check_digests

if TYPE_CHECKING:
    from pathlib import Path

RELEASE, TREE = f"{SPAM}/releases/1.0.0.yaml", f"{SPAM}/source/1.0.0"


def artifact(sha256: str = TREE_SHA256, *, platform: str = "any", path: str = "source/1.0.0") -> dict[str, Any]:
    return {"platform": platform, "source": {"path": path}, "sha256": sha256}


def found(registry: Path) -> list[tuple[str, str]]:
    return [(finding.rule, str(finding.where)) for finding in check_digests(load_registry(registry), registry)]


def test_the_true_digest_is_fine(tmp_path: Path) -> None:
    assert found(a_registry(tmp_path)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {RELEASE: a_release("1.0.0", artifacts=[artifact(SHA256)])},
        {f"{TREE}/spam_filter.py": "class Plugin:\n    evil = True\n"},
        {f"{TREE}/another.py": ""},
        {f"{TREE}/plugin.yaml": a_manifest(permissions=[])},
    ],
    ids=["another digest", "changed file", "new file", "changed manifest"],
)
def test_another_package_is_found_where_the_digest_stands(tmp_path: Path, changes: dict[str, Any]) -> None:
    registry = a_registry(tmp_path, changes)
    assert found(registry) == [("sources.digest", At(RELEASE, "sha256: >>").in_folder(registry))]
    (finding,) = check_digests(load_registry(registry), registry)
    assert "the sha256 " in finding.message


def test_every_platform_is_packed_for_itself(tmp_path: Path) -> None:
    manifest = a_manifest(assets={"platforms": {"linux-x86_64": "linux/", "macos-aarch64": "mac/"}})
    platforms = [artifact(SHA256, platform="linux-x86_64"), artifact(SHA256, platform="macos-aarch64")]
    changes = {
        f"{TREE}/plugin.yaml": manifest,
        f"{TREE}/linux/a": "1\n",
        f"{TREE}/mac/a": "2\n",
        RELEASE: a_release("1.0.0", artifacts=platforms),
    }
    registry = a_registry(tmp_path, changes)
    findings = [*check_digests(load_registry(registry), registry)]
    assert len({finding.message for finding in findings}) == len(findings) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {f"{TREE}/plugin.yaml": "a: ["},
        {f"{TREE}/LICENSE": LEFT_OUT},
        {f"{TREE}/plugin.yaml": LEFT_OUT},
        {RELEASE: a_release("1.0.0", artifacts=[artifact(SHA256, path="source/../source/1.0.0")])},
        {RELEASE: a_release("1.0.0", artifacts=[artifact(SHA256, path="source")])},
        {RELEASE: LEFT_OUT},
    ],
)
def test_what_cannot_be_packed_has_other_findings(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert found(a_registry(tmp_path, changes)) == []


def test_nothing_is_written(tmp_path: Path) -> None:
    registry = a_registry(tmp_path)
    before = sorted(registry.rglob("*"))
    assert found(registry) == []
    assert sorted(registry.rglob("*")) == before
