from __future__ import annotations

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from catalogues import a_picture
from pluginry.publisher.pages import addresses, pictures


def as_bytes(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(picture: pictures.Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.body))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_icons_become_squares_of_webp(kind: str) -> None:
    icon = pictures.icon(a_picture(400, 100, kind))
    assert icon is not None
    assert (opened(icon).format, opened(icon).size) == ("WEBP", (128, 128))
    assert opened(icon).convert("RGBA").getpixel((64, 0)) == (0, 0, 0, 0)


def test_screenshots_come_in_the_sizes_that_they_fill() -> None:
    assert [(p.width, p.height) for p in pictures.screenshot(a_picture(1600, 900))] == [(640, 360), (1280, 720)]
    assert [(p.width, p.height) for p in pictures.screenshot(a_picture(1000, 500))] == [(640, 320), (1000, 500)]
    assert [(p.width, p.height) for p in pictures.screenshot(a_picture(300, 200))] == [(300, 200)]


def test_nothing_but_the_picture_survives() -> None:
    image = Image.new("RGB", (200, 100), "teal")
    exif = Image.Exif()
    exif[0x010E] = "a place and a name"
    data = as_bytes(image, "JPEG", exif=exif, comment=b"secret comment") + b"PK\x03\x04 a zip behind the picture"
    for picture in pictures.screenshot(data):
        assert b"place" not in picture.body
        assert b"secret" not in picture.body
        assert b"PK\x03\x04" not in picture.body
        assert not opened(picture).getexif()


def test_no_metadata_survives() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret"
    texts = PngInfo()
    for kind in ("Comment", "XML:com.adobe.xmp"):
        texts.add_itxt(kind, "secret")
    texts.add_text("Author", "secret", zip=True)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = as_bytes(Image.new("RGB", (200, 100)), "PNG", exif=exif, pnginfo=texts, icc_profile=profile)
    for picture in (pictures.icon(data), *pictures.screenshot(data)):
        assert picture is not None
        assert set(chunks_of_webp(picture.body)) <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}
        assert not opened(picture).info.keys() & {"exif", "xmp", "icc_profile"}


def chunks_of_webp(body: bytes) -> list[bytes]:
    kinds, at = [], 12
    while at < len(body):
        kinds.append(body[at : at + 4])
        at += 8 + (int.from_bytes(body[at + 4 : at + 8], "little") + 1) // 2 * 2
    return kinds


def a_palette() -> Image.Image:
    image = Image.new("P", (200, 100), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    image.paste(0, (0, 0, 200, 50))
    image.info["transparency"] = 0
    return image


@pytest.mark.parametrize(
    ("image", "kind", "upper", "lower"),
    [
        (a_palette(), "PNG", (0,), (200, 100, 50, 255)),
        (Image.new("I;16", (200, 100), 128 * 257), "PNG", (128, 128, 128, 255), (128, 128, 128, 255)),
        (Image.new("1", (200, 100), 1), "PNG", (255, 255, 255, 255), (255, 255, 255, 255)),
        (Image.new("LA", (200, 100), (90, 0)), "PNG", (0,), (0,)),
        (Image.new("CMYK", (200, 100), (0, 255, 255, 0)), "JPEG", (255, 0, 0, 255), (255, 0, 0, 255)),
    ],
    ids=["palette with transparency", "16 bits", "1 bit", "grey with transparency", "printer's colours"],
)
def test_every_way_to_write_colours_is_understood(
    image: Image.Image, kind: str, upper: tuple[int, ...], lower: tuple[int, ...]
) -> None:
    picture = opened(pictures.screenshot(as_bytes(image, kind))[0]).convert("RGBA")
    for at, expected in ((25, upper), (75, lower)):
        found = picture.getpixel((100, at))
        assert isinstance(found, tuple)
        near = found[3:] if expected == (0,) else found
        assert all(abs(one - other) <= 4 for one, other in zip(near, expected, strict=True)), (found, expected)


def test_a_small_file_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    bomb = bytearray(a_picture())
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    assert pictures.screenshot(bytes(bomb)) == ()


def test_a_picture_that_moves_is_none() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    assert pictures.icon(as_bytes(frames[0], "PNG", save_all=True, append_images=frames[1:])) is None


def test_a_picture_that_lies_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = pictures.screenshot(as_bytes(Image.new("RGB", (200, 100)), "JPEG", exif=exif))[0]
    assert (picture.width, picture.height) == (100, 200)


def an_animation() -> bytes:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    return as_bytes(frames[0], "WEBP", save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"\x89PNG\r\n\x1a\n",
        a_picture()[:60],
        a_picture()[:-60],
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        a_picture(kind="BMP"),
        a_picture(kind="TIFF"),
        an_animation(),
        a_picture(5000, 5000),
        a_picture(2000, 10),
        a_picture() + bytes(9 << 20),
    ],
    ids=[
        "nothing", "text", "only a signature", "cut early", "cut late", "svg", "gif", "bmp", "tiff", "animated",
        "too many pixels", "a strip", "too many bytes",
    ],
)  # fmt: skip
def test_what_is_no_reasonable_still_picture_is_none(data: bytes) -> None:
    assert pictures.icon(data) is None
    assert pictures.screenshot(data) == ()


@given(st.binary(max_size=300), st.integers(0, 120))
def test_damaged_pictures_never_raise(noise: bytes, at: int) -> None:
    picture = a_picture(16, 16)
    pictures.icon(picture[:at] + noise + picture[at + len(noise) :])


def test_letter_icons_are_pictures_that_say_their_letter() -> None:
    tile = pictures.letter_tile("s", 5).decode()
    assert ">S</text>" in tile
    assert "http" not in tile.replace("http://www.w3.org/2000/svg", "")
    assert len({pictures.letter_tile("s", hue) for hue in range(addresses.LETTER_HUES)}) == addresses.LETTER_HUES
