"""A small marketplace under attack, and what an attacker wants: his file installed, or an old state believed.

Each test in ``attacks/`` shows an attack twice: refused, and, in a test named ``test_without_...``, done to a client
from which exactly that defence was taken: so no test of this folder can pass because the attack was none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from github_builds import GITHUB, signed_by_build
from notary import Notary
from packages import package
from pluginry.encoding import documents
from pluginry.model import layout
from pluginry.model.attestation import AcceptedSigner
from pluginry.model.digest import BlobRef
from pluginry.model.names import PluginId
from pluginry.model.versions import Version
from pluginry.publisher.attest import attest
from pluginry.publisher.publish import publish
from simulated_client import install
from simulator import START, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pluginry.client.marketplace import Marketplace
    from pluginry.errors import PluginryError
    from pluginry.model.index import PluginRecord, TreeRoot
    from pluginry.model.manifest import Manifest
    from pluginry.ports import Signer

DEMO = PluginId.parse("acme/demo")
FILE = "demo.txt"
GOOD, EVIL = b"good\n", b"evil\n"
MAIN_RUN = AcceptedSigner(
    issuer=GITHUB,
    san="https://github.com/acme/registry/.github/workflows/publish.yml@refs/heads/main",
    repository="acme/registry",
    repository_id="632596897",
    owner_id="131804563",
    runner="github-hosted",
    triggers=("push", "schedule"),
    workflow=".github/workflows/publish.yml",
    refs=("refs/heads/main",),
)
"""The registry's main run, as `github_builds` describes it unless told otherwise."""


def a_market(*versions: str) -> Simulator:
    """Return a marketplace with ``acme/demo``, whose releases came one after the other."""
    market = Simulator()
    for version in versions or ("1.0.0",):
        market.release("acme/demo", version, files={FILE: GOOD})
        market.publish()
    return market


def manifest_of(market: Simulator, version: str = "1.0.0") -> Manifest:
    """Return the manifest of a release of ``acme/demo``."""
    return next(m for m in market.manifests.values() if (m.id, str(m.version)) == (DEMO, version))


def evil_package(market: Simulator, version: str = "1.0.0") -> bytes:
    """Return a package with the attacker's file that is sound in itself and has the genuine manifest."""
    return package(manifest_of(market, version), {FILE: EVIL})


def put_package(market: Simulator, body: bytes, version: str = "1.0.0") -> BlobRef:
    """Put `body` where the package of a release lies, and return its reference."""
    market.objects[market.package_key("acme/demo", version)] = body
    return BlobRef.of(body)


def with_package(record: PluginRecord, ref: BlobRef, *, keep_attestation: bool = True) -> PluginRecord:
    """Return `record` with another package in its newest release, as if its old attestation were about that."""
    newest, *others = record.releases
    artifact = replace(newest.artifacts[0], sha256=ref.sha256, size=ref.size)
    attestations = tuple(replace(one, artifact=ref.sha256) for one in newest.attestations) if keep_attestation else ()
    return replace(record, releases=(replace(newest, artifacts=(artifact,), attestations=attestations), *others))


def record_in(market: Simulator, root: TreeRoot) -> PluginRecord:
    """Return the genuine record of ``acme/demo`` under `root`."""
    from pluginry.model.index import PluginRecord as Kind

    return documents.decode(Kind, market.objects[key_of_record(root)], what="record")


def key_of_record(root: TreeRoot) -> str:
    """Return where the record of ``acme/demo`` lies."""
    return layout.node_key(root.shard[DEMO][0])


def lie(market: Simulator, change: Callable[[PluginRecord], PluginRecord]) -> None:
    """Let the marketplace itself say something else of ``acme/demo``, validly signed and newer than before."""
    market.publish(change_record={"acme/demo": change}, change_root=lambda root: replace(root, serial=root.serial + 1))


def installed_file(client: Marketplace) -> bytes | None:
    """Return the installed file of ``acme/demo``, or None when nothing is installed."""
    generation = client.installed()
    for one in generation.plugins if generation else ():
        if one.id == DEMO:
            return (client.home.folder_of(one.id, one.version, one.sha256) / FILE).read_bytes()
    return None


def refused(client: Marketplace, error: type[PluginryError], words: str) -> None:
    """Check that ``acme/demo`` is not installed, for this reason, and that nothing of it is left on disk."""
    with pytest.raises(error, match=words):
        install(client, "acme/demo")
    assert installed_file(client) is None
    assert not [*client.home.root.glob("plugins/*/*/*")]
    assert not [*client.home.root.glob("staging/*")]


def offer_signed(market: Simulator, body: bytes, version: str = "1.0.0", *, signer: Signer | None = None) -> None:
    """Let the marketplace publish `body` as its newest release: every digest is right, and `signer` signed it."""
    ref = put_package(market, body, version)
    released = market._ledgers[DEMO].releases[Version(version)]
    artifact = replace(released.artifacts[0], sha256=ref.sha256, size=ref.size)
    bundle, fact = attest(DEMO, released, artifact, signer=signer or Notary())
    market.objects[layout.attestation_key(fact.sha256)] = bundle

    def change(record: PluginRecord) -> PluginRecord:
        newest, *others = record.releases
        return replace(record, releases=(replace(newest, artifacts=(artifact,), attestations=(fact,)), *others))

    lie(market, change)


@dataclass(frozen=True, slots=True)
class BuildOfAForge:
    """A `Signer`: a job of a forge with these claims, ``BuildOfAForge({"event_name": "pull_request"})``."""

    claims: Mapping[str, str]

    def attest(self, statement: bytes) -> bytes:
        return signed_by_build(statement, **self.claims)


def a_market_of_a_forge(*, now: datetime = START, **conditions: Any) -> Simulator:
    """Return a marketplace whose policy names the main run of its workflow, under `conditions` more or other."""
    market = Simulator(now=now)
    main_run = replace(MAIN_RUN, **conditions)
    market.policy = replace(market.policy, registry_identities=(main_run,))
    market.release("acme/demo", "1.0.0", files={FILE: GOOD})
    market.publish()
    return market


def publish_target(market: Simulator, path: str, body: bytes) -> None:
    """Let the marketplace publish `body` as one more target, validly signed, and all else as it was."""
    publish_targets(market, {path: body})


def publish_targets(market: Simulator, more: Mapping[str, bytes]) -> None:
    """Let the marketplace publish more targets, by path, and all else as it was."""
    paths = (
        layout.POLICY_TARGET,
        layout.INDEX_ROOT_TARGET,
        layout.INDEX_ADVISORIES_TARGET,
        layout.TRUSTED_ROOT_TARGET,
    )
    targets = {one: market.repository.current_target(one, market.store) or b"" for one in paths} | more
    timestamp = market.store.find(layout.TIMESTAMP_KEY)
    publish(
        market.repository.sign(targets, store=market.store, now=market.now).objects,
        market.store,
        timestamp_tag=timestamp.tag if timestamp else None,
    )
