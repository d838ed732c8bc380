"""The pictures of one plugin as the catalogue shows them.

In: the plugin's registry entry. Out: what pages say of its pictures, and the files to publish. A picture that
cannot be decoded is as good as none: the plugin gets its letter, and the screenshot is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.model import layout
from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.publisher.pages import addresses, pictures
from pluginry.publisher.pages.kept_pictures import NOT_KEPT

if TYPE_CHECKING:
    from pluginry.model.names import PluginId
    from pluginry.model.registry import PluginEntry
    from pluginry.publisher.pages.kept_pictures import KeptPictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One size of a screenshot: its key, and width and height in pixels."""

    key: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A screenshot in one or more sizes, narrowest first, and what it shows in words."""

    alt: str
    sizes: tuple[Size, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """``icon`` is the key of the author's icon, or of the letter icon when there is none."""

    icon: str
    shots: tuple[Shot, ...] = ()


def pictures_of(entry: PluginEntry, drawing: KeptPictures = NOT_KEPT) -> tuple[Pictures, tuple[PublishedObject, ...]]:
    """Return what to show for `entry`, and the files that this needs, drawn by `drawing`."""
    objects = []
    icon_key = addresses.letter_icon(entry.id)
    drawn = drawing.icon(entry.icon) if entry.icon else None
    if drawn:
        icon_key = layout.icon_key(entry.id)
        objects.append(picture_object(icon_key, drawn.body))
    shots = []
    for number, described in enumerate(entry.listing.screenshots, start=1):
        sizes = []
        taken = drawing.screenshot(entry.screenshots.get(described.file, b""))
        for width, picture in zip(pictures.SCREENSHOT_WIDTHS, taken, strict=False):
            key = addresses.screenshot_picture(entry.id, number, width)
            objects.append(picture_object(key, picture.body))
            sizes.append(Size(key=key, width=picture.width, height=picture.height))
        if sizes:
            shots.append(Shot(alt=described.alt, sizes=tuple(sizes)))
    return Pictures(icon=icon_key, shots=tuple(shots)), tuple(objects)


def letter_of(plugin: PluginId) -> Pictures:
    """Return the pictures of a plugin that has none of its own."""
    return Pictures(icon=addresses.letter_icon(plugin))


def letter_object(plugin: PluginId) -> PublishedObject:
    """Return the file of the letter icon of `plugin`; plugins share them."""
    key = addresses.letter_icon(plugin)
    stem = key.rpartition("/")[2].removesuffix(".svg")
    body = pictures.letter_tile(stem[0], int(stem[1:]))
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)


def picture_object(key: str, body: bytes) -> PublishedObject:
    """Return a WebP picture as a file of the catalogue."""
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)
