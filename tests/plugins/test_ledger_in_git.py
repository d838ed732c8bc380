"""What index/README.md says of the ledger in this repository is true."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.encoding.documents import encode
from pluginry.encoding.ledger_files import load_ledgers
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.model.digest import BlobRef
from pluginry.model.ledger import Attested, Released
from pluginry.publisher.pack import packed_digest
from pluginry.publisher.packing.plan import plan_package
from plugins.plugin_sources import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.ledger import Ledger
    from pluginry.model.names import PluginId

ROOT = Path(__file__).resolve().parents[2]


@cache
def ledgers() -> Mapping[PluginId, Ledger]:
    """Return the ledgers of this repository."""
    return load_ledgers(ROOT / "index" / "ledger")


def test_every_release_of_the_registry_is_recorded_and_no_other() -> None:
    claimed = {(plugin, version) for plugin, entry in registry().plugins.items() for version in entry.releases}
    recorded = {(plugin, version) for plugin, ledger in ledgers().items() for version in ledger.releases}
    assert recorded == claimed


def test_the_recorded_packages_are_those_that_the_sources_give() -> None:
    compared = 0
    for plugin, entry in registry().plugins.items():
        for version, release in entry.releases.items():
            for claim in release.artifacts:
                if not claim.source.path:
                    continue
                tree = ROOT / "registry" / entry.folder / claim.source.path
                recorded = {a.platform: a.blob for a in ledgers()[plugin].releases[version].artifacts}
                assert recorded[claim.platform] == packed_digest(tree, platform=claim.platform)
                manifest = plan_package(tree, platform=claim.platform).manifest
                assert ledgers()[plugin].releases[version].manifest == BlobRef.of(encode(manifest))
                compared += 1
    assert compared > 40


def test_yanks_and_amendments_are_recorded() -> None:
    for plugin, entry in registry().plugins.items():
        for version, release in entry.releases.items():
            amended = ledgers()[plugin].amendment_of(version)
            assert (amended.yanked if amended else None) == release.yanked
            assert dict(amended.hosts if amended else {}) == dict(release.amends.hosts)


def test_nothing_claims_to_be_signed_and_there_is_no_root_of_trust() -> None:
    assert not any(isinstance(event, Attested) for ledger in ledgers().values() for event in ledger.events)
    assert not (ROOT / "index" / "trust").exists()


def test_every_line_satisfies_the_schema_and_names_a_commit() -> None:
    for path in sorted((ROOT / "index" / "ledger").glob("*/*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            document = ParsedDocument(file=f"{path.name}:{number}", value=json.loads(line))
            assert list(check_against_schema(document, "ledger-line")) == []
    releases = (event for ledger in ledgers().values() for event in ledger.events if isinstance(event, Released))
    assert all(event.registry_commit for event in releases)
