from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "panel/log-tail"
LOG = load(PLUGIN)


def a_server(folder: Path) -> Path:
    """Write a log folder with a secret beside it; return the log folder."""
    logs = folder / "log"
    (logs / "nginx").mkdir(parents=True)
    (logs / "nginx" / "error.log").write_text("".join(f"line {n}\n" for n in range(1, 301)), encoding="utf-8")
    (logs / "syslog").write_text("boot\nTimeout of disk\nall fine\n", encoding="utf-8")
    (folder / "secret").write_text("secret\n", encoding="utf-8")
    (folder / "log-private").mkdir()
    (folder / "log-private" / "file").write_text("secret\n", encoding="utf-8")
    return logs


def a_plugin(folder: Path, **config: Any) -> Any:
    return LOG.Plugin({"folder": str(a_server(folder)), **config}, str(folder))


def test_the_last_lines_are_shown(tmp_path: Path) -> None:
    plugin = a_plugin(tmp_path)
    page = plugin.page(file="nginx/error.log")
    assert (page["title"], len(page["lines"]), page["lines"][-1]) == ("nginx/error.log", 100, "line 300")
    assert plugin.page(file="nginx/error.log", lines=2)["lines"] == ["line 299", "line 300"]


def test_the_filter_finds_words_in_any_case(tmp_path: Path) -> None:
    assert a_plugin(tmp_path).page(file="syslog", containing="timeout")["lines"] == ["Timeout of disk"]


def test_log_files_are_listed(tmp_path: Path) -> None:
    assert a_plugin(tmp_path).files() == {"files": ["nginx/error.log", "syslog"]}


OUTSIDE = ["../secret", "nginx/../../secret", "../log-private/file", "/etc/passwd", "..", "", ".", "nginx", "a\0b"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_outside_the_folder_is_shown(tmp_path: Path, name: str) -> None:
    page = a_plugin(tmp_path).page(file=name)
    assert page["lines"] == []
    assert page["error"]


def test_links_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    plugin = a_plugin(tmp_path)
    (tmp_path / "log" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "log" / "folder").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "log" / "inside").symlink_to(tmp_path / "log" / "syslog")
    for name in ("link", "folder/secret"):
        assert "is not in the log folder" in plugin.page(file=name)["error"]
    assert plugin.page(file="inside")["lines"][0] == "boot"
    assert plugin.files()["files"] == ["nginx/error.log", "syslog"]


def test_what_is_not_a_regular_file_is_not_opened(tmp_path: Path) -> None:
    plugin = a_plugin(tmp_path)
    os.mkfifo(tmp_path / "log" / "pipe")
    assert plugin.page(file="pipe")["error"] == "there is no log file 'pipe'"


@given(st.text(max_size=30), st.lists(st.sampled_from(["..", ".", "", "nginx", "secret", "/"]), max_size=6))
def test_no_name_shows_the_secret(tmp_path_factory: pytest.TempPathFactory, text: str, parts: list[str]) -> None:
    plugin = a_plugin(tmp_path_factory.mktemp("server"))
    for name in (text, "/".join(parts), "/".join([*parts, text])):
        assert "secret" not in plugin.page(file=name)["lines"]


def test_only_the_end_of_a_large_file_is_read(tmp_path: Path) -> None:
    plugin = a_plugin(tmp_path, lines=1000)
    with (tmp_path / "log" / "large").open("wb") as stream:
        stream.write(b"x" * (1 << 20))
        stream.write(b"\n" + b"y" * 100 + b"\nend \xff\n")
    page = plugin.page(file="large", containing="")
    assert page["lines"] == ["y" * 100, "end \ufffd"]


def test_more_than_a_thousand_lines_are_never_shown(tmp_path: Path) -> None:
    plugin = a_plugin(tmp_path)
    (tmp_path / "log" / "many").write_text("a\n" * 5000, encoding="utf-8")
    assert len(plugin.page(file="many", lines=5000)["lines"]) == 1000
    assert len(plugin.page(file="many", lines=-5)["lines"]) == 1


def test_the_advisory_is_true_of_one_version_only(tmp_path: Path) -> None:
    logs = a_server(tmp_path)
    (logs / "link").symlink_to(tmp_path / "secret")
    affected = load(PLUGIN, "1.1.0").Plugin({"folder": str(logs)}, str(tmp_path))
    for name in ("../secret", "link"):
        assert affected.page(file=name)["lines"] == ["secret"]
    before = load(PLUGIN, "1.0.0").Plugin({"files": [str(logs / "syslog")]}, str(tmp_path))
    assert before.page(number=0)["lines"][0] == "boot"
    assert before.page(number=1)["error"] == "the settings name 1 files"
