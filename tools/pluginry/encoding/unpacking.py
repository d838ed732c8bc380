"""Where the files of a foreign archive land while it is read: one folder, with names, count and sizes kept in bounds.

In: names and contents from a reader of some archive format. Out: plain files below a new folder and the list of them.
Never: follows or makes links, replaces a file, writes outside of the folder, or keeps what an archive says of owners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding.archive_profile import DEFAULT_LIMITS
from pluginry.encoding.member_names import TakenNames, check_member_name
from pluginry.encoding.quoting import quoted
from pluginry.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pluginry.encoding.archive_profile import ArchiveLimits

_FILE_MODE = 0o644
_PROGRAM_MODE = 0o755
_HINT = "the archive was made by somebody else: ask its author for one without this, or do not list it"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackedFile:
    """A file of the archive that lies below the folder now: ``name`` with ``/`` between parts, ``size`` in bytes."""

    name: str
    size: int
    executable: bool


def foreign_refusal(rule: str, what: str, name: str = "") -> ArchiveError:
    """Return the error, to be raised, that says why a foreign archive (or its member `name`) is not taken."""
    return ArchiveError(rule, what, where=name if name.isprintable() else quoted(name), hint=_HINT)


class Unpacking:
    """Writes files below `into`, a new or empty folder, as long as they stay within `limits`.

    `packed_bytes` is the size of the archive: what expands much more than that is a bomb.
    """

    __slots__ = ("_entries", "_into", "_left", "_limits", "_names", "files")

    def __init__(self, into: Path, *, packed_bytes: int, limits: ArchiveLimits = DEFAULT_LIMITS) -> None:
        into.mkdir(exist_ok=True)
        if into.is_symlink() or any(into.iterdir()):
            raise UsageError("an archive is only unpacked to a new, empty folder", where=str(into))
        self._into = into
        self._limits = limits
        self._entries = 0
        self._left = min(limits.expanded_bytes, max(limits.ratio_free_bytes, packed_bytes * limits.ratio))
        self._names = TakenNames()
        self.files: list[UnpackedFile] = []

    def count_entry(self) -> None:
        """Count an entry of any kind.

        Raises:
            ArchiveError: there are too many.
        """
        self._entries += 1
        if self._entries > self._limits.entries:
            raise foreign_refusal("archive.entries", f"more than {self._limits.entries} entries")

    def add(self, name: str, chunks: Iterable[bytes], *, executable: bool) -> None:
        """Write a file; `name` may start with ``./``.

        Raises:
            ArchiveError: an unsafe name, a name that is taken, or too many bytes.
        """
        while name.startswith("./"):
            name = name[2:]
        check_member_name(name)
        self._names.add(name, is_directory=False)
        path = self._into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with path.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                self._left -= len(chunk)
                if self._left < 0:
                    raise foreign_refusal("archive.expanded-size", "the archive expands too much", name)
                file.write(chunk)
        path.chmod(_PROGRAM_MODE if executable else _FILE_MODE)
        self.files.append(UnpackedFile(name=name, size=size, executable=executable))
