"""The keys of a marketplace with the commands that people type: founding, signing one at a time, upkeep, monitoring."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec

from e2e.marketplace_on_disk import Workspace, copy_registry
from key_service import KeyService, serving
from pluginry.adapters.signing_keys import create_key, load_key, public_key, write_public_key
from pluginry.cli.main import run
from simulator import Simulator
from trustees import Trustees

SIGNERS = ("ann", "ben", "cem", "dan", "eve")


class Desk:
    """A workspace and the keys of its people, each in a place of their own; keeps all that commands ever said."""

    def __init__(self, root: Path) -> None:
        self.keys = root / "keys"
        self.workspace = Workspace(root / "workspace")
        self.said = ""
        copy_registry(self.workspace.root, ())

    def run(self, *arguments: str, expect: int = 0) -> Any:
        """Run a command and return its JSON answer, held to the expected exit status."""
        return json.loads(self.text(*arguments, "--json", expect=expect))

    def trust(self, *arguments: str, expect: int = 0) -> Any:
        """Run a command of ``pluginry trust``."""
        return self.run("trust", *arguments, expect=expect)

    def text(self, *arguments: str, expect: int = 0) -> str:
        """Run a command and return what a person sees."""
        done = CliRunner().invoke(run, arguments)
        assert done.exit_code == expect, (arguments, done.output, done.exception)
        self.said += done.output
        return done.output

    def key(self, name: str) -> str:
        """Return the private key file of somebody, made when it is first asked for."""
        path = self.keys / f"{name}.pem"
        if not path.exists():
            create_key(path)
            write_public_key(load_key(path), path.with_name(f"{path.name}.pub"))
        return str(path)

    def public(self, name: str) -> str:
        """Return the public key file of somebody."""
        return f"{self.key(name)}.pub"

    def found(self) -> Any:
        """Found a hardened marketplace whose people hand in public keys."""
        root = [word for name in SIGNERS for word in ("--root-key", self.public(name))]
        targets = [word for name in SIGNERS[:3] for word in ("--targets-key", self.public(f"{name}-targets"))]
        online = ("--online-key", self.key("online"), "--index-key", self.key("index"))
        return self.trust("init", "--signing", "none", "--profile", "hardened", *root, *targets, *online)

    def publish(self, expect: int = 0) -> Any:
        """Publish with the online keys."""
        keys = ("--online-key", self.key("online"), "--index-key", self.key("index"))
        return self.run("publish", "dist", *keys, expect=expect)

    def sign(self, *names: str) -> Any:
        """Let people sign; return the last answer."""
        return [self.trust("sign", "--yes", "--key", self.key(name)) for name in names][-1]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path)
    monkeypatch.chdir(desk.workspace.root)
    monkeypatch.setenv("PLUGINRY_HOME", str(tmp_path / "home"))
    return desk


def test_a_hardened_marketplace_is_founded_by_people_with_public_keys(desk: Desk) -> None:
    answer = desk.found()
    assert answer["fingerprint"] == ""
    assert answer["pending"]["root"][0]["missing"] == 3
    assert answer["pending"]["targets"][0]["missing"] == 2
    desk.publish(expect=2)

    desk.sign("ann", "ben-targets", "eve", "ann-targets")
    assert desk.sign("cem")["in_force"] == ["1.root.json", "1.targets.json"]
    shown = desk.trust("show")
    assert shown["profile"] == "hardened"
    assert {role: (of["threshold"], len(of["keys"])) for role, of in shown["roles"].items()} == {
        "root": (3, 5),
        "targets": (2, 3),
        "snapshot": (1, 1),
        "timestamp": (1, 1),
        "index": (1, 1),
    }
    desk.publish()
    metadata = {path.name for path in (desk.workspace.dist / "v1" / "metadata").iterdir()}
    assert metadata == {"1.root.json", "1.targets.json", "1.index.json", "1.snapshot.json", "timestamp.json"}
    desk.run("source", "add", "demo", "dist", "--fingerprint", shown["fingerprint"])
    desk.run("build", "--check", "dist")


def test_no_private_key_ever_gets_into_git_the_marketplace_or_what_is_said(desk: Desk) -> None:
    desk.found()
    desk.sign("ann", "ben", "cem", "ann-targets", "ben-targets")
    desk.publish()
    desk.trust("rotate", "index", "--new", desk.public("index-2"))
    desk.text("trust", "show")
    desk.text("trust", "sign", "--yes", "--key", desk.key("cem-targets"))
    desk.text("trust", "sign", "--yes", "--debug", "--key", desk.key("online"), expect=4)
    secrets = [path.read_text("ascii").splitlines()[1:-1] for path in desk.keys.glob("*.pem")]
    assert len(secrets) == 11
    public = [path for path in desk.workspace.root.rglob("*") if path.is_file() and ".pluginry" not in path.parts]
    everything = "\n".join(path.read_bytes().decode("utf-8", "replace") for path in public) + desk.said
    for (secret,) in secrets:
        assert secret not in everything
        assert secret.rstrip("=") not in everything
    assert "PRIVATE KEY" not in desk.said


def test_a_signer_is_shown_in_words_what_the_signature_would_change(desk: Desk) -> None:
    desk.found()
    desk.sign("ann", "ben", "cem", "ann-targets", "ben-targets")
    desk.trust("rotate", "targets", "--old", _keyid(desk, "targets", 0), "--new", desk.public("dan"), "--holder", "Dan")
    desk.trust("new-epoch")
    words = desk.text("trust", "sign", "--key", desk.key("ann"), expect=6)
    assert "targets: adds Dan (key" in words
    assert "targets: removes key" in words
    assert "trust/policy.json: epoch is 2, was 1" in words
    assert "nobody can be asked here" in words
    assert desk.trust("show")["pending"]["root"][0]["missing"] == 3


def test_a_new_key_is_made_for_its_owner_outside_git(desk: Desk) -> None:
    answer = desk.trust("new-key", str(desk.keys / "zoe.pem"))
    assert (desk.keys / "zoe.pem").stat().st_mode & 0o077 == 0
    assert public_key(answer["public"]).keyid == answer["key"] == load_key(desk.keys / "zoe.pem").public_key.keyid
    desk.trust("new-key", str(desk.keys / "zoe.pem"), expect=2)
    subprocess.run(["git", "init", "--quiet", str(desk.workspace.root)], check=True)
    desk.trust("new-key", str(desk.workspace.root / "zoe.pem"), expect=2)
    assert not (desk.workspace.root / "zoe.pem").exists()


def test_a_stranger_cannot_sign_and_nobody_signs_twice(desk: Desk) -> None:
    desk.found()
    assert desk.trust("sign", "--yes", "--key", desk.key("mallory"), expect=4)["error"]["code"] == "auth"
    desk.sign("ann")
    desk.trust("sign", "--yes", "--key", desk.key("ann"), expect=4)
    assert desk.trust("show")["pending"]["root"][0]["missing"] == 2


def test_what_is_pending_and_was_changed_by_somebody_is_not_signed(desk: Desk) -> None:
    desk.found()
    desk.sign("ann", "ben", "cem", "ann-targets", "ben-targets")
    desk.trust("new-epoch")
    pending = desk.workspace.root / "index" / "trust" / "pending"
    (pending / "policy.json").write_text("{}", "utf-8")
    desk.trust("sign", "--yes", "--key", desk.key("ann-targets"), expect=5)
    (pending / "targets.json").write_text("garbage", "utf-8")
    desk.trust("sign", "--yes", "--key", desk.key("ann-targets"), expect=5)


def test_a_signer_is_added_and_the_threshold_raised(desk: Desk) -> None:
    desk.found()
    desk.sign("ann", "ben", "cem", "ann-targets", "ben-targets")
    desk.trust("add-signer", "root", desk.public("fay"), "--threshold", "4", "--holder", "Fay")
    desk.trust("add-signer", "root", desk.public("fay"), expect=2)
    desk.sign("ann", "ben", "cem")
    assert desk.sign("fay")["in_force"] == ["2.root.json"]
    root = desk.trust("show")["roles"]["root"]
    assert (root["threshold"], len(root["keys"])) == (4, 6)
    assert any(holder.startswith("Fay") for holder in root["holders"])


def test_a_simple_marketplace_replaces_its_online_key(desk: Desk) -> None:
    desk.trust("init", "--signing", "none", "--root-key", desk.public("ann"), "--online-key", desk.key("online"))
    desk.sign("ann")
    desk.publish()
    desk.trust("rotate", "timestamp", "--new", desk.public("online-2"))
    assert desk.sign("ann")["in_force"] == ["2.root.json"]
    desk.publish(expect=4)
    desk.run("publish", "dist", "--online-key", desk.key("online-2"))
    roles = desk.trust("show")["roles"]
    assert roles["targets"]["keys"] == roles["snapshot"]["keys"] == roles["timestamp"]["keys"]
    assert desk.trust("new-epoch")["epoch"] == 2
    desk.trust("renew", "targets", expect=2)
    desk.trust("renew", "root")
    assert desk.sign("ann")["in_force"] == ["3.root.json"]


def test_online_keys_live_in_a_key_service_or_in_an_environment_secret(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = KeyService({"k1": ec.generate_private_key(ec.SECP256R1())})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("K2_SECRET", Path(desk.key("index")).read_text("ascii"))
    with serving(service) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", address)
        keys = ("--online-key", "awskms:k1", "--index-key", "env:K2_SECRET")
        desk.trust("init", "--signing", "none", "--profile", "hardened", *keys)
        desk.run("publish", "dist", *keys)
        desk.trust("refresh", "dist", *keys[:2])
    assert service.requests.count("Sign") == 3
    desk.run("source", "add", "demo", "dist", "--fingerprint", desk.trust("show")["fingerprint"])
    made = {path.name for path in (desk.workspace.root / ".pluginry" / "keys").iterdir()}
    assert not made & {"online.pem", "index.pem"}
    assert Path(desk.key("index")).read_text("ascii").splitlines()[1] not in desk.said


def test_a_refresh_replaces_the_timestamp_and_nothing_else(desk: Desk) -> None:
    desk.trust("init", "--signing", "none", "--profile", "hardened")
    desk.trust("refresh", "dist", expect=2)
    desk.run("publish", "dist")
    before = {path: path.read_bytes() for path in desk.workspace.dist.rglob("*") if path.is_file()}
    desk.trust("refresh", "dist")
    after = {path: path.read_bytes() for path in desk.workspace.dist.rglob("*") if path.is_file()}
    assert {path.name for path in after if after[path] != before.get(path)} == {"timestamp.json"}
    assert before.keys() == after.keys()


def test_monitoring_reads_the_exit_status(desk: Desk) -> None:
    desk.trust("init", "--signing", "none", "--profile", "hardened")
    desk.trust("status", "dist", expect=2)
    desk.run("publish", "dist")
    answer = desk.trust("status", "dist")
    assert answer["verdict"] == "fine"
    assert {role: of["days_left"] for role, of in answer["roles"].items()} == {
        "root": 364,
        "targets": 364,
        "index": 29,
        "snapshot": 29,
        "timestamp": 6,
    }
    assert desk.trust("status", "dist", "--warn-days", "20", expect=10)["verdict"] == "soon"
    assert "timestamp  version 1" in desk.text("trust", "status", "dist", "--warn-days", "20", expect=10)


def test_monitoring_tells_what_has_expired(desk: Desk) -> None:
    market = Simulator(now=datetime(2024, 3, 1, tzinfo=UTC))
    Trustees(market, desk.workspace.root / "index" / "trust")
    market.publish()
    market.write_to(desk.workspace.dist)
    answer = desk.trust("status", "dist", expect=5)
    assert answer["verdict"] == "expired"
    assert all(of["days_left"] < 0 for of in answer["roles"].values())
    assert "EXPIRED" in desk.text("trust", "status", "dist", expect=5)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--profile", "simple", "--targets-threshold", "2"),
        ("--profile", "hardened", "--root-threshold", "6"),
        ("--profile", "hardened", "--targets-threshold", "0"),
    ],
)
def test_what_can_never_be_signed_is_not_founded(desk: Desk, arguments: tuple[str, ...]) -> None:
    desk.trust("init", "--signing", "none", *arguments, expect=2)
    assert not list(desk.workspace.root.rglob("*.pem"))


def _keyid(desk: Desk, role: str, number: int) -> str:
    return str(desk.trust("show")["roles"][role]["keys"][number])
