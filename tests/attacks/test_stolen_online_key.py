"""A thief of all online keys offers an unsigned package, and a policy that does not ask for signatures.

That he cannot sign the package himself is shown in ``test_forged_attestation.py`` and ``test_replayed_attestation.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, TargetFile

from authority import signed
from notary import lab
from pluginry.adapters.tuf_repository import TufRepository, target_key
from pluginry.adapters.tuf_roles import Quorum, root_document, targets_document
from pluginry.encoding import documents
from pluginry.errors import TamperedError
from pluginry.model.layout import POLICY_TARGET, TIMESTAMP_KEY, TRUSTED_ROOT_TARGET
from simulated_client import a_client, install
from simulator import START, Simulator
from victims import (
    EVIL,
    FILE,
    GOOD,
    a_market,
    evil_package,
    installed_file,
    lie,
    put_package,
    with_package,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.index import TrustPolicy


def offer_unsigned(market: Simulator) -> None:
    ref = put_package(market, evil_package(market))
    lie(market, lambda record: with_package(record, ref, keep_attestation=False))


def weak(policy: TrustPolicy) -> TrustPolicy:
    return replace(policy, publish_attestation="optional")


def a_hardened_market() -> tuple[Simulator, CryptoSigner, CryptoSigner]:
    """Return a marketplace whose policy is signed by keys that are never online, and its two online keys."""
    market = Simulator()
    root, targets, online, index = (CryptoSigner.generate_ed25519() for _ in range(4))
    first = root_document(
        root=Quorum(keys=(root.public_key,)),
        targets=Quorum(keys=(targets.public_key,)),
        online=online.public_key,
        now=START,
    )
    files = {POLICY_TARGET: documents.encode(market.policy), TRUSTED_ROOT_TARGET: lab().trusted_root}
    offline = signed(targets_document(files, index=index.public_key, now=START), targets)
    market.repository = TufRepository(
        online=online, roots=(signed(first, root),), index_key=index, offline_targets=offline
    )
    market.release("acme/demo", "1.0.0", files={FILE: GOOD})
    market.publish()
    return market, online, index


def claim_the_policy(market: Simulator, online: CryptoSigner, index: CryptoSigner) -> None:
    """Sign a weak policy with the keys that the thief has: in the role of the index."""
    body = documents.encode(weak(market.policy))
    market.objects[target_key(POLICY_TARGET, body)] = body
    objects = market.objects
    timestamp: Metadata[Any] = Metadata.from_bytes(objects[TIMESTAMP_KEY])
    snapshot: Metadata[Any] = Metadata.from_bytes(
        objects[f"v1/metadata/{timestamp.signed.snapshot_meta.version}.snapshot.json"]
    )
    listed: Metadata[Any] = Metadata.from_bytes(
        objects[f"v1/metadata/{snapshot.signed.meta['index.json'].version}.index.json"]
    )
    listed.signed.version += 1
    listed.signed.targets[POLICY_TARGET] = TargetFile.from_data(POLICY_TARGET, body, ["sha256"])
    listed.sign(index)
    objects[f"v1/metadata/{listed.signed.version}.index.json"] = listed.to_bytes()
    snapshot.signed.version += 1
    snapshot.signed.meta["index.json"] = MetaFile.from_data(listed.signed.version, listed.to_bytes(), ["sha256"])
    snapshot.sign(online)
    objects[f"v1/metadata/{snapshot.signed.version}.snapshot.json"] = snapshot.to_bytes()
    timestamp.signed.version += 1
    timestamp.signed.snapshot_meta = MetaFile.from_data(snapshot.signed.version, snapshot.to_bytes(), ["sha256"])
    timestamp.sign(online)
    objects[TIMESTAMP_KEY] = timestamp.to_bytes()


def test_the_online_keys_of_a_hardened_marketplace_cannot_weaken_its_policy(tmp_path: Path) -> None:
    market, online, index = a_hardened_market()
    offer_unsigned(market)
    claim_the_policy(market, online, index)
    client = a_client(tmp_path, market)
    assert client.sources()[0].index().policy.publish_attestation == "required"
    with pytest.raises(TamperedError, match="not signed"):
        install(client, "acme/demo")
    assert installed_file(client) is None


def test_without_offline_keys_for_the_policy_the_thief_would_be_believed(tmp_path: Path) -> None:
    market = a_market()
    market.policy = weak(market.policy)
    offer_unsigned(market)
    client = a_client(tmp_path, market)
    install(client, "acme/demo")
    assert installed_file(client) == EVIL
