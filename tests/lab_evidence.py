"""Bundles of a sigstore lab, and what tests do to them."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from pluginry.adapters.sigstore_identity import SigstoreSigner
from pluginry.adapters.sigstore_lab import LAB_IDENTITY, Lab
from pluginry.adapters.sigstore_verifier import SigstoreVerifier
from pluginry.model.attestation import STATEMENT_TYPE, SignerIdentity

if TYPE_CHECKING:
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
