"""A bundle of which any part is another one's, changed or missing is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sigstore import dsse

from lab_evidence import STATEMENT, Evidence, flip, parts, verify
from pluginry.adapters.sigstore_identity import SigstoreSigner
from pluginry.adapters.sigstore_lab import LAB_IDENTITY, Lab
from pluginry.adapters.sigstore_verifier import SigstoreVerifier
from pluginry.errors import TamperedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
