from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.trust_files import TrustFiles

if TYPE_CHECKING:
    from pathlib import Path


def test_an_empty_folder_has_no_trust(tmp_path: Path) -> None:
    files = TrustFiles(tmp_path / "trust")
    assert files.roots == ()
    assert files.offline_targets is None
    assert files.read("policy.json") is None
    files.pending.remove("root.json")


def test_roots_are_ordered_by_number_and_the_newest_targets_count(tmp_path: Path) -> None:
    files = TrustFiles(tmp_path)
    for number in (10, 2, 1):
        files.write(f"{number}.root.json", b"root %d" % number)
        files.write(f"{number}.targets.json", b"targets %d" % number)
    for name in ("x.root.json", "-1.root.json", "root.json", "1.root.json.bak", "²0.targets.json"):
        files.write(name, b"no")
    assert files.roots == (b"root 1", b"root 2", b"root 10")
    assert files.offline_targets == b"targets 10"


def test_what_is_pending_is_not_in_force(tmp_path: Path) -> None:
    files = TrustFiles(tmp_path)
    files.pending.write("1.root.json", b"pending")
    assert files.roots == ()
    assert files.pending.roots == (b"pending",)


def test_a_folder_with_nothing_left_goes_away_and_another_stays(tmp_path: Path) -> None:
    files = TrustFiles(tmp_path / "trust")
    files.pending.write("root.json", b"r")
    files.pending.write("policy.json", b"p")
    files.pending.remove("root.json", "targets.json")
    assert files.pending.read("policy.json") == b"p"
    files.pending.remove("policy.json")
    assert not files.pending.folder.exists()


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    files = TrustFiles(tmp_path)
    files.write("policy.json", b"one")
    files.write("policy.json", b"two")
    assert files.read("policy.json") == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["policy.json"]
