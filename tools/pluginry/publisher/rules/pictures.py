"""Icons and screenshots: whole, still PNG files of reasonable size, listed with words for those who cannot see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.png_shape import other_kind, png_shape
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
ANIMATED = Rule(
    id="pictures.animated",
    title="The picture moves",
    why="What moves draws the eye from everything beside it, and some people cannot bear it.",
    fix="save one frame of it as a still PNG; a film can be linked from README.md",
)
DAMAGED = Rule(
    id="pictures.damaged",
    title="The picture is damaged or cut off",
    why="It cannot be drawn to its end, so that the catalogue would have to leave it out.",
    fix="open it and save it again as PNG; if git changed it, mark *.png as binary in .gitattributes",
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
RULES = (NOT_PNG, ANIMATED, DAMAGED, TOO_LARGE, NOT_SQUARE, MISSING, NOT_LISTED)

ICON_BYTES = 256 << 10
ICON_PIXELS = range(16, 1024 + 1)
SCREENSHOT_BYTES = 2 << 20
SCREENSHOT_PIXELS = range(100, 4096 + 1)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about the logo of the marketplace, icons and screenshots."""
    if registry.site.logo is not None:
        yield from _square(registry.site.logo, "logo", locate(site_folder.LOGO_FILE))
    for entry in registry.plugins.values():
        if entry.icon is not None:
            yield from _square(entry.icon, "icon", locate(f"{entry.folder}/{registry_layout.ICON_FILE}"))
        yield from _screenshots(entry, locate)


def _square(data: bytes, noun: str, where: Location) -> Iterator[Finding]:
    yield from _picture(data, where, max_bytes=ICON_BYTES, pixels=ICON_PIXELS)
    shape = png_shape(data)
    if shape is not None and shape.width != shape.height:
        yield NOT_SQUARE.finding(where, f"the {noun} has {shape.width} x {shape.height} pixels")


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
    shape = png_shape(data)
    if shape is None:
        kind = other_kind(data)
        yield NOT_PNG.finding(where, *([f"the file is {kind}"] if kind else ()))
        return
    if len(data) > max_bytes:
        message = f"the picture has {len(data):,} bytes; at most {max_bytes:,} are allowed"
        yield TOO_LARGE.finding(where, message)
    if any(edge not in pixels for edge in (shape.width, shape.height)):
        message = f"the picture has {shape.width} x {shape.height} pixels; {pixels[0]} to {pixels[-1]} are allowed"
        yield TOO_LARGE.finding(where, message)
    elif shape.is_animated:
        yield ANIMATED.finding(where)
    elif not shape.is_whole:
        yield DAMAGED.finding(where)
