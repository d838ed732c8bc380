"""A developer's provenance from the claim to the record: taken in when it is true, kept, and never lost in silence."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from e2e.marketplace_on_disk import CACHE, a_workspace
from github_builds import GITHUB, claims_of
from pluginry.adapters.folder_store import FolderStore
from pluginry.adapters.sigstore_identity import SigstoreSigner
from pluginry.adapters.sigstore_lab import Lab
from pluginry.cli.publisher_wiring import PublisherPlaces, equipment_of, repository_of, signer_of
from pluginry.encoding.ledger_files import load_ledgers
from pluginry.model.attestation import PROVENANCE_PREDICATE, PUBLISH_PREDICATE, STATEMENT_TYPE
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from pluginry.publisher.pipeline import publish_marketplace

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source
    from pluginry.publisher.outcome import Outcome

PLUGIN = PluginId.parse(CACHE)
FILE = "dns-cache-1.1.0.zip"
URL = "https://example.com/dns-cache-1.1.0.sigstore.json"
WORKFLOW = ".github/workflows/release.yml"
LINKS = "source: https://github.com/dev/dns-cache\nissues: https://example.com/famous/issues\n"
PUBLISHER = f"""
publisher:
  issuer: {GITHUB}
  repository: dev/dns-cache
  repository_id: "632596897"
  workflow: {WORKFLOW}
  refs: ["refs/tags/v*"]
"""


@dataclass(frozen=True, slots=True)
class OneFile:
    """A `SourceFetcher` for a single address."""

    body: bytes

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        assert (source.url, expected) == (URL, None)
        assert len(self.body) <= max_bytes
        path = into / "bundle"
        path.write_bytes(self.body)
        return path


@dataclass(frozen=True, slots=True)
class Market:
    """A workspace whose release 1.1.0 of one plugin names a provenance."""

    root: Path

    @property
    def places(self) -> PublisherPlaces:
        return PublisherPlaces.at(self.root, None)

    @property
    def digest(self) -> str:
        return next(line.split()[1] for line in self.release.read_text("utf-8").splitlines() if "sha256: " in line)

    @property
    def release(self) -> Path:
        return self.root / "registry" / "plugins" / CACHE / "releases" / "1.1.0.yaml"

    def provenance(
        self, *, name: str = FILE, digest: str = "", kind: str = PROVENANCE_PREDICATE, **claims: str
    ) -> bytes:
        """Return a bundle as the developer's build makes it."""
        claims = {"repository": "dev/dns-cache", "workflow": WORKFLOW, "ref": "refs/tags/v1.1.0", **claims}
        subjects = [
            {"name": "other.zip", "digest": {"sha256": "0" * 64}},
            {"name": name, "digest": {"sha256": digest or self.digest}},
        ]
        statement = {"_type": STATEMENT_TYPE, "subject": subjects, "predicateType": kind, "predicate": {}}
        with Lab.open(self.places.lab).serve() as running:
            token = running.identity_token(claims_of(**claims))
            signer = SigstoreSigner.from_trust_config(running.trust_config_json, token=lambda: token)
            return signer.attest(json.dumps(statement).encode())

    def claim(self, bundle: bytes) -> None:
        text = self.release.read_text("utf-8")
        claim = f"    provenance: {{url: '{URL}', sha256: {Digest.of(bundle)}}}\n"
        self.release.write_text(text.rstrip() + "\n" + claim, "utf-8")

    def publish(self, served: bytes) -> Outcome:
        with signer_of(self.places, None) as signer:
            equipment = equipment_of(self.places, FolderStore(self.root / "dist"), signer=signer)
            fetchers = {**equipment.fetchers, "url": OneFile(served)}
            return publish_marketplace(
                replace(equipment, fetchers=fetchers), repository_of(self.places), now=datetime.now(UTC)
            )

    def kinds(self) -> list[str]:
        """Return the kinds of attestations of the release, in the order of the ledger."""
        ledger = load_ledgers(self.places.workspace.ledger)[PLUGIN]
        return [
            fact.type
            for version in ledger.releases
            for fact in ledger.attestations_of(version)
            if str(version) == "1.1.0"
        ]


@pytest.fixture
def market(tmp_path: Path) -> Market:
    a_workspace(tmp_path, (CACHE,))
    listing = tmp_path / "registry" / "plugins" / CACHE / "listing.yaml"
    text = listing.read_text("utf-8").replace("related: [mairust/spam-scorer]\n", "")
    listing.write_text(text + LINKS + PUBLISHER, "utf-8")
    return Market(tmp_path)


def test_true_provenance_is_kept_published_and_told(market: Market) -> None:
    bundle = market.provenance()
    market.claim(bundle)
    assert market.publish(bundle).quarantined == ()
    assert market.kinds() == [PROVENANCE_PREDICATE, PUBLISH_PREDICATE]
    digest = Digest.of(bundle).hex
    assert (market.root / "dist" / "v1" / "a" / digest[:2] / f"{digest}.sigstore.json").read_bytes() == bundle
    page = (market.root / "dist" / "plugins" / CACHE / "index.html").read_text("utf-8")
    assert 'data-trust="provenance"' in page
    assert f"The package was built by https://github.com/dev/dns-cache/{WORKFLOW}@refs/tags/v1.1.0." in page
    document = json.loads((market.root / "dist" / "v1" / "plugins" / f"{CACHE}.json").read_bytes())
    words = {link["url"]: link["word"] for link in document["links"]}
    assert words == {"https://github.com/dev/dns-cache": "verified", "https://example.com/famous/issues": "claimed"}
    assert page.count('<li data-link="verified">') == page.count('<li data-link="claimed">') == 1
    assert "verified: 1.1.0 was provably built in this repository, whose id is 632596897" in page
    again = market.publish(b"not asked for again")
    assert (again.built, again.signing.signed, again.quarantined) == ((), 0, ())


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ({"repository": "evil/dns-cache"}, "repository"),
        ({"repository_id": "7"}, "repository id"),
        ({"workflow": ".github/workflows/other.yml"}, "workflow"),
        ({"ref": "refs/heads/main"}, "ref"),
        ({"ref": "refs/tags/v1.0.0"}, "another version"),
        ({"ref": "refs/tags/v11.1.0"}, "another version"),
        ({"name": "other.zip"}, "other files"),
        ({"digest": "1" * 64}, "other files"),
        ({"kind": PUBLISH_PREDICATE}, "another kind"),
    ],
)
def test_provenance_that_is_not_the_publishers_about_this_file_leaves_the_release_out(
    market: Market, lie: dict[str, str], reason: str
) -> None:
    bundle = market.provenance(**lie)  # type: ignore[arg-type]  # the cases name arguments of `provenance`
    market.claim(bundle)
    (item,) = market.publish(bundle).quarantined
    assert (str(item.version), item.kind) == ("1.1.0", "author")
    assert reason in item.reason
    assert market.kinds() == []


def test_another_bundle_than_the_claimed_one_is_refused_before_it_is_read(market: Market) -> None:
    market.claim(market.provenance())
    (item,) = market.publish(b"{}").quarantined
    assert "not the file that the release names" in item.reason


def test_provenance_without_a_publisher_to_hold_it_to_is_refused(market: Market) -> None:
    listing = market.release.parents[1] / "listing.yaml"
    listing.write_text(listing.read_text("utf-8").replace(PUBLISHER, ""), "utf-8")
    bundle = market.provenance()
    market.claim(bundle)
    (item,) = market.publish(bundle).quarantined
    assert "names no publisher" in item.reason


def test_a_release_whose_provenance_is_lost_is_not_offered_with_less_proof(market: Market) -> None:
    bundle = market.provenance()
    market.claim(bundle)
    market.publish(bundle)
    digest = Digest.of(bundle)
    market.places.workspace.objects.path_of(digest).unlink()
    (market.root / "dist" / "v1" / "a" / digest.hex[:2] / f"{digest.hex}.sigstore.json").unlink()
    (item,) = market.publish(bundle).quarantined
    place = f"v1/a/{digest.hex[:2]}/{digest.hex}.sigstore.json"
    assert item.reason == f"not at hand, put it back where it was published: provenance {place}"
