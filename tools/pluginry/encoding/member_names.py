"""Names of archive members: which are allowed, and which can stand side by side on every file system.

In: names as text with ``/`` between parts, folders without a ``/`` at the end. Out: nothing, or an
`ArchiveError`. Never: repairs a name, never touches a disk.
"""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple

from pluginry.encoding.archive_profile import RECEIPT_NAME, refusal
from pluginry.encoding.quoting import quoted

MAX_PATH_BYTES: Final = 512
_MAX_PART_BYTES = 255
_MAX_DEPTH = 32
_FORBIDDEN = frozenset('\\:*?"<>|')
_DEVICE_DIGITS = "0123456789\N{SUPERSCRIPT ONE}\N{SUPERSCRIPT TWO}\N{SUPERSCRIPT THREE}"
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"]
    + [f"{port}{digit}" for port in ("COM", "LPT") for digit in _DEVICE_DIGITS]
)


def check_member_name(name: str) -> None:
    """Check that `name` is a path that is safe and means the same on every system.

    Raises:
        ArchiveError: it is not; the rule is one of ``archive.name-*``.
    """
    # Not printable are control, format (bidirectional, zero-width) and surrogate characters, every space
    # but the plain one, and characters that this Python's Unicode does not know: their normal form may
    # differ in a newer Python, and two Pythons must not read two different names.
    if not name.isprintable():
        raise refusal("archive.name-unprintable", "the name has characters that cannot be seen", name)
    if not _FORBIDDEN.isdisjoint(name):
        raise refusal("archive.name-character", "the name has a character that Windows forbids", name)
    if not unicodedata.is_normalized("NFC", name):
        raise refusal("archive.name-form", "the name is not in Unicode normal form NFC", name)
    if len(name.encode()) > MAX_PATH_BYTES:
        raise refusal("archive.name-length", f"the path is longer than {MAX_PATH_BYTES} bytes", name)
    if name.startswith("/"):
        raise refusal("archive.name-absolute", "the path is absolute", name)
    parts = name.split("/")
    if len(parts) > _MAX_DEPTH:
        raise refusal("archive.name-depth", f"the path has more than {_MAX_DEPTH} parts", name)
    for part in parts:
        _check_part(part, name)


def check_package_name(name: str) -> None:
    """Check that `name` may be in a package: it is a good name, and not where the client writes its receipt.

    Raises:
        ArchiveError: it may not; the rule is one of ``archive.name-*``.
    """
    check_member_name(name)
    first = _folded(name.partition("/")[0])
    if first == RECEIPT_NAME or first.startswith(f".{RECEIPT_NAME}"):
        raise refusal("archive.name-reserved", "the client writes its receipt under this name", name)


def _check_part(part: str, name: str) -> None:
    if part in ("", ".", ".."):
        raise refusal("archive.name-traversal", f"the path has the part {quoted(part)}", name)
    if part.endswith((".", " ")):
        raise refusal("archive.name-ending", f"{quoted(part)} ends with a dot or a space", name)
    # Windows looks at what stands before the first dot, without the spaces at its end: "nul .tar.gz" is NUL.
    if part.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        raise refusal("archive.name-device", f"{quoted(part)} is a device on Windows", name)
    if len(part.encode()) > _MAX_PART_BYTES:
        raise refusal("archive.name-length", f"a part of the path is longer than {_MAX_PART_BYTES} bytes", name)


class _Taken(NamedTuple):
    spelling: str
    is_directory: bool
    listed: bool


class TakenNames:
    """The checked names of one archive so far, with every folder they imply.

    Refuses a name that some file system could not keep apart from an earlier one.
    """

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken: dict[str, _Taken] = {}

    def add(self, name: str, *, is_directory: bool) -> None:
        """Take `name` and the folders above it.

        Raises:
            ArchiveError: a duplicate, a collision, or a file where a folder is needed (or the reverse).
        """
        key = _folded(name)
        if self._fits(key, name, is_directory=is_directory) and self._taken[key].listed:
            raise refusal("archive.name-duplicate", "the name is there twice", name)
        self._taken[key] = _Taken(name, is_directory, listed=True)
        while "/" in name:
            name, key = name.rpartition("/")[0], key.rpartition("/")[0]
            if self._fits(key, name, is_directory=True):
                return  # and so do all folders above: they were taken together with this one
            self._taken[key] = _Taken(name, is_directory=True, listed=False)

    def has_file(self, name: str) -> bool:
        """Return whether exactly `name` is taken by a file."""
        taken = self._taken.get(_folded(name))
        return taken is not None and taken.spelling == name and not taken.is_directory

    def _fits(self, key: str, name: str, *, is_directory: bool) -> bool:
        """Return whether `name` is known as the same thing; False means that it is new."""
        taken = self._taken.get(key)
        if taken is None:
            return False
        if taken.spelling != name:
            raise refusal("archive.name-collision", f"the name is also spelled {quoted(taken.spelling)}", name)
        if taken.is_directory != is_directory:
            raise refusal("archive.name-file-and-directory", "the name is a file and a folder", name)
        return True


def _folded(name: str) -> str:
    """Return what all spellings of `name` share on file systems that ignore case and Unicode form."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
