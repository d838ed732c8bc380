from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PLUGIN = "panel/disk-usage"
DISK = load(PLUGIN)
BLOCKS = 64 * 1024


def a_tree(folder: Path) -> Path:
    for name, size in (("lib", 3 * BLOCKS), ("log", 2 * BLOCKS), ("cache/deep/deeper", BLOCKS)):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_bytes(os.urandom(size))
    (folder / "loose").write_bytes(b"not in a folder")
    return folder


def page_of(folder: Path, **config: Any) -> Any:
    return DISK.Plugin({"disks": [str(folder)], "below": str(folder), **config}, str(folder)).page()


def test_the_largest_folders_stand_first(tmp_path: Path) -> None:
    rows = page_of(a_tree(tmp_path))["largest"]
    assert [row["path"].removeprefix(str(tmp_path)).lstrip("/\\") for row in rows] == ["lib", "log", "cache"]
    assert [row["size_bytes"] for row in rows] == [3 * BLOCKS, 2 * BLOCKS, BLOCKS]
    assert len(page_of(tmp_path, rows=1)["largest"]) == 1


def test_disks_are_shown_as_the_system_counts_them(tmp_path: Path) -> None:
    [disk] = page_of(tmp_path)["disks"]
    usage = shutil.disk_usage(tmp_path)
    assert (disk["path"], disk["total_bytes"]) == (str(tmp_path), usage.total)
    assert 0 <= disk["used_percent"] <= 100


def test_a_nearly_full_disk_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"total": 1000, "used": 855, "free": 45})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    [disk] = page_of(tmp_path)["disks"]
    # Of 1000 the system keeps 100 for itself: users have 45 of 900 left.
    assert (disk["used_percent"], disk["warn"]) == (95, True)
    assert page_of(tmp_path, warn_above_percent=95)["disks"][0]["warn"] is False


def test_a_file_with_two_names_counts_once(tmp_path: Path) -> None:
    a_tree(tmp_path)
    os.link(tmp_path / "lib" / "file", tmp_path / "lib" / "again")
    assert DISK.size_below(str(tmp_path / "lib")) == 3 * BLOCKS


def test_links_are_not_followed(tmp_path: Path) -> None:
    a_tree(tmp_path)
    (tmp_path / "log" / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "log" / "copy").symlink_to(tmp_path / "lib" / "file")
    assert DISK.size_below(str(tmp_path / "log")) == 2 * BLOCKS


def test_a_sparse_file_counts_with_what_it_takes(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as stream:
        stream.truncate(1 << 40)
    assert DISK.size_below(str(tmp_path)) < BLOCKS


def test_folders_that_are_not_there_are_empty(tmp_path: Path) -> None:
    assert DISK.size_below(str(tmp_path / "gone")) == 0
    assert DISK.largest_folders(str(tmp_path / "gone"), 10) == []


def test_the_reason_of_the_yanked_release_is_true(tmp_path: Path) -> None:
    yanked = load(PLUGIN, "1.1.0")
    a_tree(tmp_path)
    os.link(tmp_path / "lib" / "file", tmp_path / "lib" / "again")
    assert yanked.size_below(str(tmp_path / "lib")) == 6 * BLOCKS


def test_the_first_version_showed_disks_only(tmp_path: Path) -> None:
    page = load(PLUGIN, "1.0.0").Plugin({"disks": [str(tmp_path)]}, str(tmp_path)).page()
    assert set(page) == {"title", "disks"}
