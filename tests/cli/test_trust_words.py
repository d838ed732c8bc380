"""What the commands say about trust: ``show``, changed publishers in ``update``, and who signs in ``trust init``."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.cli.main import run
from pluginry.model.listing import Transfer
from pluginry.model.publisher import Publisher
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

ANN = Publisher(issuer="https://gitlab.com", repository="ann/demo", workflow="ci.yml", refs=("refs/tags/*",))
BOB = replace(ANN, repository="bob/demo")


def pluginry(*arguments: str | Path) -> Result:
    return CliRunner().invoke(run, list(map(str, arguments)))


def answer(*arguments: str | Path) -> Any:
    result = pluginry(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Publish a marketplace in the folder ``dist``, and make a home that knows it."""
    monkeypatch.setenv("PLUGINRY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    market = Simulator(now=datetime.now(UTC).replace(microsecond=0))
    market.release("acme/demo", "1.0.0")
    market.describe("acme/demo", publisher=ANN)
    market.publish()
    market.write_to(tmp_path / "dist")
    answer("source", "add", "m", tmp_path / "dist", "--fingerprint", market.fingerprint.hex)
    return market


def hand_over(market: Simulator, folder: Path, transfer: Transfer | None) -> None:
    market.release("acme/demo", "2.0.0")
    market.describe("acme/demo", publisher=BOB, transfer=transfer)
    market.publish()
    market.write_to(folder / "dist")
    answer("source", "refresh")


def words(shown: Any) -> list[str]:
    return [statement["word"] for statement in shown["release"]["trust"]]


@pytest.mark.usefixtures("market")
def test_show_says_what_it_did_not_check_and_checks_it_when_asked() -> None:
    assert words(answer("show", "acme/demo")) == ["lab", "signature-unchecked", "publisher"]
    shown = answer("show", "acme/demo", "--verify")
    assert words(shown) == ["lab", "signed-by-registry", "publisher"]
    signed = shown["release"]["trust"][1]
    assert (signed["signer"], signed["issuer"]) == (LAB_IDENTITY.san, LAB_IDENTITY.issuer)
    assert signed["says"] == f"The package was signed by {LAB_IDENTITY.san}."
    assert len(signed["log_entries"]) == 1
    text = pluginry("show", "acme/demo", "--verify").stdout
    assert f"  Signed by the registry: {signed['says']}\n    {signed['because']}" in text
    assert "  Publisher: Only ci.yml of ann/demo may sign for its developers." in text


@pytest.mark.usefixtures("market")
def test_show_refuses_a_signature_that_is_not_good(tmp_path: Path) -> None:
    (bundle,) = (tmp_path / "dist").rglob("*.sigstore.json")
    bundle.write_bytes(bundle.read_bytes()[:-1] + b" ")
    assert pluginry("show", "acme/demo").exit_code == 0
    assert pluginry("show", "acme/demo", "--verify").exit_code == 5


def test_an_update_from_a_stranger_ends_with_a_refusal_and_the_old_version(market: Simulator, tmp_path: Path) -> None:
    answer("install", "acme/demo")
    hand_over(market, tmp_path, None)
    result = pluginry("update", "--accept-publisher", "acme/demo")
    assert result.exit_code == 6
    assert "new publisher of acme/demo: its publisher was ann/demo (ci.yml) and is now bob/demo" in result.stdout
    assert "no transfer was announced" in result.stdout
    for command in (("update", "acme/demo"), ("install", "acme/demo@2.0.0")):
        result = pluginry(*command, "--accept-publisher", "acme/demo")
        assert result.exit_code == 6
        assert "another publisher" in result.stderr
    assert [one["version"] for one in answer("list")] == ["1.0.0"]


def test_an_announced_transfer_is_shown_and_accepted_by_name(market: Simulator, tmp_path: Path) -> None:
    answer("install", "acme/demo")
    hand_over(market, tmp_path, Transfer(previous=ANN, reason="Ann retires"))
    result = pluginry("update")
    assert result.exit_code == 6
    assert "pluginry update --accept-publisher acme/demo" in result.stdout
    assert "waiting for your consent" not in result.stdout
    assert "transferred" in words(answer("show", "acme/demo"))
    waiting = json.loads(pluginry("update", "--json").stdout)["waiting_publishers"]
    assert [(one["before"]["repository"], one["after"]["repository"]) for one in waiting] == [("ann/demo", "bob/demo")]
    updated = answer("update", "--accept-publisher", "acme/demo")
    assert [one["after"] for one in updated["changes"]] == ["2.0.0"]
    assert [one["transfers"][0]["reason"] for one in updated["publishers"]] == ["Ann retires"]


class TestInit:
    ARGUMENTS = (
        "trust",
        "init",
        "--signing",
        "public-good",
        "--issuer",
        "https://i.example",
        "--identity",
        "https://s",
    )

    def test_conditions_of_the_signer_are_written_and_shown(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        conditions = ("--repository-id", "7", "--owner-id", "8", "--runner", "github-hosted")
        answer(*self.ARGUMENTS, *conditions, "--trigger", "push", "--trigger", "schedule")
        policy = json.loads((tmp_path / "index" / "trust" / "policy.json").read_bytes())
        assert policy["registry_identities"] == [
            {
                "issuer": "https://i.example",
                "san": "https://s",
                "repository_id": "7",
                "owner_id": "8",
                "runner": "github-hosted",
                "triggers": ["push", "schedule"],
            }
        ]
        assert "triggers: push, schedule" in pluginry("trust", "show").stdout

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--signing", "lab", "--repository-id", "7"),
            ("--signing", "none", "--identity", "https://s"),
            ("--signing", "public-good", "--issuer", "https://i.example"),
            (*ARGUMENTS[2:], "--repository-id", "acme/registry"),
        ],
    )
    def test_what_makes_no_sense_is_refused_and_makes_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert pluginry("trust", "init", *arguments).exit_code == 2
        assert list(tmp_path.iterdir()) == []
