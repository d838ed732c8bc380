"""Pictures that were decoded and written anew once are not decoded again: what came out is kept in a folder.

In: bytes from strangers. Out: what pictures.py makes of them, whether that was kept or made just now. A file is named
after the bytes, after what draws and after its version, and begins with the digest of the rest: another Pillow, another
size or a damaged file only cost time. The folder belongs to whoever builds, and may be deleted at any moment.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluginry.publisher.kept_file import keep_file
from pluginry.publisher.pages import pictures
from pluginry.publisher.pages.pictures import Picture

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST_WORD: Final = b"pluginry-pictures-1"


@dataclass(frozen=True, slots=True)
class KeptPictures:
    """Draws, and keeps what was drawn in the folder at ``path``; without a path nothing is kept."""

    path: Path | None = None

    def icon(self, data: bytes) -> Picture | None:
        """Return `data` as `pictures.icon` does."""
        drawn = self._drawn("icon", data, lambda: tuple(one for one in (pictures.icon(data),) if one))
        return drawn[0] if drawn else None

    def screenshot(self, data: bytes) -> tuple[Picture, ...]:
        """Return `data` as `pictures.screenshot` does."""
        return self._drawn("screenshot", data, lambda: pictures.screenshot(data))

    def _drawn(self, kind: str, data: bytes, draw: Callable[[], tuple[Picture, ...]]) -> tuple[Picture, ...]:
        if self.path is None:
            return draw()
        name = hashlib.sha256(f"{_drawn_by()} {kind}\n".encode() + data).hexdigest()
        file = self.path / name[:2] / name[2:]
        kept = _read(file)
        if kept is None:
            kept = draw()
            _write(file, kept)
        return kept


NOT_KEPT: Final = KeptPictures()


@cache
def _drawn_by() -> str:
    """Return a name for the program and the libraries that draw."""
    from PIL import __version__, features

    program = hashlib.sha256(Path(pictures.__file__).read_bytes()).hexdigest()
    return f"{program} {__version__} {features.version('webp')}"


def _read(file: Path) -> tuple[Picture, ...] | None:
    try:
        head, _, rest = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    if head != _head(rest):
        return None
    sizes, _, bodies = rest.partition(b"\n")
    drawn = []
    for entry in sizes.split(b",") if sizes else ():
        width, height, length = map(int, entry.split())
        drawn.append(Picture(body=bodies[:length], width=width, height=height))
        bodies = bodies[length:]
    return tuple(drawn)


def _write(file: Path, drawn: tuple[Picture, ...]) -> None:
    sizes = ",".join(f"{one.width} {one.height} {len(one.body)}" for one in drawn).encode()
    rest = b"\n".join((sizes, b"".join(one.body for one in drawn)))
    keep_file(file, _head(rest) + b"\n" + rest)


def _head(rest: bytes) -> bytes:
    return _FIRST_WORD + b" " + hashlib.sha256(rest).hexdigest().encode()
