"""What the commands say and ask about provenance: in ``show``, ``install`` and ``update``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from command_line import Shelf
from developers import ANN, build_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Return a marketplace with a plugin whose developer's build answers for it, and one without."""
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/demo", "1.0.0", built_by=build_of(ANN))
    shelf.market.describe("acme/demo", publisher=ANN)
    shelf.market.release("acme/other", "1.0.0")
    shelf.publish()
    shelf.add()
    return shelf


def less_proof(shelf: Shelf) -> None:
    shelf.market.release("acme/demo", "1.1.0")
    shelf.publish()
    shelf.run("source", "refresh")


def test_show_tells_it_only_when_it_was_checked(shelf: Shelf) -> None:
    said = f"Provenance: The package was built by https://github.com/ann/demo/{ANN.workflow}@refs/tags/v1.0.0."
    assert said not in shelf.run("show", "acme/demo").out
    assert said in shelf.run("show", "acme/demo", "--verify").out


def test_where_it_is_required_nothing_else_is_installed(shelf: Shelf) -> None:
    (shelf.home / "policy.toml").write_text('schema = 1\nprovenance = "required"\n')
    assert shelf.run("install", "acme/demo").status == 0
    refused = shelf.run("install", "acme/other")
    assert refused.status == 6
    assert "not provably built by its developer" in refused.err
    assert "policy.toml says provenance = required" in refused.err


def test_an_update_that_would_lose_it_waits_and_says_how_to_agree(shelf: Shelf) -> None:
    shelf.run("install", "acme/demo")
    less_proof(shelf)
    told = shelf.run("update")
    assert told.status == 6
    assert (
        "provenance of acme/demo: what was installed is provably built by its developer, and 1.1.0 is not" in told.out
    )
    assert "pluginry update --accept-no-provenance acme/demo" in told.out
    data = shelf.run("update", "--json").data
    assert data["waiting"] == ["acme/demo"]
    assert [(one["id"], one["version"]) for one in data["waiting_unproven"]] == [("acme/demo", "1.1.0")]
    assert shelf.run("update", "--accept-no-provenance", "acme/demo").status == 0
    assert [one["version"] for one in shelf.run("list", "--json").data] == ["1.1.0"]


def test_who_names_it_is_refused_until_he_agrees(shelf: Shelf) -> None:
    shelf.run("install", "acme/demo")
    less_proof(shelf)
    for words in (("update", "acme/demo"), ("install", "acme/demo"), ("install", "acme/demo", "--dry-run")):
        refused = shelf.run(*words)
        assert refused.status == 6
        assert "--accept-no-provenance acme/demo" in refused.err
    done = shelf.run("install", "acme/demo", "--accept-no-provenance", "acme/demo")
    assert done.status == 0
    assert "provenance of acme/demo" in done.out


def test_what_a_policy_refuses_keeps_its_version_and_is_named(shelf: Shelf) -> None:
    shelf.run("install", "acme/demo", "acme/other")
    (shelf.home / "policy.toml").write_text('schema = 1\nprovenance = "required"\n')
    shelf.market.release("acme/other", "1.1.0")
    shelf.publish()
    shelf.run("source", "refresh")
    told = shelf.run("update")
    assert told.status == 6
    assert "acme/other keeps its version: acme/other 1.1.0 is not provably built by its developer" in told.out
    assert [one["id"] for one in shelf.run("update", "--json").data["refused"]] == ["acme/other"]
