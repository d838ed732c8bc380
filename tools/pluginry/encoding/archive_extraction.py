"""Writes the members of an archive below a new folder.

In: an `Archive` and a folder that is new or empty. Out: files of mode 0644 or 0755 and folders of 0755.
Never: parses anything itself, replaces anything, follows or makes links, or writes outside of the folder.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pluginry.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pluginry.encoding.archive import Archive

_FILE_MODE = 0o644
_PROGRAM_MODE = 0o755
_FOLDER_MODE = 0o755


def extract(archive: Archive, destination: Path, *, fsync: bool = False) -> None:
    """Write every member of `archive` below `destination`; with `fsync`, return only when the disk has it.

    After an error the folder holds a part of the archive, possibly damaged, and is to be thrown away.

    Raises:
        ArchiveError: the content of a member is damaged.
        UsageError: `destination` is a link, or there is something in it.
        OSError: the disk refused, or cannot keep two of the names apart.
    """
    destination.mkdir(exist_ok=True)
    if destination.is_symlink() or any(destination.iterdir()):
        raise UsageError(
            "a package is only extracted to a new, empty folder",
            where=str(destination),
            hint="choose another folder, or empty this one",
        )
    folders = {"": destination}
    for member in archive.members:
        if member.is_directory:
            _make_folder(member.name, folders)
            continue
        parent, _, last = member.name.rpartition("/")
        path = _make_folder(parent, folders) / last
        _write_file(path, archive.open_chunks(member), fsync=fsync)
        path.chmod(_PROGRAM_MODE if member.executable else _FILE_MODE)
    if fsync:
        for folder in folders.values():
            _sync_folder(folder)


def _make_folder(name: str, folders: dict[str, Path]) -> Path:
    """Return the folder `name`, made together with the folders above it unless it is in `folders`."""
    if name not in folders:
        parent, _, last = name.rpartition("/")
        path = _make_folder(parent, folders) / last
        path.mkdir()
        path.chmod(_FOLDER_MODE)  # whatever the umask
        folders[name] = path
    return folders[name]


def _write_file(path: Path, chunks: Iterable[bytes], *, fsync: bool) -> None:
    with path.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
        if fsync:
            file.flush()
            os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    if os.name != "posix":
        return  # Windows keeps the entries of a folder safe by itself and does not open folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
