"""From a chosen release to files on disk: everything that is checked before anything lies where a host would look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from forged_zips import ForgedMember, forged_zip
from notary import Notary
from packages import package, zipped
from pluginry.client import limits
from pluginry.encoding import documents
from pluginry.errors import PluginryError, TamperedError, TransportError
from pluginry.model.digest import Digest
from pluginry.model.home import HomeConfig
from pluginry.model.manifest import FILES_FILE, MANIFEST_FILE, FileEntry, FileList
from pluginry.model.names import Platform
from simulated_client import a_client, install, want
from simulator import Simulator
from victims import DEMO, offer_signed, refused

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.index import PluginRecord
    from pluginry.model.manifest import Manifest

FILES = {"demo.txt": b"hello\n", "lib/inner.txt": b"inside\n"}


def a_market(version: str = "1.0.0") -> tuple[Simulator, Manifest]:
    market = Simulator()
    manifest = market.release("acme/demo", version, files=FILES)
    market.publish()
    return market, manifest


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

    def test_one_that_the_index_says_is_endless_is_not_even_asked_for(self, tmp_path: Path) -> None:
        market, _ = a_market()

        def grow(record: PluginRecord) -> PluginRecord:
            (old,) = record.releases
            artifact = replace(old.artifacts[0], size=limits.PACKAGE + 1)
            return replace(record, releases=(replace(old, artifacts=(artifact,)),))

        market.publish(change_record={"acme/demo": grow})
        client = a_client(tmp_path, market)
        refused(client, TamperedError, "larger than any honest one")
        assert market.package_key("acme/demo", "1.0.0") not in market.store.requests

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
        offer_signed(market, b"PK but not really")
        refused(a_client(tmp_path, market), TamperedError, "not a well-formed archive")

    def test_a_signed_one_with_another_manifest_is_refused(self, tmp_path: Path) -> None:
        market, manifest = a_market()
        wider = replace(manifest, conflicts={}, changes=(), license_files=("LICENSE",))
        offer_signed(market, package(wider, FILES))
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
        offer_signed(market, zipped({**bodies, **there, FILES_FILE: files}))
        refused(a_client(tmp_path, market), TamperedError, "does not hold the files that it lists")

    def test_a_signed_one_with_an_unreadable_list_is_refused(self, tmp_path: Path) -> None:
        market, manifest = a_market()
        offer_signed(market, zipped({MANIFEST_FILE: documents.encode(manifest), FILES_FILE: b"[]"}))
        refused(a_client(tmp_path, market), TamperedError, "list")

    def test_a_signed_one_without_a_list_is_refused(self, tmp_path: Path) -> None:
        market, manifest = a_market()
        offer_signed(market, zipped({MANIFEST_FILE: documents.encode(manifest)}))
        refused(a_client(tmp_path, market), TamperedError, "archive")

    @pytest.mark.parametrize("name", ["receipt.json", "Receipt.json", "receipt.json/x", ".receipt.json.new/x"])
    def test_nothing_stands_in_the_place_of_our_receipt(self, tmp_path: Path, name: str) -> None:
        market, manifest = a_market()
        bodies = {MANIFEST_FILE: documents.encode(manifest), name: b"{}"}
        entries = (
            FileEntry(path=path, sha256=Digest.of(body), size=len(body)) for path, body in sorted(bodies.items())
        )
        bodies[FILES_FILE] = documents.encode(FileList(files=tuple(entries)))
        offer_signed(
            market, forged_zip(*(ForgedMember(name=path.encode(), body=body) for path, body in bodies.items()))
        )
        refused(a_client(tmp_path, market), TamperedError, "writes its receipt")

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
