"""The keys of a marketplace with the commands that people type: founding, signing one at a time, upkeep, monitoring."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from desk import Desk
from key_service import KeyService, serving
from pluginry.adapters.signing_keys import load_key, public_key
from simulator import Simulator
from trustees import Trustees


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
    desk.trust("new-key", str(desk.workspace.root / "not" / "yet" / "zoe.pem"), expect=2)


def test_no_key_is_made_where_git_would_take_it(desk: Desk) -> None:
    root = desk.workspace.root
    desk.trust("init", "--signing", "none", "--root-key", desk.public("ann"), "--online-key", desk.key("online"))
    desk.sign("ann")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    refusal = desk.trust("harden", "dist", "--keys", str(root / "keys"), expect=2)["error"]
    assert refusal["what"] == "git would take a private key"
    (root / ".pluginry" / ".gitignore").write_text("# nothing\n", "utf-8")
    desk.trust("harden", "dist", expect=2)
    shutil.rmtree(root / "index")
    elsewhere = ("--keys", str(desk.keys))
    assert "lab" in desk.trust("init", "--signing", "lab", *elsewhere, expect=2)["error"]["hint"]
    (root / ".gitignore").write_text("/.pluginry\n", "utf-8")
    desk.trust("init", "--signing", "lab")


def test_git_takes_no_key_of_a_marketplace_that_gets_its_repository_later(desk: Desk) -> None:
    root = desk.workspace.root
    desk.trust("init", "--signing", "lab")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "add", "--all"], check=True)
    found = subprocess.run(["git", "-C", str(root), "ls-files"], check=True, capture_output=True, text=True)
    assert "index/trust/1.root.json" in found.stdout
    assert ".pluginry" not in found.stdout


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


def test_a_signer_is_removed_as_long_as_the_others_are_enough(desk: Desk) -> None:
    desk.found()
    desk.sign("ann", "ben", "cem", "ann-targets", "ben-targets")
    ann = public_key(desk.public("ann")).keyid
    said = desk.text("trust", "remove-signer", "root", ann[:10])
    assert f"root: removes key {ann[:8]}" in said
    assert "root: 3 of 4 keys must sign (before: 3 of 5)" in said
    desk.sign("ann", "ben", "cem")
    assert desk.sign("dan")["in_force"] == ["2.root.json"]
    root = desk.trust("show")["roles"]["root"]
    assert (root["threshold"], len(root["keys"])) == (3, 4)
    assert ann not in root["keys"]

    desk.trust("remove-signer", "root", ann, expect=2)
    desk.trust("remove-signer", "root", "", expect=2)
    desk.trust("remove-signer", "root", root["keys"][0])
    refusal = desk.trust("remove-signer", "root", root["keys"][1], expect=2)["error"]
    assert refusal["what"] == "3 of 2 keys can never be reached"
    desk.trust("remove-signer", "root", root["keys"][1], "--threshold", "2")
    desk.trust("remove-signer", "timestamp", desk.trust("show")["roles"]["timestamp"]["keys"][0], expect=2)
    assert desk.trust("show")["pending"]["root"][1]["threshold"] == 2


def test_targets_that_lose_a_signer_wait_until_the_others_signed_them(desk: Desk) -> None:
    desk.found()
    desk.sign("ann", "ben", "cem", "ann-targets", "ben-targets")
    desk.trust("remove-signer", "targets", public_key(desk.public("ann-targets")).keyid)
    desk.sign("ann", "ben", "cem")
    assert len(list((desk.workspace.root / "index" / "trust").glob("*.root.json"))) == 1
    desk.sign("ben-targets")
    assert desk.sign("cem-targets")["in_force"] == ["2.root.json", "2.targets.json"]
    desk.publish()


def test_a_living_marketplace_is_hardened_and_its_users_go_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    simple = ("--online-key", desk.key("online"))
    desk.trust("init", "--signing", "none", "--root-key", desk.public("ann"), *simple)
    desk.sign("ann")
    desk.run("publish", "dist", *simple)
    fingerprint = desk.trust("show")["fingerprint"]
    desk.run("source", "add", "demo", "dist", "--fingerprint", fingerprint)

    root = [word for name in ("ann", "ben", "cem") for word in ("--root-key", desk.public(name))]
    targets = [word for name in ("dan", "eve") for word in ("--targets-key", desk.public(name))]
    keys = (*root, *targets, "--online-key", desk.public("online"), "--index-key", desk.public("index"))
    said = desk.text("trust", "harden", "dist", *keys)
    assert "root: 2 of 3 keys must sign (before: 1 of 1)" in said
    assert "root keys of root 1: 0 of 1 signatures" in said
    desk.run("publish", "dist", *simple)
    desk.sign("ben", "dan", "eve")
    assert desk.trust("show")["profile"] == "simple"

    assert desk.sign("ann")["in_force"] == ["2.root.json", "1002.targets.json"]
    shown = desk.trust("show")
    assert (shown["profile"], shown["fingerprint"]) == ("hardened", fingerprint)
    desk.run("publish", "dist", *simple, expect=4)
    desk.publish()
    desk.run("build", "--check", "dist")
    desk.run("source", "refresh")
    monkeypatch.setenv("PLUGINRY_HOME", str(desk.workspace.root / "newcomer"))
    desk.run("source", "add", "demo", "dist", "--fingerprint", fingerprint)
    desk.trust("harden", "dist", *keys, expect=2)


def test_hardening_waits_for_nobody_elses_change_and_can_be_proposed_anew(desk: Desk) -> None:
    desk.trust("harden", "dist", expect=2)
    desk.trust("init", "--signing", "none", "--root-key", desk.public("ann"), "--online-key", desk.key("online"))
    desk.trust("harden", "dist", expect=2)
    desk.sign("ann")
    pending = desk.workspace.root / "index" / "trust" / "pending"
    desk.trust("renew", "root")
    refusal = desk.trust("harden", "dist", expect=2)["error"]
    assert refusal["what"] == "another change waits for signatures"
    (pending / "root.json").unlink()

    desk.trust("harden", "dist", "--targets-threshold", "4", expect=2)
    assert not list(desk.workspace.root.rglob("targets-*.pem"))
    made = desk.trust("harden", "dist")["pending"]
    assert [vote["missing"] for vote in made["root"]] == [1, 0]
    policy = desk.workspace.root / "index" / "trust" / "policy.json"
    policy.write_text(policy.read_text("utf-8").replace('"epoch":1', '"epoch":2'), "utf-8")
    refusal = desk.trust("sign", "--yes", "--key", desk.key("ann"), expect=5)["error"]
    assert "propose the change anew" in refusal["hint"]
    keys = desk.workspace.root / ".pluginry" / "keys"
    again = ("--root-key", desk.public("ben"), "--targets-key", desk.public("cem"))
    refusal = desk.trust("harden", "dist", *again, expect=2)["error"]
    assert "never overwritten" in refusal["what"]
    desk.trust("harden", "dist", *again, "--index-key", str(keys / "index.pem"))
    desk.sign("ben", "cem")
    assert desk.sign("ann")["in_force"] == ["2.root.json", "1.targets.json"]
    assert desk.trust("show")["policy"]["epoch"] == 2


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
