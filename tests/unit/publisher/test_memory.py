"""What was kept comes back whole, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.publisher.memory import Memory

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {"one": "a text\twith tabs", "two": "", "three": "Größe \u2028 \x0b"}


def test_texts_are_kept_and_read_again(tmp_path: Path) -> None:
    file = Memory(tmp_path / "some" / "units.memory", "v1")
    assert file.load() == {}
    file.keep(TEXTS)
    assert file.load() == TEXTS
    assert [one.name for one in (tmp_path / "some").iterdir()] == ["units.memory"]


def test_texts_of_another_installation_count_for_nothing(tmp_path: Path) -> None:
    Memory(tmp_path / "units.memory", "v1").keep(TEXTS)
    assert Memory(tmp_path / "units.memory", "v2").load() == {}


@pytest.mark.parametrize("at", [0, 30, 100, -2])
def test_a_damaged_file_counts_for_nothing(tmp_path: Path, at: int) -> None:
    file = Memory(tmp_path / "units.memory", "v1")
    file.keep(TEXTS)
    body = bytearray((tmp_path / "units.memory").read_bytes())
    body[at] ^= 1
    (tmp_path / "units.memory").write_bytes(body)
    assert file.load() == {}


@pytest.mark.parametrize("body", [b"", b"\n", b"\xff\xfe\n\xff", b"pluginry-memory-2\n", b"x" * 100])
def test_a_file_of_somebody_else_counts_for_nothing(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "units.memory").write_bytes(body)
    assert Memory(tmp_path / "units.memory", "v1").load() == {}


def test_without_a_folder_nothing_is_kept() -> None:
    file = Memory.within(None, "units")
    file.keep(TEXTS)
    assert file.load() == {}


def test_the_installation_is_part_of_what_is_kept(tmp_path: Path) -> None:
    assert len(Memory.within(tmp_path, "units").good_for) == 64
