"""Keys on hardware tokens, from the key to a client that follows: with SoftHSM2 in the place of the hardware."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import Metadata, Timestamp

from desk import Desk
from pluginry.adapters.signing_keys import open_key, public_key, sign_with, write_public_key
from pluginry.errors import AuthError
from soft_token import PIN, SoftTokens, soft_tokens

if TYPE_CHECKING:
    from pathlib import Path

ANN, BEN, MACHINE = "ann", "Ben's token #2", "machine"
WITH_PIN = "?pin=env:TOKEN_PIN"


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> SoftTokens:
    found = soft_tokens(ANN, BEN, MACHINE)
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYKCS11LIB", raising=False)
    monkeypatch.setenv("TOKEN_PIN", PIN)
    return found


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path)
    monkeypatch.chdir(desk.workspace.root)
    monkeypatch.setenv("PLUGINRY_HOME", str(tmp_path / "home"))
    return desk


@pytest.mark.parametrize("curve", ["secp256r1", "secp384r1"])
def test_a_key_signs_on_its_token_and_its_public_half_checks_it(tokens: SoftTokens, tmp_path: Path, curve: str) -> None:
    reference = tokens.make_key(ANN, 0x20 if curve == "secp256r1" else 0x21, curve=curve)
    metadata: Metadata[Timestamp] = Metadata(Timestamp())
    sign_with(open_key(reference, ask_pin=lambda _token: PIN), metadata)
    key = public_key(reference)
    key.verify_signature(metadata.signatures[key.keyid], metadata.signed_bytes)
    write_public_key(key, tmp_path / "ann.pub")
    assert public_key(str(tmp_path / "ann.pub")).keyid == key.keyid


def test_a_pin_is_asked_for_once_and_a_wrong_one_is_not_tried_again(tokens: SoftTokens) -> None:
    reference, asked = tokens.make_key(ANN, 0x30), []

    def ask_pin(token: str) -> str:
        asked.append(token)
        return PIN if len(asked) == 1 else "000000"

    signer = open_key(reference, ask_pin=ask_pin)
    for _ in range(3):
        sign_with(signer, Metadata(Timestamp()))
    assert asked == [ANN]
    with pytest.raises(AuthError, match="PIN is wrong") as caught:
        sign_with(open_key(reference, ask_pin=ask_pin), Metadata(Timestamp()))
    assert asked == [ANN, ANN]
    assert "000000" not in f"{caught.value} {caught.value.hint}"


def test_a_public_key_that_is_hidden_needs_the_pin_too(tokens: SoftTokens) -> None:
    reference = tokens.make_key(ANN, 0x40, is_private=True)
    with pytest.raises(AuthError, match="nobody can be asked"):
        public_key(reference)
    assert public_key(reference + WITH_PIN).keyid == public_key(reference, ask_pin=lambda _token: PIN).keyid


def test_without_anybody_to_ask_it_is_said_where_a_pin_can_come_from(
    tokens: SoftTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = tokens.make_key(ANN, 0x50)
    with pytest.raises(AuthError, match="nobody can be asked") as caught:
        sign_with(open_key(reference), Metadata(Timestamp()))
    assert "?pin=env:NAME" in caught.value.hint
    monkeypatch.delenv("TOKEN_PIN")
    with pytest.raises(AuthError, match="not set"):
        sign_with(open_key(reference + WITH_PIN), Metadata(Timestamp()))


def test_a_token_or_key_that_is_not_there_is_named(tokens: SoftTokens) -> None:
    tokens.make_key(ANN, 0x60)
    with pytest.raises(AuthError, match="no such token"):
        public_key("pkcs11:zoe/02")
    with pytest.raises(AuthError, match="could not find ECDSA"):
        public_key(f"pkcs11:{ANN}/7f{WITH_PIN}")


def test_people_and_the_publishing_job_sign_with_tokens(tokens: SoftTokens, desk: Desk) -> None:
    ann, machine = tokens.make_key(ANN, 2), tokens.make_key(MACHINE, 1)
    ben = tokens.make_key(BEN, 2).replace(BEN, "Ben%27s%20token%20%232")
    index = tokens.make_key(MACHINE, 2)
    public = {}
    for name, reference in (("ann", ann), ("ben", ben)):
        public[name] = str(desk.keys / f"{name}.pub")
        desk.keys.mkdir(exist_ok=True)
        desk.trust("public-key", reference, public[name])
    online = ("--online-key", machine + WITH_PIN, "--index-key", index + WITH_PIN)
    people = ("--root-key", public["ann"], "--root-key", public["ben"], "--root-threshold", "2", "--targets-key", ann)
    desk.trust("init", "--signing", "none", "--profile", "hardened", *people, *online)
    desk.trust("sign", "--yes", "--key", ann + WITH_PIN)
    assert desk.trust("sign", "--yes", "--key", ben + WITH_PIN)["in_force"] == ["1.root.json", "1.targets.json"]
    desk.run("publish", "dist", *online)
    desk.run("source", "add", "demo", "dist", "--fingerprint", desk.trust("show")["fingerprint"])
    desk.trust("refresh", "dist", *online[:2])
    assert PIN not in desk.said
    files = [path for path in desk.workspace.root.rglob("*") if path.is_file()]
    assert not [path for path in files if PIN.encode() in path.read_bytes()]
    assert not list(desk.keys.rglob("*.pem"))


def test_a_person_types_the_pin_without_seeing_it(tokens: SoftTokens, desk: Desk) -> None:
    reference = tokens.make_key(BEN, 0x70).replace(BEN, "Ben%27s%20token%20%232")
    desk.trust("init", "--signing", "none", "--root-key", reference, "--online-key", desk.key("online"))
    shown = typed_at_a_terminal(["trust", "sign", "--yes", "--key", reference], f"{PIN}\n")
    assert "PIN of Ben's token #2: " in shown
    assert "1.root.json" in shown
    assert PIN not in shown


def test_a_pin_is_no_argument_of_any_command(tokens: SoftTokens, desk: Desk) -> None:
    reference = tokens.make_key(ANN, 0x71)
    desk.trust("init", "--signing", "none", "--root-key", reference, "--online-key", desk.key("online"))
    desk.trust("sign", "--yes", "--key", f"{reference}?pin={PIN}", expect=2)
    desk.trust("sign", "--yes", "--key", reference, expect=4)
    assert PIN not in desk.said


def typed_at_a_terminal(arguments: list[str], keys: str) -> str:
    """Run a command at a terminal of its own, type `keys` when it asks for something, and return what was on it."""
    terminal, its_end = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "pluginry", *arguments],
        stdin=its_end,
        stdout=its_end,
        stderr=its_end,
        start_new_session=True,
    )
    os.close(its_end)
    shown = ""
    with os.fdopen(terminal, "r+b", buffering=0) as screen:
        while part := _read(screen.fileno()):
            shown += part
            if shown.endswith(": ") and keys:
                screen.write(keys.encode())
                keys = ""
    assert running.wait() == 0, shown
    return shown


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 4096).decode()
    except OSError:  # how Linux says that the other end is closed
        return ""
