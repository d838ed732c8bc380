"""The lab's signatures for tests: every bundle is made by the real sigstore client, and only once in a test run."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pluginry.adapters.sigstore_identity import SigstoreSigner
from pluginry.adapters.sigstore_lab import LAB_IDENTITY, Lab
from pluginry.model.attestation import AcceptedSigner

if TYPE_CHECKING:
    from pluginry.model.attestation import SignerIdentity


@dataclass(frozen=True, slots=True)
class Notary:
    """A `Signer` whose bundles are really signed, each one once in a test run."""

    identity: SignerIdentity = LAB_IDENTITY

    def attest(self, statement: bytes) -> bytes:
        return _signed(self.identity, statement)


def accepted(identity: SignerIdentity, **conditions: Any) -> AcceptedSigner:
    """Return a signer as a policy names it: ``accepted(LAB_IDENTITY, not_after=...)``."""
    return AcceptedSigner(issuer=identity.issuer, san=identity.san, **conditions)


@cache
def lab() -> Lab:
    """Return the sigstore lab of this test run."""
    folder = Path(tempfile.mkdtemp(prefix="pluginry-test-lab-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Lab.open(folder)


@cache
def _signed(identity: SignerIdentity, statement: bytes) -> bytes:
    with lab().serve() as running:
        signer = SigstoreSigner.from_trust_config(
            running.trust_config_json,
            token=lambda: running.identity_token({"sub": identity.san, "iss": identity.issuer}),
        )
        return signer.attest(statement)
