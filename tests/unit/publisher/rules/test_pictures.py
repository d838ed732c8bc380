from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from builders import LEFT_OUT, PANEL, SPAM, a_listing, a_png
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

ICON = f"{SPAM}/icon.png"
SHOT = f"{SPAM}/screenshots/main.png"
LISTING = f"{SPAM}/listing.yaml"
SVG = b'<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg"/>'


def test_a_plugin_needs_no_pictures(tmp_path: Path) -> None:
    assert_found(tmp_path, {ICON: LEFT_OUT, SHOT: LEFT_OUT, LISTING: a_listing(screenshots=[])})


@pytest.mark.parametrize("content", [SVG, b"", b"\xff\xd8\xff\xe0JFIF", b"GIF89a", b"\x89PNG\r\n\x1a\n"])
@pytest.mark.parametrize("file", [ICON, SHOT])
def test_a_picture_is_what_its_name_says(tmp_path: Path, file: str, content: bytes) -> None:
    assert_found(tmp_path, {file: content}, ("pictures.not-png", At(file), "save it as PNG"))


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        (ICON, a_png(8, 8), "8 x 8 pixels; 16 to 1024 are allowed"),
        (ICON, a_png(2000, 2000), "2000 x 2000 pixels"),
        (ICON, a_png(padding=262144), "at most 262,144 are allowed"),
        (SHOT, a_png(640, 20), "640 x 20 pixels; 100 to 4096 are allowed"),
        (SHOT, a_png(640, 480, padding=2 << 20), "at most 2,097,152 are allowed"),
    ],
)
def test_a_picture_has_a_reasonable_size(tmp_path: Path, file: str, content: bytes, words: str) -> None:
    assert_found(tmp_path, {file: content}, ("pictures.too-large", At(file), words))


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused(tmp_path: Path) -> None:
    bomb = bytearray(a_png())
    bomb[16:24] = b"\x7f\xff\xff\xff\x7f\xff\xff\xff"
    assert_found(tmp_path, {ICON: bytes(bomb)}, ("pictures.too-large", At(ICON), "2147483647 x 2147483647"))


def test_an_icon_is_square(tmp_path: Path) -> None:
    assert_found(tmp_path, {ICON: a_png(64, 48)}, ("pictures.icon-not-square", At(ICON), "64 x 48 pixels"))


def test_a_listed_screenshot_is_there(tmp_path: Path) -> None:
    shots = [{"file": f"screenshots/{name}", "alt": "What it shows"} for name in ("main.png", "mian.png")]
    assert_found(
        tmp_path,
        {LISTING: a_listing(screenshots=shots)},
        ("pictures.missing", At(LISTING, "screenshots/mian.png"), "did you mean 'screenshots/main.png'?"),
    )


def test_a_screenshot_lies_in_its_folder(tmp_path: Path) -> None:
    shots = [{"file": name, "alt": "What it shows"} for name in ("screenshots/main.png", "icon.png")]
    assert_found(
        tmp_path,
        {LISTING: a_listing(screenshots=shots)},
        ("pictures.missing", At(LISTING, "icon.png"), "screenshots/<name>.png"),
    )


def test_a_screenshot_without_words_is_refused(tmp_path: Path) -> None:
    other = f"{SPAM}/screenshots/other.png"
    assert_found(tmp_path, {other: a_png(200, 200)}, ("pictures.not-listed", At(other), "with alt"))


def test_a_picture_of_many_megabytes_is_not_read(tmp_path: Path) -> None:
    file = f"{PANEL}/icon.png"
    assert_found(tmp_path, {file: b"x" * (4 << 20) + b"x"}, ("layout.too-large", At(file), "at most 4,194,304"))


def a_moving_png() -> bytes:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


def test_a_picture_that_moves_is_refused(tmp_path: Path) -> None:
    assert_found(tmp_path, {ICON: a_moving_png()}, ("pictures.animated", At(ICON), "save one frame of it"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"GIF89a\x01\x00", "the file is a GIF picture"),
        (b'<?xml version="1.0"?>\n<SVG xmlns="http://www.w3.org/2000/svg"/>', "the file is an SVG drawing"),
        (b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0ANIM", "an animated WebP picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG picture"),
    ],
)
def test_another_kind_of_picture_is_called_by_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    assert_found(tmp_path, {SHOT: content}, ("pictures.not-png", At(SHOT), words))


@pytest.mark.parametrize(
    "content",
    [a_png(640, 480)[:-30], a_png(640, 480)[:-12], a_png(640, 480)[:60], a_png(640, 480).replace(b"IDAT", b"IDAX")],
    ids=["cut within the pixels", "cut before the end", "cut after the head", "damaged within"],
)
def test_a_picture_that_is_not_whole_is_refused(tmp_path: Path, content: bytes) -> None:
    assert_found(tmp_path, {SHOT: content}, ("pictures.damaged", At(SHOT), "save it again as PNG"))
