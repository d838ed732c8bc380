"""A thief of all online keys offers an unsigned package, a policy that asks for no signatures, and an index of his own.

That he cannot sign the package himself is shown in ``test_forged_attestation.py`` and ``test_replayed_attestation.py``.
An index of his own needs no package of his: he lets an old release with a hole be the newest again, genuinely signed.
Where the policy demands it, he would need the registry's identity for the index too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, TargetFile

from authority import signed
from notary import Notary, lab
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.adapters.tuf_repository import TufRepository, target_key
from pluginry.adapters.tuf_roles import Quorum, root_document, targets_document
from pluginry.encoding import documents
from pluginry.errors import TamperedError
from pluginry.model.attestation import SignerIdentity
from pluginry.model.layout import INDEX_BUNDLE_TARGET, POLICY_TARGET, TIMESTAMP_KEY, TRUSTED_ROOT_TARGET
from pluginry.publisher.index_attestation import index_statement
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
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.model.index import PluginRecord, TrustPolicy

OLD, FIXED, HOLE = "1.0.0", "1.0.1", b"a hole\n"
THIEF = SignerIdentity(issuer=LAB_IDENTITY.issuer, san="https://thief.example/publish")


def hide_the_fix(record: PluginRecord) -> PluginRecord:
    """Leave the release with the hole alone on the shelf."""
    return replace(record, releases=tuple(one for one in record.releases if str(one.version) == OLD))


def offer_unsigned(market: Simulator) -> None:
    ref = put_package(market, evil_package(market))
    lie(market, lambda record: with_package(record, ref, keep_attestation=False))


def weak(policy: TrustPolicy) -> TrustPolicy:
    return replace(policy, publish_attestation="optional")


def a_hardened_market(
    *versions: str, index_attestation: str = "optional"
) -> tuple[Simulator, CryptoSigner, CryptoSigner]:
    """Return a marketplace whose policy is signed by keys that are never online, and its two online keys."""
    market = Simulator()
    market.policy = replace(market.policy, index_attestation=index_attestation)
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
    for version in versions or ("1.0.0",):
        market.release("acme/demo", version, files={FILE: GOOD if version != OLD else HOLE})
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


def the_index_of_the_thief(market: Simulator, bundle: Callable[[bytes], bytes | None]) -> None:
    """Publish an index that hides the fix, validly signed with both online keys, and `bundle` over it."""
    market.attest_index = bundle
    lie(market, hide_the_fix)


@pytest.mark.parametrize("signs", [False, True])
def test_an_index_that_the_registry_did_not_sign_is_refused_and_nothing_of_it_remembered(
    tmp_path: Path, signs: bool
) -> None:
    market, _, _ = a_hardened_market(OLD, FIXED, index_attestation="required")
    client = a_client(tmp_path / "home", market)
    genuine = dict(market.objects)
    the_index_of_the_thief(market, lambda body: Notary(THIEF).attest(index_statement(body)) if signs else None)
    with pytest.raises(TamperedError, match=r"not signed by the registry|does not verify"):
        client.refresh()
    with pytest.raises(TamperedError, match=r"not signed by the registry|does not verify"):
        a_client(tmp_path / "newcomer", market)
    install(client, "acme/demo")
    assert installed_file(client) == GOOD

    # Whatever numbers the thief counted up to, the client saw none of them: the genuine state is no step back.
    market.objects.clear()
    market.objects.update(genuine)
    client.refresh()


def test_the_registry_s_signature_on_an_earlier_index_does_not_count_for_his(tmp_path: Path) -> None:
    market, _, _ = a_hardened_market(OLD, index_attestation="required")
    earlier = market.repository.current_target(INDEX_BUNDLE_TARGET, market.store)
    market.release("acme/demo", FIXED, files={FILE: GOOD})
    market.publish()
    client = a_client(tmp_path, market)
    for replayed in (earlier, market.repository.current_target(INDEX_BUNDLE_TARGET, market.store)):
        the_index_of_the_thief(market, lambda _body, bundle=replayed: bundle)
        with pytest.raises(TamperedError, match="over another index"):
            client.refresh()
    install(client, "acme/demo")
    assert installed_file(client) == GOOD


def test_without_the_demand_for_a_signed_index_his_would_be_believed(tmp_path: Path) -> None:
    market, _, _ = a_hardened_market(OLD, FIXED)
    the_index_of_the_thief(market, lambda _body: None)
    client = a_client(tmp_path, market)
    install(client, "acme/demo")
    assert installed_file(client) == HOLE
