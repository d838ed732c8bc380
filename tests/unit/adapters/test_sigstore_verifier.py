"""The verifier: one statement and one only comes out of a bundle of whoever is accepted."""

from __future__ import annotations

import json
import socket
import sys
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from lab_evidence import OTHER, STATEMENT, Evidence, a_statement, verify
from pluginry.adapters import sigstore_verifier
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.adapters.sigstore_verifier import SigstoreVerifier, public_good_trusted_root
from pluginry.errors import PolicyError, TamperedError
from pluginry.model.attestation import PAYLOAD_TYPE, SignerIdentity

if TYPE_CHECKING:
    from pathlib import Path


def test_a_verified_statement_says_who_when_and_where(evidence: Evidence) -> None:
    verified = verify(evidence, evidence.bundle)
    raw = json.loads(evidence.bundle)["verificationMaterial"]["certificate"]["rawBytes"]
    certificate = x509.load_der_x509_certificate(b64decode(raw))
    assert verified.payload == STATEMENT
    assert verified.payload_type == PAYLOAD_TYPE
    assert verified.signer == LAB_IDENTITY
    assert verified.signed_at == certificate.not_valid_before_utc
    assert verified.log_index == 5


def test_verification_opens_no_socket_and_writes_no_file(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    other_spelling = json.dumps(json.loads(evidence.root), indent=3).encode()
    assert verify(evidence, evidence.bundle, root=other_spelling).payload == STATEMENT
    assert list(tmp_path.iterdir()) == []


def test_four_threads_can_verify_at_once(evidence: Evidence) -> None:
    verifier = SigstoreVerifier()

    def payload(bundle: bytes) -> bytes:
        return verifier.verify(bundle, trusted_root=evidence.root, identities=[LAB_IDENTITY]).payload

    with ThreadPoolExecutor(max_workers=4) as pool:
        payloads = list(pool.map(payload, [evidence.bundle, evidence.twin] * 8))
    assert payloads == [STATEMENT, a_statement("evil.zip")] * 8


def test_the_signer_that_matched_is_told_apart(evidence: Evidence) -> None:
    accepted = [SignerIdentity(issuer="https://x.invalid", san=OTHER.san), OTHER, LAB_IDENTITY]
    verifier = SigstoreVerifier()
    for bundle, signer in ((evidence.bundle, LAB_IDENTITY), (evidence.others, OTHER)):
        verified = verifier.verify(bundle, trusted_root=evidence.root, identities=iter(accepted))
        assert verified.signer == signer


@pytest.mark.parametrize(
    "identity",
    [
        OTHER,
        SignerIdentity(issuer="https://evil.invalid", san=LAB_IDENTITY.san),
        SignerIdentity(issuer=LAB_IDENTITY.issuer, san=LAB_IDENTITY.san + "/"),
        SignerIdentity(issuer=LAB_IDENTITY.issuer, san=LAB_IDENTITY.san[:-1]),
        SignerIdentity(issuer=LAB_IDENTITY.san, san=LAB_IDENTITY.issuer),
    ],
)
def test_somebody_elses_signature_is_refused(evidence: Evidence, identity: SignerIdentity) -> None:
    with pytest.raises(TamperedError, match="not accepted"):
        SigstoreVerifier().verify(evidence.bundle, trusted_root=evidence.root, identities=[identity])


@pytest.mark.parametrize(
    "identities",
    [
        (),
        (SignerIdentity(issuer="", san=LAB_IDENTITY.san),),
        (LAB_IDENTITY, SignerIdentity(issuer=LAB_IDENTITY.issuer, san="")),
    ],
)
def test_a_policy_that_accepts_nobody_or_anybody_is_an_error(
    evidence: Evidence, identities: tuple[SignerIdentity, ...]
) -> None:
    with pytest.raises(PolicyError):
        SigstoreVerifier().verify(evidence.bundle, trusted_root=evidence.root, identities=identities)


def test_a_verifier_is_built_once_for_each_trusted_root(evidence: Evidence) -> None:
    sigstore_verifier._build_verifier.cache_clear()
    for _ in range(3):
        verify(evidence, evidence.bundle)
        verify(evidence, evidence.twin)
    assert sigstore_verifier._build_verifier.cache_info().misses == 1


def test_without_the_library_nothing_pretends_to_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sigstore", None)
    with pytest.raises(PolicyError) as caught:
        SigstoreVerifier()
    assert caught.value.hint == "pip install 'pluginry[verify]'"
    with pytest.raises(PolicyError):
        public_good_trusted_root()
