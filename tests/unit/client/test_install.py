"""From a chosen release to files on disk: everything that is checked before anything lies where a host would look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from notary import Notary
from packages import package, zipped
from pluginry.encoding import canonical_json, documents
from pluginry.errors import NotFoundError, PluginryError, PolicyError, TamperedError, TransportError
from pluginry.model import layout
from pluginry.model.attestation import PUBLISH_PREDICATE, STATEMENT_TYPE, SignerIdentity
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.home import HomeConfig
from pluginry.model.ledger import AttestationFact
from pluginry.model.manifest import FILES_FILE, MANIFEST_FILE, FileEntry, FileList
from pluginry.model.names import Platform, PluginId
from simulated_client import a_client, install, versions_in, want
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.model.manifest import Manifest

DEMO = PluginId.parse("acme/demo")
FILES = {"demo.txt": b"hello\n", "lib/inner.txt": b"inside\n"}
STRANGER = SignerIdentity(issuer="https://lab.pluginry.invalid", san="https://stranger.example/publish")


def a_market(version: str = "1.0.0") -> tuple[Simulator, Manifest]:
    market = Simulator()
    manifest = market.release("acme/demo", version, files=FILES)
    market.publish()
    return market, manifest


def publish_package(market: Simulator, body: bytes, **release: object) -> None:
    """Make the marketplace itself offer other bytes as acme/demo 1.0.0, with all digests and signatures right."""
    ref = BlobRef.of(body)
    market.objects[market.package_key("acme/demo", "1.0.0")] = body

    def change(record: PluginRecord) -> PluginRecord:
        (old,) = record.releases
        artifact = replace(old.artifacts[0], sha256=ref.sha256, size=ref.size)
        attestation = publish_statement(market, old, artifact.sha256)
        changed = replace(old, artifacts=(artifact,), attestations=(attestation,), **release)  # type: ignore[arg-type]
        return replace(record, releases=(changed,))

    market.publish(change_record={"acme/demo": change})


def publish_statement(
    market: Simulator,
    release: ReleaseRecord,
    artifact: Digest,
    *,
    signer: Notary | None = None,
    predicate_type: str = PUBLISH_PREDICATE,
    subject: dict[str, object] | None = None,
    **predicate: str,
) -> AttestationFact:
    """Publish a signed statement about `artifact`, with any part of it changed, and return how it is named."""
    named = {"name": "demo-1.0.0.zip", "digest": {"sha256": artifact.hex}}
    said = {
        "plugin": "acme/demo",
        "version": str(release.version),
        "platform": "any",
        "manifest_sha256": release.manifest.sha256.hex,
        "facts_sha256": release.facts.sha256.hex,
    }
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{**named, **(subject or {})}],
        "predicateType": predicate_type,
        "predicate": {**said, **predicate},
    }
    bundle = (signer or Notary()).attest(canonical_json.encode(statement))
    ref = BlobRef.of(bundle)
    market.objects[layout.attestation_key(ref.sha256)] = bundle
    return AttestationFact(artifact=artifact, type=PUBLISH_PREDICATE, sha256=ref.sha256, size=ref.size)


def offer_attestation(market: Simulator, make: Callable[[ReleaseRecord], AttestationFact | None]) -> None:
    """Make the marketplace name another attestation for acme/demo 1.0.0, or none."""

    def change(record: PluginRecord) -> PluginRecord:
        (old,) = record.releases
        fact = make(old)
        return replace(record, releases=(replace(old, attestations=(fact,) if fact else ()),))

    market.publish(change_record={"acme/demo": change})


def refused(client: Marketplace, error: type[PluginryError], words: str) -> None:
    with pytest.raises(error, match=words):
        install(client, "acme/demo")
    assert versions_in(client) == {}
    assert not [*client.home.root.glob("plugins/*/*/*")]
    assert not [*client.home.root.glob("staging/*")]


def test_what_is_installed_are_the_files_that_were_published(tmp_path: Path) -> None:
    market, manifest = a_market()
    client = a_client(tmp_path, market)
    (installed,) = install(client, "acme/demo").plugins
    folder = client.home.folder_of(installed.id, installed.version, installed.sha256)
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    receipt = client.home.receipt(installed)
    assert receipt.manifest == manifest
    assert (receipt.source, receipt.serial, receipt.installed_at) == ("m0", 1, market.now)
    assert receipt.signer == Notary().identity
    assert receipt.log_index is not None
    assert {entry.path for entry in receipt.files} == {*FILES, MANIFEST_FILE, FILES_FILE}
    assert (folder.parent / "current").read_text() == f"{folder.name}\n"
    assert not installed.enabled


class TestPackage:
    def test_a_changed_byte_is_refused(self, tmp_path: Path) -> None:
        market, _ = a_market()
        key = market.package_key("acme/demo", "1.0.0")
        market.objects[key] = market.objects[key].replace(b"hello", b"jello")
        refused(a_client(tmp_path, market), TamperedError, "not the one that the index names")

    def test_one_that_is_too_long_is_refused_without_being_kept(self, tmp_path: Path) -> None:
        market, _ = a_market()
        market.objects[market.package_key("acme/demo", "1.0.0")] += b"\0" * 5_000_000
        client = a_client(tmp_path, market)
        refused(client, TamperedError, "larger than the index says")
        assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 1_000_000

    def test_one_that_is_too_short_is_refused(self, tmp_path: Path) -> None:
        market, _ = a_market()
        key = market.package_key("acme/demo", "1.0.0")
        market.objects[key] = market.objects[key][:-1]
        refused(a_client(tmp_path, market), TamperedError, "not the one")

    def test_one_that_is_withheld_is_not_there(self, tmp_path: Path) -> None:
        market, _ = a_market()
        del market.objects[market.package_key("acme/demo", "1.0.0")]
        refused(a_client(tmp_path, market), TransportError, "no such object")

    def test_the_package_of_another_version_is_refused(self, tmp_path: Path) -> None:
        market, _ = a_market()
        market.release("acme/demo", "1.1.0", files=FILES)
        market.publish()
        old, new = (market.package_key("acme/demo", version) for version in ("1.0.0", "1.1.0"))
        market.objects[new] = market.objects[old]
        refused(a_client(tmp_path, market), TamperedError, "not the one|larger")

    def test_a_signed_one_that_is_no_archive_is_refused(self, tmp_path: Path) -> None:
        market, _ = a_market()
        publish_package(market, b"PK but not really")
        refused(a_client(tmp_path, market), TamperedError, "not a well-formed archive")

    def test_a_signed_one_with_another_manifest_is_refused(self, tmp_path: Path) -> None:
        market, manifest = a_market()
        wider = replace(manifest, conflicts={}, changes=(), license_files=("LICENSE",))
        publish_package(market, package(wider, FILES))
        refused(a_client(tmp_path, market), TamperedError, "not the one that the index names")

    @pytest.mark.parametrize(
        ("listed", "there"),
        [
            pytest.param({"demo.txt": b"hello\n"}, {"demo.txt": b"hello\n", "more.txt": b"hidden"}, id="unlisted file"),
            pytest.param({"demo.txt": b"hello\n", "gone.txt": b""}, {"demo.txt": b"hello\n"}, id="missing file"),
            pytest.param({"demo.txt": b"hello\n"}, {"demo.txt": b"jello\n"}, id="other content"),
        ],
    )
    def test_a_signed_one_that_lists_other_files_than_it_holds_is_refused(
        self, tmp_path: Path, listed: dict[str, bytes], there: dict[str, bytes]
    ) -> None:
        market, manifest = a_market()
        bodies = {MANIFEST_FILE: documents.encode(manifest)}
        entries = [
            FileEntry(path=name, sha256=Digest.of(body), size=len(body)) for name, body in {**bodies, **listed}.items()
        ]
        files = documents.encode(FileList(files=tuple(entries)))
        publish_package(market, zipped({**bodies, **there, FILES_FILE: files}))
        refused(a_client(tmp_path, market), TamperedError, "does not hold the files that it lists")

    def test_a_signed_one_with_an_unreadable_list_is_refused(self, tmp_path: Path) -> None:
        market, manifest = a_market()
        publish_package(market, zipped({MANIFEST_FILE: documents.encode(manifest), FILES_FILE: b"[]"}))
        refused(a_client(tmp_path, market), TamperedError, "list")

    def test_a_signed_one_without_a_list_is_refused(self, tmp_path: Path) -> None:
        market, manifest = a_market()
        publish_package(market, zipped({MANIFEST_FILE: documents.encode(manifest)}))
        refused(a_client(tmp_path, market), TamperedError, "archive")

    def test_a_receipt_of_its_own_does_not_pass_for_ours(self, tmp_path: Path) -> None:
        market = Simulator()
        market.release("acme/demo", files={"receipt.json": b"{}"})
        market.publish()
        client = a_client(tmp_path, market)
        with pytest.raises(TamperedError, match=r"receipt\.json"):
            install(client, "acme/demo")

    def test_what_was_downloaded_once_is_checked_again_when_it_is_used(self, tmp_path: Path) -> None:
        market, _ = a_market()
        client = a_client(tmp_path, market)
        (installed,) = install(client, "acme/demo").plugins
        cached = client.sources()[0].cache.path_of(installed.sha256)
        cached.write_bytes(b"other")
        client.apply(client.plan_remove([DEMO]))
        other_home = a_client(tmp_path, market)
        install(other_home, "acme/demo")
        assert other_home.verify() == {DEMO: ()}


class TestAttestation:
    def test_a_release_without_one_is_refused_where_all_are_signed(self, tmp_path: Path) -> None:
        market = Simulator()
        market.release("acme/demo", signed_by=None)
        market.publish()
        refused(a_client(tmp_path, market), TamperedError, "not signed")

    def test_a_release_without_one_is_fine_where_the_policy_says_so(self, tmp_path: Path) -> None:
        market = Simulator()
        market.policy = replace(market.policy, publish_attestation="optional")
        market.release("acme/demo", signed_by=None)
        market.publish()
        client = a_client(tmp_path, market)
        (installed,) = install(client, "acme/demo").plugins
        assert client.home.receipt(installed).signer is None

    def test_one_by_a_stranger_is_refused(self, tmp_path: Path) -> None:
        market, _ = a_market()
        stranger = Notary(STRANGER)
        offer_attestation(
            market, lambda release: publish_statement(market, release, release.artifacts[0].sha256, signer=stranger)
        )
        refused(a_client(tmp_path, market), TamperedError, "does not verify")

    def test_one_by_a_stranger_is_refused_also_where_it_is_optional(self, tmp_path: Path) -> None:
        market = Simulator()
        market.policy = replace(market.policy, publish_attestation="optional")
        market.release("acme/demo", signed_by=STRANGER)
        market.publish()
        refused(a_client(tmp_path, market), TamperedError, "does not verify")

    def test_one_that_is_withheld_is_refused(self, tmp_path: Path) -> None:
        market, _ = a_market()
        for key in [stored.key for stored in market.store.list("v1/a/")]:
            del market.objects[key]
        refused(a_client(tmp_path, market), TamperedError, "withheld")

    def test_one_that_was_changed_is_refused(self, tmp_path: Path) -> None:
        market, _ = a_market()
        (key,) = [stored.key for stored in market.store.list("v1/a/")]
        market.objects[key] = market.objects[key].replace(b"a", b"b", 1)
        refused(a_client(tmp_path, market), TamperedError, "not the one")

    @pytest.mark.parametrize(
        "lie",
        [
            {"version": "1.0.1"},
            {"plugin": "acme/other"},
            {"platform": "linux-x86_64"},
            {"manifest_sha256": "0" * 64},
            {"subject": {"name": "demo-1.0.1.zip"}},
            {"subject": {"digest": {"sha256": "0" * 64}}},
            {"subject": {"digest": {"sha512": "0" * 128}}},
            {"predicate_type": "urn:pluginry:attestations:review:v1"},
        ],
        ids=str,
    )
    def test_one_about_something_else_is_refused(self, tmp_path: Path, lie: dict[str, str]) -> None:
        market, _ = a_market()
        offer_attestation(
            market, lambda release: publish_statement(market, release, release.artifacts[0].sha256, **lie)
        )
        refused(a_client(tmp_path, market), TamperedError, "about something else")

    def test_one_about_another_artifact_of_the_record_does_not_count(self, tmp_path: Path) -> None:
        market, _ = a_market()
        offer_attestation(market, lambda release: publish_statement(market, release, Digest("0" * 64)))
        refused(a_client(tmp_path, market), TamperedError, "not signed")

    def test_without_a_verifier_a_signed_marketplace_is_refused(self, tmp_path: Path) -> None:
        market, _ = a_market()
        refused(a_client(tmp_path, market, can_verify=False), PolicyError, "cannot be checked here")

    def test_without_a_verifier_an_optional_one_is_not_looked_at(self, tmp_path: Path) -> None:
        market = Simulator()
        market.policy = replace(market.policy, publish_attestation="optional")
        market.release("acme/demo")
        market.publish()
        client = a_client(tmp_path, market, can_verify=False)
        (installed,) = install(client, "acme/demo").plugins
        assert client.home.receipt(installed).signer is None


class TestPlatforms:
    def test_the_package_for_this_platform_is_taken(self, tmp_path: Path) -> None:
        market = Simulator()
        market.release("acme/demo", platforms=["linux-x86_64", "windows-x86_64"])
        market.publish()
        client = a_client(tmp_path, market)
        client.home.write_settings(HomeConfig(platform=Platform("windows-x86_64")))
        (installed,) = install(client, "acme/demo").plugins
        folder = client.home.folder_of(installed.id, installed.version, installed.sha256)
        assert (folder / "platform.txt").read_text() == "windows-x86_64"
        assert client.home.receipt(installed).platform == "windows-x86_64"

    def test_a_package_of_another_platform_is_refused_under_this_ones_name(self, tmp_path: Path) -> None:
        market = Simulator()
        market.release("acme/demo", platforms=["linux-x86_64", "windows-x86_64"])
        market.publish()

        def swap(record: PluginRecord) -> PluginRecord:
            (release,) = record.releases
            linux, windows = release.artifacts
            artifacts = (replace(linux, platform=windows.platform), replace(windows, platform=linux.platform))
            return replace(record, releases=(replace(release, artifacts=artifacts),))

        market.publish(change_record={"acme/demo": swap})
        keys = [market.package_key("acme/demo", "1.0.0", name) for name in ("linux-x86_64", "windows-x86_64")]
        market.objects[keys[0]], market.objects[keys[1]] = market.objects[keys[1]], market.objects[keys[0]]
        client = a_client(tmp_path, market)
        client.home.write_settings(HomeConfig(platform=Platform("linux-x86_64")))
        refused(client, TamperedError, "about something else")

    def test_a_release_without_a_package_for_this_platform_is_not_offered(self, tmp_path: Path) -> None:
        market = Simulator()
        market.release("acme/demo", platforms=["linux-x86_64"])
        market.publish()
        client = a_client(tmp_path, market)
        with pytest.raises(PluginryError, match="has no package for any"):
            client.plan_install([want("acme/demo")])


class TestDamages:
    @pytest.fixture
    def client(self, tmp_path: Path) -> Marketplace:
        market, _ = a_market()
        client = a_client(tmp_path, market)
        install(client, "acme/demo")
        return client

    @pytest.fixture
    def folder(self, client: Marketplace) -> Path:
        installed = client.home.installed()[DEMO]
        return client.home.folder_of(DEMO, installed.version, installed.sha256)

    @staticmethod
    def found(client: Marketplace) -> list[tuple[str, str]]:
        return [(damage.path, damage.kind) for damage in client.verify()[DEMO]]

    def test_a_fresh_installation_has_none(self, client: Marketplace) -> None:
        assert self.found(client) == []

    def test_every_difference_is_found(self, client: Marketplace, folder: Path) -> None:
        (folder / "demo.txt").write_bytes(b"jello\n")
        (folder / "lib/inner.txt").unlink()
        (folder / "lib/outer.txt").write_bytes(b"")
        assert self.found(client) == [
            ("demo.txt", "changed"),
            ("lib/inner.txt", "missing"),
            ("lib/outer.txt", "added"),
        ]

    def test_a_link_is_a_difference_even_when_it_leads_to_the_same_bytes(
        self, client: Marketplace, folder: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "same").write_bytes(b"hello\n")
        (folder / "demo.txt").unlink()
        (folder / "demo.txt").symlink_to(tmp_path / "same")
        (folder / "dangling").symlink_to(tmp_path / "nowhere")
        assert self.found(client) == [("dangling", "added"), ("demo.txt", "changed")]

    def test_what_python_compiles_beside_the_sources_is_none(self, client: Marketplace, folder: Path) -> None:
        (folder / "lib/__pycache__").mkdir()
        (folder / "lib/__pycache__/inner.cpython-311.pyc").write_bytes(b"")
        assert self.found(client) == []

    def test_a_whole_folder_that_is_gone_is_reported_like_any_other(self, client: Marketplace, folder: Path) -> None:
        folder.rename(folder.with_name("elsewhere"))
        assert self.found(client) == [("receipt.json", "missing")]

    @pytest.mark.parametrize("content", [b"", b"{}", b"not json"])
    def test_an_unreadable_receipt_is_a_difference(self, client: Marketplace, folder: Path, content: bytes) -> None:
        (folder / "receipt.json").write_bytes(content)
        assert self.found(client) == [("receipt.json", "changed")]

    def test_the_receipt_of_another_plugin_is_a_difference(self, client: Marketplace, folder: Path) -> None:
        receipt = client.home.receipt(client.home.installed()[DEMO])
        (folder / "receipt.json").write_bytes(documents.encode(replace(receipt, id=PluginId.parse("acme/other"))))
        assert self.found(client) == [("receipt.json", "changed")]

    def test_installing_again_puts_it_right(self, client: Marketplace, folder: Path) -> None:
        (folder / "demo.txt").write_bytes(b"jello\n")
        (folder / "extra.txt").write_bytes(b"")
        plan = client.plan_install([want("acme/demo")])
        assert [(str(change.plugin), change.before is not None) for change in plan.changes] == [("acme/demo", True)]
        client.apply(plan)
        assert self.found(client) == []
        assert (folder / "demo.txt").read_bytes() == b"hello\n"

    def test_installing_again_brings_back_a_folder_that_is_gone(self, client: Marketplace, folder: Path) -> None:
        folder.rename(folder.with_name("elsewhere"))
        install(client, "acme/demo")
        assert self.found(client) == []

    def test_a_damaged_plugin_cannot_be_enabled_but_removed(self, client: Marketplace, folder: Path) -> None:
        (folder / "demo.txt").write_bytes(b"jello\n")
        with pytest.raises(TamperedError, match=r"demo\.txt is changed"):
            client.set_enabled(DEMO, enabled=True)
        client.apply(client.plan_remove([DEMO]))
        assert versions_in(client) == {}

    def test_a_plugin_whose_folder_is_gone_can_be_removed(self, client: Marketplace, folder: Path) -> None:
        folder.rename(folder.with_name("elsewhere"))
        client.apply(client.plan_remove([DEMO]))
        with pytest.raises(NotFoundError, match="not installed"):
            client.plan_remove([DEMO])
