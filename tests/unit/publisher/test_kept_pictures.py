from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalogues import a_picture
from pluginry.publisher.pages import pictures
from pluginry.publisher.pages.kept_pictures import KeptPictures

if TYPE_CHECKING:
    from pathlib import Path


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("data", [a_picture(900, 400), a_picture(256, 256), b"no picture"])
def test_kept_pictures_are_those_that_are_drawn(tmp_path: Path, data: bytes) -> None:
    kept = KeptPictures(tmp_path)
    for _ in range(2):
        assert kept.icon(data) == pictures.icon(data)
        assert kept.screenshot(data) == pictures.screenshot(data)
    assert len(files_in(tmp_path)) == 2


def test_what_is_kept_is_not_drawn_again(tmp_path: Path) -> None:
    kept, teal, red = KeptPictures(tmp_path), a_picture(), a_picture(colour="red")
    drawn = kept.screenshot(red)
    (file,) = files_in(tmp_path)
    other = file.read_bytes()
    file.unlink()
    kept.screenshot(teal)
    (file,) = files_in(tmp_path)
    file.write_bytes(other)
    assert KeptPictures(tmp_path).screenshot(teal) == drawn


@pytest.mark.parametrize("damage", [b"", b"x", b"pluginry-pictures-1 00\n", b"pluginry-pictures-1"])
def test_a_damaged_file_is_drawn_anew_and_mended(tmp_path: Path, damage: bytes) -> None:
    kept, data = KeptPictures(tmp_path), a_picture()
    first = kept.screenshot(data)
    (file,) = files_in(tmp_path)
    whole = file.read_bytes()
    for wrong in (damage, whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), whole + b"more"):
        file.write_bytes(wrong)
        assert kept.screenshot(data) == first
        assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"a file where the folder should be")
    assert KeptPictures(blocked).icon(a_picture()) == pictures.icon(a_picture())


def test_without_a_folder_pictures_are_drawn() -> None:
    assert KeptPictures().icon(a_picture()) == pictures.icon(a_picture())
