"""Pictures of the catalogue: those of authors, decoded and written anew, and letter icons for everybody else.

In: bytes from strangers. Out: WebP at sizes of ours, without metadata or anything that hid behind the picture;
or None when they cannot be decoded as one still PNG, JPEG or WebP of reasonable size. Never raises for bad bytes.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

ICON_PIXELS = 128
SCREENSHOT_WIDTHS = (640, 1280)
_MAX_BYTES = 8 << 20
_MAX_PIXELS = 24_000_000
_MAX_RATIO = 41
_FORMATS = ("PNG", "JPEG", "WEBP")
_TILES = (
    ("#2f7663", "#1d5546"), ("#356b93", "#234d6e"), ("#6064a3", "#45487d"), ("#80508a", "#5f3967"),
    ("#974a63", "#713448"), ("#a2523c", "#7a3a29"), ("#8f5c22", "#6a4316"), ("#6e6c1c", "#514f11"),
    ("#4d7530", "#37561f"), ("#1f777a", "#12575a"), ("#4c657f", "#35485d"), ("#725c4c", "#534235"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A re-encoded picture and its size in pixels."""

    body: bytes
    width: int
    height: int


def icon(data: bytes) -> Picture | None:
    """Return `data` as a square icon of `ICON_PIXELS`, padded with nothing, or None."""
    image = _decode(data)
    if image is None:
        return None
    from PIL import Image, ImageOps

    fitted = ImageOps.contain(image, (ICON_PIXELS, ICON_PIXELS), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (ICON_PIXELS, ICON_PIXELS))
    square.paste(fitted, ((ICON_PIXELS - fitted.width) // 2, (ICON_PIXELS - fitted.height) // 2))
    return _encode(square, lossless=True)


def screenshot(data: bytes) -> tuple[Picture, ...]:
    """Return `data` at each of `SCREENSHOT_WIDTHS` that it fills, at least one; empty when it is no picture."""
    image = _decode(data)
    if image is None:
        return ()
    from PIL import Image

    pictures = []
    for width in SCREENSHOT_WIDTHS:
        smaller = image
        if image.width > width:
            height = max(1, round(image.height * width / image.width))
            smaller = image.resize((width, height), Image.Resampling.LANCZOS)
        pictures.append(_encode(smaller, lossless=False))
        if image.width <= width:
            break
    return tuple(pictures)


def letter_tile(letter: str, hue: int) -> bytes:
    """Return an icon that shows `letter`: two boards held by a dovetail, in one of twelve colours."""
    upper, lower = tile_colours(hue)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" rx="22" fill="{upper}"/>'
        '<path d="M0 66h30l-7-16h50l-7 16h30v8a22 22 0 0 1-22 22H22A22 22 0 0 1 0 74z" '
        f'fill="{lower}"/>'
        '<text x="48" y="49" fill="#fff" font-family="ui-rounded,system-ui,sans-serif" font-size="46" '
        f'font-weight="700" text-anchor="middle" dominant-baseline="central">{letter.upper()}</text></svg>\n'
    ).encode()


def tile_colours(hue: int) -> tuple[str, str]:
    """Return the colours of the two boards."""
    return _TILES[hue % len(_TILES)]


def _decode(data: bytes) -> Image | None:
    if len(data) > _MAX_BYTES:
        return None
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Pillow only warns of (bombs, damage) is refused here
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                if not _is_reasonable(opened):
                    return None
                opened.load()
                return _in_eight_bits(ImageOps.exif_transpose(opened)).convert("RGBA")
    except Exception:  # noqa: BLE001 - decoders of hostile bytes raise whatever they like; no picture is the answer
        return None


def _in_eight_bits(image: Image) -> Image:
    """Return a grey picture of 16 bits with the upper eight of each pixel, which Pillow would cut at white."""
    return image.convert("I").point(lambda value: value / 257).convert("L") if image.mode.startswith("I;16") else image


def _is_reasonable(image: Image) -> bool:
    short, long = sorted(image.size)
    is_still = getattr(image, "n_frames", 1) == 1
    return is_still and short > 0 and short * long <= _MAX_PIXELS and long <= short * _MAX_RATIO


def _encode(image: Image, *, lossless: bool) -> Picture:
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=lossless, quality=82, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return Picture(body=out.getvalue(), width=image.width, height=image.height)
