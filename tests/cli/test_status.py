"""`pluginry status` tells monitoring how a marketplace is, and ends accordingly."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf, pluginry
from loopback import LoopbackServer, answer
from pluginry.adapters.tuf_lives import TIMESTAMP_LIFE
from pluginry.cli import status_report
from pluginry.encoding import documents
from pluginry.model.layout import CATALOGUE_KEY, STATUS_KEY, TIMESTAMP_KEY
from pluginry.model.names import PluginId
from pluginry.model.quarantine import Fault, PublicationStatus, Quarantined
from trustees import Trustees

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Answer

PLUGINS = ("acme/base", "acme/demo", "acme/other")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return published(tmp_path)


def published(folder: Path, *, days_ago: float = 0, profile: str = "simple") -> Shelf:
    """Return a marketplace that was published so many days ago, and not touched since."""
    shelf = Shelf.at(folder)
    shelf.market.now = datetime.now(UTC) - timedelta(days=days_ago)
    Trustees(shelf.market, folder / "trust", profile=profile)
    for plugin in PLUGINS:
        shelf.market.release(plugin, "1.0.0")
        shelf.market.release(plugin, "1.1.0", files={"notes.txt": b"more"})
    publish(shelf)
    return shelf


def publish(shelf: Shelf) -> None:
    """Publish with the status that the build adds."""
    root = shelf.market.publish()
    said = PublicationStatus(serial=root.serial, generated=root.generated, plugins=root.plugins, releases=root.releases)
    shelf.market.objects[STATUS_KEY] = documents.encode(said)
    shelf.market.write_to(shelf.folder)


def status(shelf: Shelf, *words: str, vouched: bool = True) -> Answer:
    fingerprint = ("--fingerprint", shelf.fingerprint) if vouched else ()
    return pluginry("status", str(shelf.folder), *fingerprint, *words)


def file_of(shelf: Shelf, start: str) -> Path:
    """Return the first published file whose key starts so."""
    return shelf.folder / min(key for key in shelf.market.objects if key.startswith(start))


def test_a_marketplace_that_is_well(shelf: Shelf) -> None:
    answer = status(shelf)
    assert (answer.status, answer.err) == (0, "")
    assert f"{shelf.folder}: verified" in answer.out
    assert "3 plugins with 6 releases, index serial 1" in answer.out
    assert "looked at 3 plugins" in answer.out
    assert "0 flaws" in answer.out
    assert re.search(r"timestamp +version 1 +6 days left$", answer.out, re.MULTILINE)


def test_programs_get_everything(shelf: Shelf) -> None:
    data = status(shelf, "--json").data
    assert (data["verdict"], data["verified"], data["trouble"]) == ("fine", True, "")
    assert data["roles"].keys() == {"root", "targets", "snapshot", "timestamp"}
    assert (data["serial"], data["plugins"], data["releases"]) == (1, 3, 6)
    assert 0 <= data["timestamp_age_seconds"] < 3600
    assert (data["flaws"], data["lags"]) == ([], [])
    assert data["status"]["quarantined"] == []


def test_where_nobody_vouches_for_it_that_is_said(shelf: Shelf) -> None:
    answer = status(shelf, vouched=False)
    assert answer.status == 0
    assert "unverified" in answer.out
    assert status(shelf, "--json", vouched=False).data["verified"] is False


def test_a_root_of_trust_may_come_from_a_file_or_a_workspace(shelf: Shelf, tmp_path: Path) -> None:
    root = file_of(shelf, "v1/metadata/1.root")
    assert "verified" in status(shelf, "--root", str(root), vouched=False).out
    (tmp_path / "workspace" / "index" / "trust").mkdir(parents=True)
    (tmp_path / "workspace" / "index" / "trust" / "1.root.json").write_bytes(root.read_bytes())
    answer = status(shelf, "--workspace", str(tmp_path / "workspace"), vouched=False)
    assert ": verified" in answer.out


def test_another_marketplace_is_not_the_one_that_was_meant(shelf: Shelf) -> None:
    answer = status(shelf, "--fingerprint", "0" * 64, vouched=False)
    assert answer.status == 5
    assert "not accepted" in answer.out


@pytest.mark.parametrize(("days", "ends", "word"), [(2.5, 10, "soon"), (7.5, 5, "EXPIRED")])
def test_a_timestamp_that_nobody_renews_is_noticed(tmp_path: Path, days: float, ends: int, word: str) -> None:
    shelf = published(tmp_path, days_ago=days)
    answer = status(shelf)
    assert answer.status == ends
    assert re.search(rf"^timestamp .* {word}$", answer.out, re.MULTILINE)
    assert f"signed {days * 24:.1f} hours ago" in answer.out


def test_a_hardened_marketplace_shows_its_index_too(tmp_path: Path) -> None:
    shelf = published(tmp_path, profile="hardened")
    roles = status(shelf, "--json").data["roles"]
    assert roles.keys() == {"root", "targets", "index", "snapshot", "timestamp"}
    assert roles["targets"]["warn_days"] == 60


@pytest.mark.parametrize("start", ["v1/packages/acme/demo/1.1.0", "v1/a/"])
def test_an_object_that_is_missing_is_a_flaw(shelf: Shelf, start: str) -> None:
    file_of(shelf, start).unlink()
    answer = status(shelf, "--deep", "--json")
    assert (answer.status, answer.data["verdict"]) == (5, "bad")
    assert len(answer.data["flaws"]) == 1
    assert answer.data["verified"] is True


def test_a_package_of_another_size_is_a_flaw(shelf: Shelf) -> None:
    package = file_of(shelf, "v1/packages/acme/demo/1.1.0")
    package.write_bytes(package.read_bytes() + b"x")
    (flaw,) = status(shelf, "--json").data["flaws"]
    assert "acme/demo/1.1.0" in flaw
    assert "bytes instead of" in flaw


def test_deep_looks_at_every_release_and_a_sample_at_the_newest(shelf: Shelf) -> None:
    file_of(shelf, "v1/packages/acme/demo/1.0.0").unlink()
    assert status(shelf).status == 0
    assert status(shelf, "--deep").status == 5
    assert status(shelf, "--sample", "0", "--json").data["plugins_checked"] == 0


def test_a_record_that_was_changed_is_a_flaw_and_the_others_are_looked_at_all_the_same(shelf: Shelf) -> None:
    root = shelf.market.publish()
    digest, _ = root.shard[PluginId.parse("acme/demo")]
    node = shelf.folder / f"v1/t/{digest.hex[:2]}/{digest.hex}.json"
    node.write_bytes(node.read_bytes().replace(b"acme", b"acne"))
    data = status(shelf, "--json").data
    assert (len(data["flaws"]), data["plugins_checked"]) == (1, 3)


def test_metadata_that_is_none_is_refused(shelf: Shelf) -> None:
    for garbage in (b"{}", b"<!doctype html>", b'{"signed": {"meta": []}}', b"[" * 5000):
        (shelf.folder / TIMESTAMP_KEY).write_bytes(garbage)
        answer = status(shelf)
        assert answer.status == 5, garbage
        assert "clients refuse it" in answer.out


def test_metadata_that_is_missing_is_refused(shelf: Shelf) -> None:
    file_of(shelf, "v1/metadata/1.snapshot").unlink()
    assert status(shelf).status == 5


def test_faults_of_infrastructure_are_worth_a_look_and_those_of_authors_are_only_told(shelf: Shelf) -> None:
    file = shelf.folder / STATUS_KEY
    said = documents.decode(PublicationStatus, file.read_bytes(), what="status")
    item = Quarantined(id=PluginId.parse("acme/late"), kind=Fault.AUTHOR, reason="no licence")
    file.write_bytes(documents.encode(replace(said, quarantined=(item,), author_faults=1)))
    answer = status(shelf)
    assert answer.status == 0
    assert "acme/late" in answer.out
    assert "no licence" in answer.out
    item = replace(item, kind=Fault.INFRASTRUCTURE)
    file.write_bytes(documents.encode(replace(said, quarantined=(item,), infrastructure_faults=1)))
    assert status(shelf).status == 10


def test_documents_of_an_earlier_publication_are_worth_a_look(shelf: Shelf) -> None:
    catalogue, said = (shelf.folder / key for key in (CATALOGUE_KEY, STATUS_KEY))
    before = catalogue.read_bytes(), said.read_bytes()
    shelf.market.release("acme/new", "1.0.0")
    publish(shelf)
    catalogue.write_bytes(before[0])
    said.write_bytes(before[1])
    answer = status(shelf, "--json")
    assert answer.status == 10
    assert len(answer.data["lags"]) == 2
    said.unlink()
    assert status(shelf).status == 10


def test_a_place_that_cannot_be_reached_is_told_from_a_bad_one() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        answer = pluginry("status", address)
        assert answer.status == 3
        assert "cannot be reached" in answer.err
        answer = pluginry("status", address, "--prometheus")
        assert answer.status == 3
        assert f'pluginry_up{{location="{address}"}} 0' in answer.out.splitlines()


def test_a_folder_without_a_marketplace_is_no_good_one(tmp_path: Path) -> None:
    assert pluginry("status", str(tmp_path)).status == 3


def test_over_http_it_is_the_same_and_no_package_is_read(shelf: Shelf) -> None:
    with LoopbackServer(dict(shelf.market.objects)) as server:
        answered = pluginry("status", server.address, "--fingerprint", shelf.fingerprint, "--deep", "--json")
        assert (answered.status, answered.data["flaws"]) == (0, [])
        key = next(key for key in shelf.market.objects if key.startswith("v1/packages/"))
        server.answers[key] = answer("404 Not Found")
        assert pluginry("status", server.address, "--deep").status == 5
        server.answers[key] = answer("503 Service Unavailable")
        assert pluginry("status", server.address, "--deep").status == 3


SAMPLE = re.compile(r'(pluginry_[a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\} (-?[0-9.e+-]+)')


def test_metrics_are_of_the_form_that_prometheus_reads(shelf: Shelf) -> None:
    lines = status(shelf, "--prometheus").out.splitlines()
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    assert [line.split()[2] for line in lines if line.startswith("# HELP")] == names
    samples = [SAMPLE.fullmatch(line) for line in lines if not line.startswith("#")]
    assert all(samples)
    values = {(match[1], match[2].partition(",")[2]): float(match[3]) for match in samples if match}
    assert values["pluginry_up", ""] == values["pluginry_verified", ""] == values["pluginry_accepted", ""] == 1
    assert (values["pluginry_plugins", ""], values["pluginry_releases", ""]) == (3, 6)
    assert values["pluginry_flaws", ""] == values["pluginry_quarantined", 'fault="author"'] == 0
    assert 0 < values["pluginry_metadata_expires_seconds", 'role="timestamp"'] <= TIMESTAMP_LIFE.total_seconds()


def test_metrics_tell_what_is_bad(shelf: Shelf) -> None:
    file_of(shelf, "v1/packages/acme/demo/1.1.0").unlink()
    answer = status(shelf, "--prometheus", vouched=False)
    assert answer.status == 5
    assert re.search(r"^pluginry_flaws\{.*\} 1$", answer.out, re.MULTILINE)
    assert re.search(r"^pluginry_verified\{.*\} 0$", answer.out, re.MULTILINE)
    (shelf.folder / TIMESTAMP_KEY).write_bytes(b"{}")
    assert re.search(r"^pluginry_accepted\{.*\} 0$", status(shelf, "--prometheus").out, re.MULTILINE)


def test_labels_are_escaped(tmp_path: Path) -> None:
    shelf = published(tmp_path / 'a "b" \\c')
    lines = status(shelf, "--prometheus").out.splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in samples)
    assert all('a \\"b\\" \\\\c' in line for line in samples)


def test_one_form_and_one_root_at_a_time(shelf: Shelf) -> None:
    assert status(shelf, "--prometheus", "--json").status == 2
    assert status(shelf, "--root", str(file_of(shelf, "v1/metadata/1.root"))).status == 2


def test_timestamps_live_as_long_as_the_publisher_says() -> None:
    assert status_report._TIMESTAMP_LIFE == TIMESTAMP_LIFE
