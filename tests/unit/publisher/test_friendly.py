from __future__ import annotations

from datetime import timedelta
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding import documents
from pluginry.model import layout
from pluginry.model.layout import relative_address
from pluginry.model.manifest import Manifest
from pluginry.model.names import PluginId
from pluginry.model.status import Status
from pluginry.publisher.friendly import plugin_document, stats_document
from pluginry.publisher.glances import Glances
from pluginry.publisher.index import BuiltIndex, build_index
from small_marketplace import START, SmallMarketplace

DEMO = PluginId.parse("acme/demo")
SEGMENTS = st.lists(st.sampled_from(["v1", "plugins", "packages", "a", "b.json"]), min_size=1, max_size=5)


@pytest.fixture
def market() -> SmallMarketplace:
    market = SmallMarketplace()
    market.release("acme/demo", "1.0.0", permissions=[("network", "*")], dependencies={"acme/other": ">=1"})
    market.release("acme/demo", "2.0.0", platforms=("any", "linux-x86_64"))
    market.release("zenith/tool", "1.0.0")
    return market


def built_from(market: SmallMarketplace) -> BuiltIndex:
    return build_index(
        market.given(), previous=None, previous_digest=None, epoch=1, now=START + timedelta(days=9), commit="a" * 40
    )


def test_a_document_says_what_the_record_says(market: SmallMarketplace) -> None:
    known = built_from(market).records[DEMO]
    document = plugin_document(market.entries[DEMO].listing, known, market.manifests, ["PLG-2026-0001"])
    assert (document["id"], document["seq"], document["status"]) == ("acme/demo", known.seq, "active")
    assert document["advisories"] == ["PLG-2026-0001"]
    assert document["listing"] == documents.to_plain(market.entries[DEMO].listing)
    for release, body in zip(known.releases, document["releases"], strict=True):
        assert body["version"] == str(release.version)
        assert body["channel"] == release.channel.value
        assert body["hosts"] == {str(name): str(span) for name, span in release.hosts.items()}
        manifest = documents.construct(Manifest, body["manifest"], what="manifest")
        assert manifest == market.manifests[release.manifest.sha256]
        assert tuple(sorted(p.grant for p in manifest.permissions)) == release.permissions
        assert manifest.dependencies == release.dependencies


def test_addresses_lead_from_the_document_to_what_the_record_names(market: SmallMarketplace) -> None:
    known = built_from(market).records[DEMO]
    document = plugin_document(market.entries[DEMO].listing, known, market.manifests, [])
    base = f"https://cdn.example/some/prefix/{layout.plugin_key(DEMO)}"
    for release, body in zip(known.releases, document["releases"], strict=True):
        for artifact, artifact_body in zip(release.artifacts, body["artifacts"], strict=True):
            key = layout.package_key(DEMO, release.version, artifact.platform)
            assert urljoin(base, artifact_body["url"]) == f"https://cdn.example/some/prefix/{key}"
            assert artifact_body["sha256"] == artifact.sha256.hex
            assert artifact_body["size"] == artifact.size
            (bundle,) = artifact_body["attestations"]
            (fact,) = (known for known in release.attestations if known.artifact == artifact.sha256)
            key = layout.attestation_key(fact.sha256)
            assert urljoin(base, bundle["url"]) == f"https://cdn.example/some/prefix/{key}"
            assert (bundle["sha256"], bundle["size"], bundle["type"]) == (fact.sha256.hex, fact.size, fact.type)


def test_no_address_in_a_document_leads_anywhere_else(market: SmallMarketplace) -> None:
    known = built_from(market).records[DEMO]
    document = plugin_document(market.entries[DEMO].listing, known, market.manifests, [])
    urls = [artifact["url"] for body in document["releases"] for artifact in body["artifacts"]]
    assert len(urls) == 3
    assert all("//" not in url and not url.startswith("/") for url in urls)


@given(SEGMENTS, SEGMENTS)
def test_any_address_leads_from_any_key_to_any_other(origin: list[str], target: list[str]) -> None:
    here, there = "/".join(origin), "/".join(target)
    assert urljoin(f"https://h/{here}", relative_address(here, there)) == f"https://h/{there}"


def test_addresses_are_as_short_as_can_be() -> None:
    assert relative_address("v1/plugins/a/b.json", "v1/plugins/a/c.json") == "c.json"
    assert relative_address("v1/plugins/a/b.json", "v1/packages/a/b/x.zip") == "../../packages/a/b/x.zip"
    assert relative_address("a.json", "b/c.json") == "b/c.json"


def test_what_can_be_counted_is_counted(market: SmallMarketplace) -> None:
    market.describe("zenith/tool", status=Status.DEPRECATED)
    built = built_from(market)
    stats = stats_document(built.root, Glances(registry=market.given().registry, index=built).all().values())
    assert (stats["plugins"], stats["releases"]) == (2, 4 - 1)
    assert stats["by_host"] == {"mail": 2}
    assert stats["by_category"] == {"tools": 2}
    assert stats["by_status"] == {"active": 1, "deprecated": 1}
    sizes = [a.size for one in built.records.values() for r in one.releases for a in r.artifacts]
    assert stats["package_bytes"] == sum(sizes)


def test_a_package_that_is_published_twice_is_stored_and_counted_once(market: SmallMarketplace) -> None:
    built = built_from(market)
    glances = [*Glances(registry=market.given().registry, index=built).all().values()]
    size = stats_document(built.root, glances)["package_bytes"]
    assert size
    assert stats_document(built.root, glances * 2)["package_bytes"] == size
