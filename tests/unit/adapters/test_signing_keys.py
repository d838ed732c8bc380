from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from tuf.api.metadata import Metadata, Timestamp

from key_service import KeyService, serving
from pluginry.adapters.signing_keys import (
    create_key,
    holder_of,
    load_key,
    open_key,
    public_key,
    sign_with,
    write_public_key,
)
from pluginry.errors import AuthError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_a_key_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "root.pem"
    create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load_key(path).public_key == load_key(path).public_key


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "root.pem"
    create_key(path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="never overwritten"):
        create_key(path)
    assert path.read_bytes() == before


def test_two_keys_are_two_keys(tmp_path: Path) -> None:
    create_key(tmp_path / "a.pem")
    create_key(tmp_path / "b.pem")
    assert load_key(tmp_path / "a.pem").public_key != load_key(tmp_path / "b.pem").public_key


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(AuthError, match="a signing key is missing") as caught:
        load_key(tmp_path / "root.pem")
    assert "pluginry trust init" in caught.value.hint


@pytest.mark.parametrize(
    "body", [b"", b"garbage", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None]
)
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path: Path, body: bytes | None) -> None:
    locked = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    path = tmp_path / "root.pem"
    path.write_bytes(locked if body is None else body)
    with pytest.raises(AuthError, match="not a signing key") as caught:
        load_key(path)
    assert "BEGIN" not in str(caught.value)


def signed_by(reference: str) -> None:
    """Sign something with the key that `reference` names, and check it with its public half."""
    metadata: Metadata[Timestamp] = Metadata(Timestamp())
    sign_with(open_key(reference), metadata)
    key = public_key(reference)
    key.verify_signature(metadata.signatures[key.keyid], metadata.signed_bytes)


def test_a_key_is_found_by_its_file(tmp_path: Path) -> None:
    create_key(tmp_path / "online.pem")
    for reference in (str(tmp_path / "online.pem"), f"file:{tmp_path / 'online.pem'}"):
        signed_by(reference)


def test_a_key_is_found_in_an_environment_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_key(tmp_path / "online.pem")
    monkeypatch.setenv("ONLINE_KEY", (tmp_path / "online.pem").read_text("ascii"))
    signed_by("env:ONLINE_KEY")
    assert public_key("env:ONLINE_KEY").keyid == public_key(str(tmp_path / "online.pem")).keyid


@pytest.mark.parametrize("value", ["", "garbage", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"])
def test_an_environment_secret_that_is_no_key_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ONLINE_KEY", value)
    with pytest.raises(AuthError) as caught:
        open_key("env:ONLINE_KEY")
    assert not value or value not in f"{caught.value} {caught.value.hint}"
    monkeypatch.delenv("ONLINE_KEY")
    with pytest.raises(AuthError, match="not set"):
        open_key("env:ONLINE_KEY")


def test_a_public_key_is_read_from_its_file_and_names_its_holder(tmp_path: Path) -> None:
    create_key(tmp_path / "ann.pem")
    signer = load_key(tmp_path / "ann.pem")
    write_public_key(signer.public_key, tmp_path / "ann.pub")
    assert b"PRIVATE" not in (tmp_path / "ann.pub").read_bytes()
    key = public_key(str(tmp_path / "ann.pub"), holder="Ann")
    assert key.keyid == signer.public_key.keyid
    assert holder_of(key) == f"Ann (key {key.keyid[:8]})"
    assert holder_of(signer.public_key) == f"key {key.keyid[:8]}"
    with pytest.raises(UsageError, match="a file already"):
        write_public_key(signer.public_key, tmp_path / "ann.pub")


def test_keys_of_other_tools_will_do(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key.pem").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pub").write_bytes(public)
    signed_by(str(tmp_path / "key.pem"))
    assert public_key(str(tmp_path / "key.pub")).keyid == public_key(str(tmp_path / "key.pem")).keyid


@pytest.mark.parametrize("body", [b"", b"garbage", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_public_key_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "key.pub").write_bytes(body)
    with pytest.raises(AuthError, match="not a public key"):
        public_key(str(tmp_path / "key.pub"))
    with pytest.raises(AuthError, match="missing"):
        public_key(str(tmp_path / "other.pub"))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyService]:
    """Yield a key service with a key of each kind, which the AWS client finds in this environment."""
    keys = {"elliptic": ec.generate_private_key(ec.SECP256R1()), "rsa": rsa.generate_private_key(65537, 2048)}
    running = KeyService(keys)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with serving(running) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", address)
        yield running


@pytest.mark.parametrize("name", ["elliptic", "rsa"])
def test_a_key_in_a_key_service_signs_and_stays_there(service: KeyService, name: str) -> None:
    signed_by(f"awskms:{name}")
    assert set(service.requests) == {"GetPublicKey", "Sign"}


def test_a_key_service_that_refuses_is_a_matter_of_credentials(service: KeyService) -> None:
    with pytest.raises(AuthError, match="could not be used"):
        open_key("awskms:no-such-key")
    signer = open_key("awskms:elliptic")
    service.denied.add("Sign")
    with pytest.raises(AuthError, match="AccessDenied"):
        sign_with(signer, Metadata(Timestamp()))
    service.denied.add("GetPublicKey")
    with pytest.raises(AuthError, match="AccessDenied"):
        public_key("awskms:elliptic")


def test_a_key_service_that_does_not_answer_is_a_matter_of_credentials_too(
    service: KeyService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")
    with pytest.raises(AuthError, match="could not be used"):
        open_key("awskms:elliptic")
    assert service.requests == []
