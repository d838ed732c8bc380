"""The verifier: one statement and one only comes out of a bundle, and nothing but `TamperedError` otherwise."""

from __future__ import annotations

import copy
import json
import random
import socket
import sys
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from sigstore import dsse

from pluginry.adapters import sigstore_verifier
from pluginry.adapters.sigstore_identity import SigstoreSigner
from pluginry.adapters.sigstore_lab import LAB_IDENTITY, Lab
from pluginry.adapters.sigstore_verifier import MAX_BUNDLE_BYTES, SigstoreVerifier, public_good_trusted_root
from pluginry.errors import PolicyError, TamperedError
from pluginry.model.attestation import PAYLOAD_TYPE, STATEMENT_TYPE, SignerIdentity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OTHER = SignerIdentity(issuer=LAB_IDENTITY.issuer, san="https://lab.pluginry.invalid/other")


def a_statement(name: str) -> bytes:
    subject = {"name": name, "digest": {"sha256": "0" * 64}}
    document = {"_type": STATEMENT_TYPE, "subject": [subject], "predicateType": "urn:test", "predicate": {}}
    return json.dumps(document).encode()


STATEMENT = a_statement("demo.zip")


class Evidence:
    """Bundles of one lab, made before any test and verified after its server has stopped."""

    def __init__(self, folder: Path) -> None:
        lab = Lab.open(folder)
        with lab.serve() as running:
            signer = SigstoreSigner.from_trust_config(running.trust_config_json, token=running.identity_token)
            other = SigstoreSigner.from_trust_config(
                running.trust_config_json, token=lambda: running.identity_token({"sub": OTHER.san})
            )
            for number in range(5):
                signer.attest(a_statement(f"earlier-{number}.zip"))
            self.bundle = signer.attest(STATEMENT)
            self.twin = signer.attest(a_statement("evil.zip"))
            self.others = other.attest(a_statement("others.zip"))
        self.root = lab.trusted_root


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return Evidence(tmp_path_factory.mktemp("lab"))


def verify(evidence: Evidence, bundle: bytes | dict[str, Any], root: bytes | None = None) -> Any:
    raw = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    return SigstoreVerifier().verify(
        raw, trusted_root=evidence.root if root is None else root, identities=[LAB_IDENTITY]
    )


def parts(bundle: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    (entry,) = bundle["verificationMaterial"]["tlogEntries"]
    return bundle, entry


def flip(text: str) -> str:
    """Change one bit in the middle of base64 text."""
    data = bytearray(b64decode(text))
    data[len(data) // 2] ^= 1
    return b64encode(data).decode()


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


# --- whom


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


# --- what


def swap_payload(bundle: dict[str, Any], twin: dict[str, Any]) -> None:
    bundle["dsseEnvelope"]["payload"] = twin["dsseEnvelope"]["payload"]


def swap_signature(bundle: dict[str, Any], twin: dict[str, Any]) -> None:
    bundle["dsseEnvelope"]["signatures"] = twin["dsseEnvelope"]["signatures"]


def swap_envelope(bundle: dict[str, Any], twin: dict[str, Any]) -> None:
    bundle["dsseEnvelope"] = twin["dsseEnvelope"]


def swap_entry(bundle: dict[str, Any], twin: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["tlogEntries"] = twin["verificationMaterial"]["tlogEntries"]


def swap_body(bundle: dict[str, Any], twin: dict[str, Any]) -> None:
    parts(bundle)[1]["canonicalizedBody"] = parts(twin)[1]["canonicalizedBody"]


def swap_proof(bundle: dict[str, Any], twin: dict[str, Any]) -> None:
    parts(bundle)[1]["inclusionProof"] = parts(twin)[1]["inclusionProof"]


def swap_checkpoint(bundle: dict[str, Any], twin: dict[str, Any]) -> None:
    parts(bundle)[1]["inclusionProof"]["checkpoint"] = parts(twin)[1]["inclusionProof"]["checkpoint"]


def swap_promise(bundle: dict[str, Any], twin: dict[str, Any]) -> None:
    parts(bundle)[1]["inclusionPromise"] = parts(twin)[1]["inclusionPromise"]


def change_payload(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    bundle["dsseEnvelope"]["payload"] = flip(bundle["dsseEnvelope"]["payload"])


def change_signature(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    (signature,) = bundle["dsseEnvelope"]["signatures"]
    signature["sig"] = flip(signature["sig"])


def change_type(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    bundle["dsseEnvelope"]["payloadType"] = "text/plain"


def change_certificate(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    certificate = bundle["verificationMaterial"]["certificate"]
    certificate["rawBytes"] = flip(certificate["rawBytes"])


def change_body(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    entry = parts(bundle)[1]
    entry["canonicalizedBody"] = flip(entry["canonicalizedBody"])


def change_root_hash(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    proof = parts(bundle)[1]["inclusionProof"]
    proof["rootHash"] = flip(proof["rootHash"])


def change_time(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    entry = parts(bundle)[1]
    entry["integratedTime"] = str(int(entry["integratedTime"]) + 1)


def change_index(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    parts(bundle)[1]["logIndex"] = "4"


def change_tree(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    proof = parts(bundle)[1]["inclusionProof"]
    proof["treeSize"] = str(int(proof["treeSize"]) + 1)


def drop_entry(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["tlogEntries"] = []


def double_entry(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["tlogEntries"] *= 2


def drop_proof(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    del parts(bundle)[1]["inclusionProof"]


def drop_every_time(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    del parts(bundle)[1]["inclusionPromise"]
    del bundle["verificationMaterial"]["timestampVerificationData"]


def add_field(bundle: dict[str, Any], _: dict[str, Any]) -> None:
    bundle["comment"] = "harmless"


ATTACKS = [
    swap_payload,
    swap_signature,
    swap_envelope,
    swap_entry,
    swap_body,
    swap_proof,
    swap_checkpoint,
    swap_promise,
    change_payload,
    change_signature,
    change_type,
    change_certificate,
    change_body,
    change_root_hash,
    change_time,
    change_index,
    change_tree,
    drop_entry,
    double_entry,
    drop_proof,
    drop_every_time,
    add_field,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.__name__ for attack in ATTACKS])
def test_a_bundle_that_was_tampered_with_is_refused(
    evidence: Evidence, attack: Callable[[dict[str, Any], dict[str, Any]], None]
) -> None:
    bundle, twin = json.loads(evidence.bundle), json.loads(evidence.twin)
    attack(bundle, twin)
    assert bundle != json.loads(evidence.bundle)
    with pytest.raises(TamperedError) as caught:
        verify(evidence, bundle)
    assert caught.value.why or caught.value.what


def test_the_log_index_is_signed_for_even_without_the_promise(evidence: Evidence) -> None:
    bundle, entry = parts(json.loads(evidence.bundle))
    del entry["inclusionPromise"]
    entry["logIndex"] = "1000"
    assert verify(evidence, bundle).log_index == 5
    entry["inclusionProof"]["treeSize"] = str(int(entry["inclusionProof"]["treeSize"]) + 1)
    with pytest.raises(TamperedError):
        verify(evidence, bundle)


def test_a_path_that_fits_another_index_in_a_tree_of_another_size_is_refused(tmp_path: Path) -> None:
    lab = Lab.open(tmp_path)
    with lab.serve() as running:
        signer = SigstoreSigner.from_trust_config(running.trust_config_json, token=running.identity_token)
        signer.attest(STATEMENT)
        second = json.loads(signer.attest(STATEMENT))
    bundle, entry = parts(second)
    del entry["inclusionPromise"]
    # One left neighbour on the border: the same computation for leaf 1 of 2 and for leaf 2 of 3.
    entry["inclusionProof"] |= {"logIndex": "2", "treeSize": "3"}
    with pytest.raises(TamperedError, match="another tree"):
        SigstoreVerifier().verify(json.dumps(bundle).encode(), trusted_root=lab.trusted_root, identities=[LAB_IDENTITY])


def test_a_genuine_signature_over_something_else_than_a_statement_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = Lab.open(tmp_path)
    with lab.serve() as running, monkeypatch.context() as patch:
        # The library signs nothing but statements, unless it calls them something else.
        patch.setattr(dsse.Envelope, "_TYPE", "text/plain")
        signer = SigstoreSigner.from_trust_config(running.trust_config_json, token=running.identity_token)
        bundle = signer.attest(STATEMENT)
    with pytest.raises(TamperedError, match="no in-toto statement"):
        SigstoreVerifier().verify(bundle, trusted_root=lab.trusted_root, identities=[LAB_IDENTITY])


# --- nonsense


@pytest.mark.parametrize("bundle", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"mediaType":"x"}'])
def test_nonsense_is_refused(evidence: Evidence, bundle: bytes) -> None:
    with pytest.raises(TamperedError):
        verify(evidence, bundle)


def test_a_bundle_of_the_greatest_size_is_read_and_one_byte_more_is_not(evidence: Evidence) -> None:
    padding = b" " * (MAX_BUNDLE_BYTES - len(evidence.bundle))
    assert verify(evidence, evidence.bundle + padding).payload == STATEMENT
    with pytest.raises(TamperedError, match="larger than 262144 bytes"):
        verify(evidence, evidence.bundle + padding + b" ")


def test_every_truncation_is_refused(evidence: Evidence) -> None:
    for length in range(0, len(evidence.bundle), 97):
        with pytest.raises(TamperedError):
            verify(evidence, evidence.bundle[:length])


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(TamperedError):
        SigstoreVerifier().verify(noise, trusted_root=b"{}", identities=[LAB_IDENTITY])


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the way to every value in a document."""
    if isinstance(value, dict):
        inner = [leaf for key, child in value.items() for leaf in leaves(child, (*path, key))]
    elif isinstance(value, list):
        inner = [leaf for key, child in enumerate(value) for leaf in leaves(child, (*path, key))]
    else:
        inner = []
    return [path, *inner] if path else inner


STRANGE = (None, 7, -1, 1.5, True, "", "x", "-1", "9" * 5000, "18446744073709551616", [], {}, [[]], {"a": 1}, "\0")


def mutated(bundle: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return `bundle` with one value dropped, doubled, replaced, moved or bent."""
    bundle = copy.deepcopy(bundle)
    *way, last = chance.choice(leaves(bundle))
    parent: Any = bundle
    for step in way:
        parent = parent[step]
    kind = chance.randrange(5)
    if kind == 0:
        del parent[last]
    elif kind == 1 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[last]))
    elif kind == 2 and isinstance(parent[last], str) and parent[last]:
        at = chance.randrange(len(parent[last]))
        bent = chr(ord(parent[last][at]) ^ 1 << chance.randrange(7))
        parent[last] = parent[last][:at] + bent + parent[last][at + 1 :]
    elif kind == 3 and isinstance(parent[last], str):
        try:
            data = bytearray(b64decode(parent[last], validate=True) or b"\0")
        except ValueError:
            data = bytearray(b"\0")
        data[chance.randrange(len(data))] = chance.randrange(256)
        parent[last] = b64encode(data).decode()
    else:
        parent[last] = chance.choice(STRANGE)
    return bundle


@pytest.mark.parametrize("seed", range(8))
def test_no_mutation_raises_another_error_or_yields_another_statement(evidence: Evidence, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same mutations in every run
    genuine, expected = json.loads(evidence.bundle), verify(evidence, evidence.bundle)
    refused = 0
    for _ in range(150):
        bundle = genuine
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            bundle = mutated(bundle, chance)
        try:
            assert verify(evidence, bundle) == expected
        except TamperedError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("seed", range(4))
def test_no_bent_byte_raises_another_error_or_yields_another_statement(evidence: Evidence, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same mutations in every run
    expected, reasons = verify(evidence, evidence.bundle), []
    for _ in range(150):
        bent = bytearray(evidence.bundle)
        bent[chance.randrange(len(bent))] = chance.randrange(256)
        try:
            assert verify(evidence, bytes(bent)) == expected
        except TamperedError as error:
            reasons.append(str(error))
    assert len(reasons) > 100
    assert "".join(reasons).isprintable()


# --- the trusted root


def test_another_lab_is_not_trusted(evidence: Evidence, tmp_path: Path) -> None:
    with pytest.raises(TamperedError):
        verify(evidence, evidence.bundle, root=Lab.open(tmp_path).trusted_root)


@pytest.mark.parametrize("role", ["certificateAuthorities", "tlogs", "ctlogs", "timestampAuthorities"])
def test_every_role_must_be_the_right_one(evidence: Evidence, tmp_path: Path, role: str) -> None:
    root = json.loads(evidence.root)
    root[role] = json.loads(Lab.open(tmp_path).trusted_root)[role]
    bundle, entry = parts(json.loads(evidence.bundle))
    if role == "timestampAuthorities":
        # With the log's promise a timestamp is only further evidence, so take the promise away.
        del entry["inclusionPromise"]
    assert verify(evidence, bundle).payload == STATEMENT
    with pytest.raises(TamperedError):
        verify(evidence, bundle, root=json.dumps(root).encode())


def with_window(root: bytes, role: str, window: dict[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(root)
    for entry in document[role]:
        entry.get("publicKey", entry)["validFor"] = window
    return document


ROLES = ("certificateAuthorities", "tlogs", "ctlogs")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "window",
    [
        {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"},
        {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00.999999999Z"},
        {"start": "2199-01-01T00:00:00Z"},
    ],
)
def test_nothing_counts_outside_the_time_that_the_trusted_root_gives_it(
    evidence: Evidence, role: str, window: dict[str, str]
) -> None:
    root = with_window(evidence.root, role, window)
    with pytest.raises(TamperedError, match="for the time of signing"):
        verify(evidence, evidence.bundle, root=json.dumps(root).encode())


@pytest.mark.parametrize("role", ROLES)
def test_the_first_and_the_last_moment_of_a_window_count(evidence: Evidence, role: str) -> None:
    moment = verify(evidence, evidence.bundle).signed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    root = with_window(evidence.root, role, {"start": moment, "end": moment})
    assert verify(evidence, evidence.bundle, root=json.dumps(root).encode()).payload == STATEMENT


@pytest.mark.parametrize("role", ROLES)
def test_a_retired_entry_does_not_count_beside_one_in_use(evidence: Evidence, tmp_path: Path, role: str) -> None:
    ended = {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"}
    in_use = json.loads(Lab.open(tmp_path).trusted_root)[role]
    root = with_window(evidence.root, role, ended)
    root[role] += in_use
    with pytest.raises(TamperedError):
        verify(evidence, evidence.bundle, root=json.dumps(root).encode())


@pytest.mark.parametrize("role", ROLES)
def test_retired_entries_of_others_do_no_harm(evidence: Evidence, tmp_path: Path, role: str) -> None:
    ended = {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"}
    retired = with_window(Lab.open(tmp_path).trusted_root, role, ended)[role]
    root = json.loads(evidence.root)
    root[role] = retired + root[role]
    assert verify(evidence, evidence.bundle, root=json.dumps(root).encode()).payload == STATEMENT


def test_the_public_instance_does_not_vouch_for_the_lab(evidence: Evidence) -> None:
    root = public_good_trusted_root()
    assert json.loads(root)["tlogs"][0]["baseUrl"] == "https://rekor.sigstore.dev"
    with pytest.raises(TamperedError, match="does not verify"):
        verify(evidence, evidence.bundle, root=root)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"[]",
        lambda _: b"{}",
        lambda root: root[:-1],
        lambda root: root.replace(b"version=0.1", b"version=0.9"),
        lambda root: root.replace(b'"ctlogs"', b'"ctLogs"'),
        lambda root: root.replace(b'"start":"', b'"start":"x'),
        lambda root: root.replace(b'"validFor":{', b'"validFor":7,"x":{'),
        lambda root: b'{"novelty":1,' + root[1:],
    ],
)
def test_a_trusted_root_that_cannot_be_read_trusts_nobody(evidence: Evidence, damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TamperedError, match="trusted root"):
        verify(evidence, evidence.bundle, root=damage(evidence.root))


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
