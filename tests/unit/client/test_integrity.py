"""Installed files are hashed again: every difference is found, and installing again puts it right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pluginry.encoding import documents
from pluginry.errors import NotFoundError, TamperedError
from pluginry.model.names import PluginId
from simulated_client import a_client, install, versions_in, want

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

from simulator import Simulator
from victims import DEMO


@pytest.fixture
def client(tmp_path: Path) -> Marketplace:
    market = Simulator()
    market.release("acme/demo", files={"demo.txt": b"hello\n", "lib/inner.txt": b"inside\n"})
    market.publish()
    client = a_client(tmp_path, market)
    install(client, "acme/demo")
    return client


@pytest.fixture
def folder(client: Marketplace) -> Path:
    installed = client.home.installed()[DEMO]
    return client.home.folder_of(DEMO, installed.version, installed.sha256)


def found(client: Marketplace) -> list[tuple[str, str]]:
    return [(damage.path, damage.kind) for damage in client.verify()[DEMO]]


def test_a_fresh_installation_has_none(client: Marketplace) -> None:
    assert found(client) == []


def test_every_difference_is_found(client: Marketplace, folder: Path) -> None:
    (folder / "demo.txt").write_bytes(b"jello\n")
    (folder / "lib/inner.txt").unlink()
    (folder / "lib/outer.txt").write_bytes(b"")
    assert found(client) == [
        ("demo.txt", "changed"),
        ("lib/inner.txt", "missing"),
        ("lib/outer.txt", "added"),
    ]


def test_a_link_is_a_difference_even_when_it_leads_to_the_same_bytes(
    client: Marketplace, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "same").write_bytes(b"hello\n")
    (folder / "demo.txt").unlink()
    (folder / "demo.txt").symlink_to(tmp_path / "same")
    (folder / "dangling").symlink_to(tmp_path / "nowhere")
    assert found(client) == [("dangling", "added"), ("demo.txt", "changed")]


def test_what_python_compiles_beside_the_sources_is_none(client: Marketplace, folder: Path) -> None:
    (folder / "lib/__pycache__").mkdir()
    (folder / "lib/__pycache__/inner.cpython-311.pyc").write_bytes(b"")
    assert found(client) == []


def test_a_whole_folder_that_is_gone_is_reported_like_any_other(client: Marketplace, folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    assert found(client) == [("receipt.json", "missing")]


@pytest.mark.parametrize("content", [b"", b"{}", b"not json"])
def test_an_unreadable_receipt_is_a_difference(client: Marketplace, folder: Path, content: bytes) -> None:
    (folder / "receipt.json").write_bytes(content)
    assert found(client) == [("receipt.json", "changed")]


def test_the_receipt_of_another_plugin_is_a_difference(client: Marketplace, folder: Path) -> None:
    receipt = client.home.receipt(client.home.installed()[DEMO])
    (folder / "receipt.json").write_bytes(documents.encode(replace(receipt, id=PluginId.parse("acme/other"))))
    assert found(client) == [("receipt.json", "changed")]


def test_installing_again_puts_it_right(client: Marketplace, folder: Path) -> None:
    (folder / "demo.txt").write_bytes(b"jello\n")
    (folder / "extra.txt").write_bytes(b"")
    plan = client.plan_install([want("acme/demo")])
    assert [(str(change.plugin), change.before is not None) for change in plan.changes] == [("acme/demo", True)]
    client.apply(plan)
    assert found(client) == []
    assert (folder / "demo.txt").read_bytes() == b"hello\n"


def test_installing_again_brings_back_a_folder_that_is_gone(client: Marketplace, folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    install(client, "acme/demo")
    assert found(client) == []


def test_a_damaged_plugin_cannot_be_enabled_but_removed(client: Marketplace, folder: Path) -> None:
    (folder / "demo.txt").write_bytes(b"jello\n")
    with pytest.raises(TamperedError, match=r"demo\.txt is changed"):
        client.set_enabled(DEMO, enabled=True)
    client.apply(client.plan_remove([DEMO]))
    assert versions_in(client) == {}


def test_a_plugin_whose_folder_is_gone_can_be_removed(client: Marketplace, folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    client.apply(client.plan_remove([DEMO]))
    with pytest.raises(NotFoundError, match="not installed"):
        client.plan_remove([DEMO])
