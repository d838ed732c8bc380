"""The outside of a PNG file: what can be said of it without unpacking a pixel.

In: bytes from strangers. Out: width and height, whether it moves, whether it is whole; and what other kind of picture
bytes are that are no PNG. It never raises, and its time is that of reading the bytes once.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_START = _SIGNATURE + b"\x00\x00\x00\rIHDR"
_STILL_FRAMES = 1
_STARTS = (
    (b"GIF8", "a GIF picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x00\x00\x01\x00", "a Windows icon"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PngShape:
    """``width`` and ``height`` in pixels, whether it ``is_animated``, and whether it ``is_whole``, not cut off."""

    width: int
    height: int
    is_animated: bool
    is_whole: bool


def png_shape(data: bytes) -> PngShape | None:
    """Return the shape of the PNG file `data`, or None when it does not begin as one."""
    end = len(_HEADER_START) + 8
    if not data.startswith(_HEADER_START) or len(data) < end:
        return None
    width, height = struct.unpack(">II", data[len(_HEADER_START) : end])
    kinds, is_animated = _chunks(memoryview(data))
    is_whole = {b"IDAT", b"IEND"} <= kinds
    return PngShape(width=width, height=height, is_animated=is_animated, is_whole=is_whole)


def other_kind(data: bytes) -> str:
    """Return in words what `data` is that is no PNG file, or an empty string when that is not known."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "an animated WebP picture" if b"ANIM" in data[12:64] else "a WebP picture"
    if data[4:12] in {b"ftypavif", b"ftypavis", b"ftypheic", b"ftypheix"}:
        return "an AVIF or HEIC picture"
    if b"<svg" in data[:4096].lower():
        return "an SVG drawing"
    return next((words for start, words in _STARTS if data.startswith(start)), "")


def _chunks(data: memoryview) -> tuple[set[bytes], bool]:
    """Return the kinds of chunks up to the first that is damaged, and whether they say that the picture moves."""
    kinds: set[bytes] = set()
    is_animated = False
    at = len(_SIGNATURE)
    while at + 12 <= len(data) and b"IEND" not in kinds:
        (length,) = struct.unpack(">I", data[at : at + 4])
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            break
        kind = bytes(data[at + 4 : at + 8])
        kinds.add(kind)
        is_animated |= kind == b"fcTL"
        if kind == b"acTL" and length >= 4:  # noqa: PLR2004 - the number of frames, of four bytes
            is_animated |= int.from_bytes(data[at + 8 : at + 12], "big") != _STILL_FRAMES
        at = end
    return kinds, is_animated
