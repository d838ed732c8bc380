"""The picture that other sites show beside a link to the catalogue: one for the marketplace, one for each plugin.

In: texts of strangers, an icon that was drawn anew, an accent. Out: a PNG of `SIZE` in at most 256 colours, the same
bytes for the same card. Letters come from the font inside Pillow, which has few besides the English ones: a text with
others is left out, and something else stands for it where there must be something. So there are no boxes for letters.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Final

from pluginry.publisher.pages import colours, pictures
from pluginry.publisher.pages.words import plain

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

SIZE: Final = (1200, 630)
ACCENT: Final = "#11684f"
_GROUND, _INK, _SOFT = "#ffffff", "#18211d", "#55625c"
_MARGIN, _TOP, _BAND, _GAP = 80, 70, 104, 32
_TITLE_SIZES: Final = (88, 72, 58)
_SUMMARY_SIZE, _SMALL_SIZE = 38, 34
_SHADES = 16
"""Of each ink on its ground: enough for smooth letters, and all of them go into one palette."""
_TITLE, _TEXT, _ON_BAND, _OF_ICON = (_SHADES * place for place in range(4))
_MAX_CHARS = 400
_CUT = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialCard:
    """What a card shows; ``title`` and ``market`` are the first of their names that can be written.

    ``icon`` is a square picture of `pictures.ICON_PIXELS`; without one it is the tile ``letter`` in a ``hue``.
    """

    title: tuple[str, ...]
    market: tuple[str, ...]
    letter: str
    hue: int
    summary: str = ""
    publisher: str = ""
    icon: bytes | None = None
    accent: str = ACCENT


def draw(card: SocialCard) -> bytes:
    """Return `card` as a picture."""
    from PIL import Image

    image = Image.new("P", SIZE, _TITLE)
    image.paste(_ON_BAND, (0, SIZE[1] - _BAND, *SIZE))
    icon = _icon_of(card.icon) if card.icon else _tile(card.letter, card.hue)
    image.paste(icon.point([_OF_ICON + index for index in range(256 - _OF_ICON)] + [0] * _OF_ICON), (_MARGIN, _TOP))
    beside = _MARGIN + icon.width + _GAP
    for line in _lines(_first((card.publisher,)), _SMALL_SIZE, SIZE[0] - _MARGIN - beside, most=1):
        _write(image, line, _SMALL_SIZE, (beside, _TOP + (icon.height - _SMALL_SIZE) // 2), _TEXT)
    for line in _lines(_first(card.market), _SMALL_SIZE, SIZE[0] - 2 * _MARGIN, most=1):
        _write(image, line, _SMALL_SIZE, (_MARGIN, SIZE[1] - (_BAND + _SMALL_SIZE) // 2 - 4), _ON_BAND)
    size, title = _title(_first(card.title))
    down = _write_all(image, title, size, _TOP + icon.height + _GAP, _TITLE)
    summary = _lines(_first((card.summary,)), _SUMMARY_SIZE, SIZE[0] - 2 * _MARGIN, most=4 - len(title))
    _write_all(image, summary, _SUMMARY_SIZE, down + 12, _TEXT)
    image.putpalette([*_inks(card.accent), *(icon.getpalette("RGB") or ())])
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    return out.getvalue()


def _write_all(image: Image, lines: tuple[str, ...], size: int, down: int, ink: int) -> int:
    """Write `lines` below each other from `down` on, and return where they end."""
    for line in lines:
        _write(image, line, size, (_MARGIN, down), ink)
        down += round(size * 1.25)
    return down


def _write(image: Image, line: str, size: int, at: tuple[int, int], ink: int) -> None:
    """Write a line with its upper left corner `at`; how dark a pixel is says which shade of `ink` it gets."""
    from PIL import Image, ImageDraw

    font = _font(size)
    strip = Image.new("L", (min(round(font.getlength(line)) + 4, SIZE[0] - at[0]), round(size * 1.3)))
    ImageDraw.Draw(strip).text((0, 0), line, fill=255, font=font)
    image.paste(strip.point([ink + light * _SHADES // 256 for light in range(256)]), at)


def _title(text: str) -> tuple[int, tuple[str, ...]]:
    """Return the largest size at which `text` fits on one line, else two lines of the smallest."""
    room = SIZE[0] - 2 * _MARGIN
    size = next((size for size in _TITLE_SIZES if _font(size).getlength(text) <= room), _TITLE_SIZES[-1])
    return size, _lines(text, size, room, most=2)


def _lines(text: str, size: int, room: int, *, most: int) -> tuple[str, ...]:
    """Return `text` cut into lines of at most `room` pixels; what does not fit on the last one is cut off."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most:
        end = _fitting(rest, size, room)
        if end < len(rest) and len(lines) + 1 == most:
            end = _fitting(rest, size, room - round(_font(size).getlength(_CUT)))
            return (*lines, rest[:end].rstrip() + _CUT)
        blank = rest.rfind(" ", 0, end + 1) if end < len(rest) else -1
        end = blank if blank > 0 else end
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(lines)


def _fitting(text: str, size: int, room: int) -> int:
    """Return how many letters of `text`, at least one, fit into `room` pixels."""
    font = _font(size)
    return max(1, bisect_right(range(1, len(text) + 1), room, key=lambda end: ceil(font.getlength(text[:end]))))


def _first(texts: tuple[str, ...]) -> str:
    """Return the first of `texts` that can be written, or nothing."""
    cleaned = (" ".join(plain(text[:_MAX_CHARS]).split()) for text in texts)
    return next((text for text in cleaned if text and all(map(_is_written, text))), "")


@lru_cache(maxsize=4096)
def _is_written(char: str) -> bool:
    """Return whether the font has this letter; the box that it draws for others is that of a private one."""
    font = _font(_SMALL_SIZE)
    mask, box = font.getmask(char), font.getmask("\ue000")
    return char == " " or (mask.size != box.size or bytes(mask) != bytes(box))


@lru_cache(maxsize=8)
def _font(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)  # type: ignore[return-value]  # with a size it is this kind


def _icon_of(drawn: bytes) -> Image:
    from PIL import Image

    with Image.open(io.BytesIO(drawn)) as icon:
        ground = Image.new("RGB", icon.size, _GROUND)
        ground.paste(icon, mask=icon.convert("RGBA"))
    return ground.quantize(256 - _OF_ICON)


@lru_cache(maxsize=512)
def _tile(letter: str, hue: int) -> Image:
    """Return the letter icon: the same boards and colours as `pictures.letter_tile`."""
    from PIL import Image, ImageDraw

    side = 2 * pictures.ICON_PIXELS  # drawn at twice its size, for smooth edges
    upper, lower = pictures.tile_colours(hue)
    tile = Image.new("RGB", (side, side), _GROUND)
    boards = Image.new("RGB", (side, side), upper)
    scale = side / 96
    joint = [(0, 66), (30, 66), (23, 50), (73, 50), (66, 66), (96, 66), (96, 96), (0, 96)]
    ImageDraw.Draw(boards).polygon([(x * scale, y * scale) for x, y in joint], fill=lower)
    ImageDraw.Draw(boards).text((side / 2, side / 2), letter.upper(), fill="#ffffff", font=_font(130), anchor="mm")
    shape = Image.new("L", (side, side))
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, side - 1, side - 1), radius=22 * scale, fill=255)
    tile.paste(boards, mask=shape)
    return tile.resize((side // 2, side // 2), Image.Resampling.LANCZOS).quantize(256 - _OF_ICON)


@lru_cache(maxsize=8)
def _inks(accent: str) -> tuple[int, ...]:
    """Return the palette of everything but the icon: the shades of each ink from its ground on."""
    pairs = ((_GROUND, _INK), (_GROUND, _SOFT), (accent, colours.ink_on(accent)))
    shades = (colours.mixed(ground, ink, n / (_SHADES - 1)) for ground, ink in pairs for n in range(_SHADES))
    return tuple(channel for shade in shades for channel in colours.channels(shade))
