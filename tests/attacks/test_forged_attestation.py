"""Who holds the online key signs his package himself: as a stranger, or with a sigstore instance of his own."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from json import loads
from typing import TYPE_CHECKING, Any

import pytest

from notary import Notary
from pluginry.adapters.sigstore_identity import SigstoreSigner
from pluginry.adapters.sigstore_lab import LAB_IDENTITY, Lab
from pluginry.adapters.sigstore_verifier import SigstoreVerifier
from pluginry.errors import TamperedError
from pluginry.model.attestation import SignerIdentity, VerifiedStatement
from simulated_client import a_client, install
from victims import EVIL, a_market, evil_package, installed_file, offer_signed

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.ports import Signer
    from simulator import Simulator

STRANGER = SignerIdentity(issuer=LAB_IDENTITY.issuer, san="https://stranger.example/publish")


def signed_by(signer: Signer) -> Simulator:
    """Return a marketplace that offers the evil package with a sound statement that `signer` signed."""
    market = a_market()
    offer_signed(market, evil_package(market), signer=signer)
    return market


@pytest.fixture(params=["a stranger", "another instance"])
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    if request.param == "a stranger":
        yield signed_by(Notary(STRANGER))
    else:
        with Lab.open(tmp_path_factory.mktemp("own-lab")).serve() as running:
            yield signed_by(SigstoreSigner.from_trust_config(running.trust_config_json, token=running.identity_token))


def test_what_others_signed_is_refused(tmp_path: Path, market: Simulator) -> None:
    client = a_client(tmp_path, market)
    with pytest.raises(TamperedError):
        install(client, "acme/demo")
    assert installed_file(client) is None


def test_without_the_verifier_the_forgery_would_be_installed(
    tmp_path: Path, market: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believing(_self: object, bundle: bytes, **_: object) -> VerifiedStatement:
        envelope = loads(bundle)["dsseEnvelope"]
        return VerifiedStatement(
            payload_type=envelope["payloadType"],
            payload=b64decode(envelope["payload"]),
            signer=LAB_IDENTITY,
            signed_at=datetime(2026, 1, 1, tzinfo=UTC),
            log_index=0,
        )

    monkeypatch.setattr(SigstoreVerifier, "verify", believing)
    client = a_client(tmp_path, market)
    install(client, "acme/demo")
    assert installed_file(client) == EVIL
