"""Icons and screenshots: PNG files of reasonable size, listed with words for those who cannot see them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pluginry.encoding.quoting import quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout, site_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding, Location
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.publisher.loaded_registry import Locate

NOT_PNG = Rule(
    id="pictures.not-png",
    title="The picture is not a PNG file",
    why="Other formats can carry scripts or are not shown everywhere; a file's name does not change what it is.",
    fix="save it as PNG",
)
TOO_LARGE = Rule(
    id="pictures.too-large",
    title="The picture is too large",
    why="Pages with many plugins show many pictures, and a small file can unpack to gigabytes of pixels.",
    fix="icons: 16 to 1024 pixels and 256 KiB; screenshots: 100 to 4096 pixels and 2 MiB",
)
NOT_SQUARE = Rule(
    id="pictures.icon-not-square",
    title="The icon is not square",
    why="Icons are shown in squares.",
    fix="cut it, or add transparent borders",
)
MISSING = Rule(
    id="pictures.missing",
    title="There is no such screenshot",
    why="The catalogue would show a hole.",
    fix="put the file into screenshots/, and write file: screenshots/<name>.png",
)
NOT_LISTED = Rule(
    id="pictures.not-listed",
    title="The listing does not name this screenshot",
    why="It is not shown, and without words it cannot be: not everybody can see it.",
    fix="add it to screenshots in listing.yaml with alt, or delete it",
)
RULES = (NOT_PNG, TOO_LARGE, NOT_SQUARE, MISSING, NOT_LISTED)

ICON_BYTES = 256 << 10
ICON_PIXELS = range(16, 1024 + 1)
SCREENSHOT_BYTES = 2 << 20
SCREENSHOT_PIXELS = range(100, 4096 + 1)

_PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about the logo of the marketplace, icons and screenshots."""
    if registry.site.logo is not None:
        yield from _square(registry.site.logo, "logo", locate(site_folder.LOGO_FILE))
    for entry in registry.plugins.values():
        if entry.icon is not None:
            yield from _square(entry.icon, "icon", locate(f"{entry.folder}/{registry_layout.ICON_FILE}"))
        yield from _screenshots(entry, locate)


def size_of_png(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels as the file's first chunk says, or None when it is no PNG file."""
    end = len(_PNG_START) + 8
    if not data.startswith(_PNG_START) or len(data) < end:
        return None
    width, height = struct.unpack(">II", data[len(_PNG_START) : end])
    return width, height


def _square(data: bytes, noun: str, where: Location) -> Iterator[Finding]:
    yield from _picture(data, where, max_bytes=ICON_BYTES, pixels=ICON_PIXELS)
    width, height = size_of_png(data) or (0, 0)
    if width != height:
        yield NOT_SQUARE.finding(where, f"the {noun} has {width} x {height} pixels")


def _screenshots(entry: PluginEntry, locate: Locate) -> Iterator[Finding]:
    listed = {screenshot.file for screenshot in entry.listing.screenshots}
    for index, screenshot in enumerate(entry.listing.screenshots):
        if screenshot.file not in entry.screenshots:
            where = locate(registry_layout.listing_file(entry), ("screenshots", index, "file"))
            hint = did_you_mean(screenshot.file, entry.screenshots)
            yield MISSING.finding(where, f"there is no file {quoted(screenshot.file)}", hint=hint)
    for name, data in entry.screenshots.items():
        where = locate(f"{entry.folder}/{name}")
        if name not in listed:
            yield NOT_LISTED.finding(where)
        yield from _picture(data, where, max_bytes=SCREENSHOT_BYTES, pixels=SCREENSHOT_PIXELS)


def _picture(data: bytes, where: Location, *, max_bytes: int, pixels: range) -> Iterator[Finding]:
    size = size_of_png(data)
    if size is None:
        yield NOT_PNG.finding(where)
        return
    if len(data) > max_bytes:
        message = f"the picture has {len(data):,} bytes; at most {max_bytes:,} are allowed"
        yield TOO_LARGE.finding(where, message)
    if any(edge not in pixels for edge in size):
        message = f"the picture has {size[0]} x {size[1]} pixels; {pixels[0]} to {pixels[-1]} are allowed"
        yield TOO_LARGE.finding(where, message)
