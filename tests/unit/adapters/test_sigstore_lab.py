"""The lab: it certifies only what its tokens prove, and stays what it was."""

from __future__ import annotations

import json
import stat
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from asn1crypto import core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from pluginry.adapters.sigstore_lab import LAB_IDENTITY, LAB_NOTICE, Lab
from pluginry.adapters.sigstore_lab.claims import extensions_of, subject_of
from pluginry.adapters.sigstore_lab.keys import create_keys, decode_keys, encode_keys
from pluginry.adapters.sigstore_lab.server import MAX_REQUEST_BYTES
from pluginry.adapters.sigstore_lab.tokens import issue_token, verify_token
from pluginry.errors import AuthError, BusyError, DocumentError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.adapters.sigstore_lab import RunningLab

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
GITHUB_CLAIMS = {
    "iss": "https://token.actions.githubusercontent.com",
    "sub": "repo:acme/demo:ref:refs/tags/v1",
    "event_name": "push",
    "sha": "a" * 40,
    "workflow": "release",
    "repository": "acme/demo",
    "ref": "refs/tags/v1",
    "job_workflow_ref": "acme/demo/.github/workflows/release.yml@refs/tags/v1",
    "job_workflow_sha": "b" * 40,
    "runner_environment": "github-hosted",
    "repository_id": "632596897",
    "repository_owner": "acme",
    "repository_owner_id": "131804563",
    "workflow_ref": "acme/demo/.github/workflows/release.yml@refs/tags/v1",
    "workflow_sha": "a" * 40,
    "run_id": "77",
    "run_attempt": "2",
    "repository_visibility": "public",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with Lab.open(tmp_path_factory.mktemp("lab")).serve() as running:
        yield running


# --- the folder


def test_a_lab_keeps_its_trusted_root_whatever_its_port(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    first = Lab.open(folder)
    again = Lab.open(folder)
    assert first.trusted_root == again.trusted_root
    with first.serve() as one:
        config = json.loads(one.trust_config_json)
    with again.serve() as other:
        assert json.loads(other.trust_config_json)["trustedRoot"] == config["trustedRoot"]
    assert config["trustedRoot"] == json.loads(first.trusted_root)
    assert b"127.0.0.1" not in first.trusted_root


def test_two_labs_have_different_trusted_roots(tmp_path: Path) -> None:
    assert Lab.open(tmp_path / "a").trusted_root != Lab.open(tmp_path / "b").trusted_root


def test_only_the_owner_can_read_the_lab(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    with Lab.open(folder).serve():
        pass
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}


def test_a_folder_with_something_else_in_it_does_not_become_a_lab(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"thesis\.txt"):
        Lab.open(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_lab_is_served_once_at_a_time_and_again_afterwards(tmp_path: Path) -> None:
    lab = Lab.open(tmp_path / "lab")
    with lab.serve(), pytest.raises(BusyError), Lab.open(tmp_path / "lab").serve():
        pass
    with lab.serve() as running:
        assert running.url.startswith("http://127.0.0.1:")


RSA_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[]", b'{"authority": 1}', b"\xff", json.dumps({"authority": RSA_KEY}).encode()]
)
def test_a_damaged_key_file_is_refused(tmp_path: Path, damage: bytes) -> None:
    Lab.open(tmp_path)
    (tmp_path / "lab.keys.json").write_bytes(damage)
    with pytest.raises(DocumentError, match="key file"):
        Lab.open(tmp_path)


def test_keys_survive_being_written() -> None:
    keys = create_keys(NOW)
    again = decode_keys(encode_keys(keys))
    assert again.authority_certificate == keys.authority_certificate
    assert again.tokens.private_numbers() == keys.tokens.private_numbers()
    assert again.created == NOW.replace(microsecond=0)


def test_the_lab_says_what_it_is(tmp_path: Path) -> None:
    lab = Lab.open(tmp_path)
    root = json.loads(lab.trusted_root)
    (authority,) = root["certificateAuthorities"]
    (encoded,) = authority["certChain"]["certificates"]
    certificate = x509.load_der_x509_certificate(b64decode(encoded["rawBytes"]))
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == authority["subject"]["commonName"] == LAB_NOTICE
    assert "proves nothing" in LAB_NOTICE
    urls = [log["baseUrl"] for log in (*root["tlogs"], *root["ctlogs"])]
    assert all(url.endswith("lab.pluginry.invalid") for url in (*urls, LAB_IDENTITY.issuer))


# --- tokens

KEYS = create_keys(NOW)


def test_a_token_gives_its_claims_back_in_time() -> None:
    token = issue_token({"sub": "https://x.invalid/me", "extra": 1}, key=KEYS.tokens, now=NOW)
    claims = verify_token(token, key=KEYS.tokens, now=NOW + timedelta(seconds=299))
    assert claims["sub"] == "https://x.invalid/me"
    assert claims["extra"] == 1
    assert claims["iss"] == LAB_IDENTITY.issuer


@pytest.mark.parametrize("offset_s", [-6, 300, 100_000])
def test_a_token_outside_its_time_is_refused(offset_s: int) -> None:
    token = issue_token({}, key=KEYS.tokens, now=NOW)
    with pytest.raises(AuthError, match="expired"):
        verify_token(token, key=KEYS.tokens, now=NOW + timedelta(seconds=offset_s))


@pytest.mark.parametrize("audience", ["pypi", "", None, ["sigstore"]])
def test_a_token_for_another_audience_is_refused(audience: object) -> None:
    token = issue_token({"aud": audience}, key=KEYS.tokens, now=NOW)
    with pytest.raises(AuthError, match="audience"):
        verify_token(token, key=KEYS.tokens, now=NOW)


def test_a_token_of_another_lab_is_refused() -> None:
    token = issue_token({}, key=create_keys(NOW).tokens, now=NOW)
    with pytest.raises(AuthError, match="not signed by this lab"):
        verify_token(token, key=KEYS.tokens, now=NOW)


def encoded(document: object) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def test_a_token_with_another_algorithm_is_refused() -> None:
    _, body, signature = issue_token({}, key=KEYS.tokens, now=NOW).split(".")
    for header in ({"alg": "none"}, {"alg": "HS256"}, {}, [], 1):
        for end in (signature, ""):
            with pytest.raises(AuthError):
                verify_token(f"{encoded(header)}.{body}.{end}", key=KEYS.tokens, now=NOW)


def test_a_token_whose_claims_were_changed_is_refused() -> None:
    header, body, signature = issue_token({}, key=KEYS.tokens, now=NOW).split(".")
    claims = json.loads(urlsafe_b64decode(body + "=="))
    forged = encoded(claims | {"sub": "https://evil.invalid/"})
    with pytest.raises(AuthError):
        verify_token(f"{header}.{forged}.{signature}", key=KEYS.tokens, now=NOW)


@given(st.one_of(st.text(max_size=80), st.binary(max_size=80).map(lambda raw: f"{encoded(raw.hex())}.e30.AA")))
def test_nonsense_is_no_token(token: str) -> None:
    with pytest.raises(AuthError):
        verify_token(token, key=KEYS.tokens, now=NOW)


def test_a_token_without_times_is_refused() -> None:
    token = issue_token({"exp": "soon"}, key=KEYS.tokens, now=NOW)
    with pytest.raises(AuthError, match="when it is valid"):
        verify_token(token, key=KEYS.tokens, now=NOW)


# --- certificates


def value_of(certificate: x509.Certificate, number: int) -> bytes:
    oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
    extension = certificate.extensions.get_extension_for_oid(oid).value
    assert isinstance(extension, x509.UnrecognizedExtension)
    return extension.value


def signing_request(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    signed = builder.sign(key or ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(Encoding.PEM)


def post(running: RunningLab, path: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    connection = HTTPConnection(running.url.removeprefix("http://"), timeout=10)
    try:
        connection.request("POST", path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def certify(running: RunningLab, token: str, request: bytes | None = None) -> tuple[int, bytes]:
    encoded_request = b64encode(signing_request() if request is None else request).decode()
    body = json.dumps({"certificateSigningRequest": encoded_request}).encode()
    return post(running, "/api/v2/signingCert", body, {"Authorization": f"Bearer {token}"})


def certificate_in(answer: tuple[int, bytes]) -> x509.Certificate:
    status, body = answer
    assert status == 201, body
    leaf, _ = json.loads(body)["signedCertificateEmbeddedSct"]["chain"]["certificates"]
    return x509.load_pem_x509_certificate(leaf.encode())


def test_github_claims_become_the_extensions_of_the_public_instance(running: RunningLab) -> None:
    certificate = certificate_in(certify(running, running.identity_token(GITHUB_CLAIMS)))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.critical
    assert names.value.get_values_for_type(x509.UniformResourceIdentifier) == [
        "https://github.com/acme/demo/.github/workflows/release.yml@refs/tags/v1"
    ]
    bare = {number: value_of(certificate, number).decode() for number in range(1, 7)}
    assert bare == {
        1: "https://token.actions.githubusercontent.com",
        2: "push",
        3: "a" * 40,
        4: "release",
        5: "acme/demo",
        6: "refs/tags/v1",
    }
    der = {number: core.UTF8String.load(value_of(certificate, number)).native for number in range(8, 23)}
    assert der == {
        8: "https://token.actions.githubusercontent.com",
        9: "https://github.com/acme/demo/.github/workflows/release.yml@refs/tags/v1",
        10: "b" * 40,
        11: "github-hosted",
        12: "https://github.com/acme/demo",
        13: "a" * 40,
        14: "refs/tags/v1",
        15: "632596897",
        16: "https://github.com/acme",
        17: "131804563",
        18: "https://github.com/acme/demo/.github/workflows/release.yml@refs/tags/v1",
        19: "a" * 40,
        20: "push",
        21: "https://github.com/acme/demo/actions/runs/77/attempts/2",
        22: "public",
    }


def test_a_missing_claim_leaves_its_extension_out() -> None:
    claims = {name: value for name, value in GITHUB_CLAIMS.items() if name != "repository_id"}
    numbers = [int(one.oid.dotted_string.rpartition(".")[2]) for one in extensions_of(claims)]
    assert 15 not in numbers
    assert 17 in numbers


def test_a_certificate_lives_for_ten_minutes(running: RunningLab) -> None:
    certificate = certificate_in(certify(running, running.identity_token()))
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(minutes=10)


def test_an_email_address_becomes_an_email_name() -> None:
    assert subject_of({"email": "a@example.org", "sub": "x"}) == x509.RFC822Name("a@example.org")


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": ""},
        {"sub": 7},
        {"sub": "not a uri"},
        {"sub": "https://ex\N{LATIN SMALL LETTER A WITH DIAERESIS}mple.invalid/"},
        {"sub": "https://[broken"},
        {"email": "a@example.org", "email_verified": False},
        {"email": "\N{SNOWMAN}@example.org"},
        {"job_workflow_ref": ["x"], "sub": "https://x.invalid/"},
    ],
)
def test_claims_that_name_nobody_are_refused(claims: dict[str, object]) -> None:
    with pytest.raises(AuthError):
        subject_of(claims)


def test_the_server_refuses_tokens_that_are_not_its_own(running: RunningLab) -> None:
    now = datetime.now(UTC)
    past = int(now.timestamp()) - 10
    tokens = {
        "foreign key": issue_token({}, key=create_keys(now).tokens, now=now),
        "wrong audience": running.identity_token({"aud": "pypi"}),
        "expired": running.identity_token({"exp": past}),
        "from the future": running.identity_token({"nbf": past + 3600}),
        "nobody": running.identity_token({"sub": "me"}),
        "empty": "",
    }
    assert {name: certify(running, token)[0] for name, token in tokens.items()} == dict.fromkeys(tokens, 401)


def test_the_server_refuses_requests_it_cannot_certify(running: RunningLab) -> None:
    token = running.identity_token()
    genuine = x509.load_pem_x509_csr(signing_request()).public_bytes(Encoding.DER)
    broken = b64encode(genuine[:-1] + bytes([genuine[-1] ^ 1])).decode()
    forged = f"-----BEGIN CERTIFICATE REQUEST-----\n{broken}\n-----END CERTIFICATE REQUEST-----\n"
    requests = {
        "nothing": b"",
        "noise": b"\x00" * 100,
        "other curve": signing_request(ec.generate_private_key(ec.SECP384R1())),
        "rsa": signing_request(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        "forged": forged.encode(),
    }
    assert {name: certify(running, token, one)[0] for name, one in requests.items()} == dict.fromkeys(requests, 400)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/v1/log/entries", b"", 400),
        ("/api/v1/log/entries", b"[]", 400),
        ("/api/v1/log/entries", b'{"kind":"hashedrekord","apiVersion":"0.0.1"}', 400),
        ("/api/v1/log/entries", b'{"kind":"dsse","apiVersion":"0.0.1","spec":{"proposedContent":7}}', 400),
        ("/api/v1/log/entries", b"[" * 100_000, 400),
        ("/api/v1/timestamp", b"", 400),
        ("/api/v1/timestamp", b"\x30\x03\x02\x01\x01", 400),
        ("/api/v2/signingCert", b"{}", 401),
        ("/", b"", 404),
        ("/api/v1/log/entries/../../x", b"", 404),
    ],
)
def test_the_server_says_no_to_nonsense(running: RunningLab, path: str, body: bytes, status: int) -> None:
    got, reason = post(running, path, body)
    assert got == status
    assert json.loads(reason)["message"]


@pytest.mark.parametrize("length", [str(MAX_REQUEST_BYTES + 1), "-1", "many", "9" * 5000])
def test_the_server_reads_no_body_above_its_limit(running: RunningLab, length: str) -> None:
    connection = HTTPConnection(running.url.removeprefix("http://"), timeout=10)
    try:
        connection.putrequest("POST", "/api/v1/timestamp")
        connection.putheader("Content-Length", length)
        connection.endheaders()
        assert connection.getresponse().status == 413
    finally:
        connection.close()


def test_a_timestamp_for_another_hash_is_refused(running: RunningLab) -> None:
    request = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": b"\0" * 20},
        }
    )
    assert post(running, "/api/v1/timestamp", request.dump())[0] == 400


def rsa_certificate() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    draft = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(x509.Name([]))
    draft = draft.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1)).serial_number(1)
    return draft.public_key(key.public_key()).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_the_log_takes_no_signature_that_is_wrong(running: RunningLab) -> None:
    leaf = certificate_in(certify(running, running.identity_token())).public_bytes(Encoding.PEM)
    signature = ec.generate_private_key(ec.SECP256R1()).sign(b"anything", ec.ECDSA(hashes.SHA256()))
    envelope = {
        "payload": b64encode(b"{}").decode(),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"sig": b64encode(signature).decode()}],
    }
    for certificate, reason in ((leaf, b"signature"), (rsa_certificate(), b"elliptic")):
        content = {
            "envelope": json.dumps(envelope),
            "verifiers": [b64encode(certificate).decode()],
        }
        proposal = {"kind": "dsse", "apiVersion": "0.0.1", "spec": {"proposedContent": content}}
        status, answer = post(running, "/api/v1/log/entries", json.dumps(proposal).encode())
        assert status == 400
        assert reason in answer


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"certificateSigningRequest": 7}'])
def test_a_good_token_without_a_signing_request_gets_no_certificate(running: RunningLab, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {running.identity_token()}"}
    assert post(running, "/api/v2/signingCert", body, headers)[0] == 400
