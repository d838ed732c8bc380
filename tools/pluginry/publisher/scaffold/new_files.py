"""New files, all of them or none.

In: files by name, and a folder. Out: they lie below it, and what takes them away again. Never overwrites anything, and
never writes through a link on the way.
"""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import BinaryIO


def write_new(files: Mapping[str, bytes | Path], folder: Path, *, but_not_beside: Iterable[str] = ()) -> ExitStack:
    """Write `files` below `folder`, which is made if need be; return what takes all of it back when it is closed.

    A file is given as its bytes, or as the file to copy. If one cannot be written, none stays behind.

    Raises:
        UsageError: one of the files, or of those that they must not lie beside, is there already; a link is on the way;
            or one cannot be written.
    """
    taken = [name for name in (*files, *but_not_beside) if os.path.lexists(folder / name)]
    if taken:
        raise UsageError(
            "nothing was written, for nothing is overwritten",
            where=str(folder),
            why=f"{', '.join(taken)} {'is' if len(taken) == 1 else 'are'} there already",
            hint="choose another folder",
        )
    for parent in {parent for name in files for parent in Path(name).parents[:-1]}:
        if (folder / parent).is_symlink():
            raise UsageError("nothing was written", where=str(folder / parent), why="this is a link")
    with ExitStack() as undo:
        try:
            for name, body in files.items():
                path = folder / name
                _make_folders(path.parent, undo)
                with path.open("xb") as stream:
                    undo.callback(path.unlink)
                    _fill(stream, body)
        except OSError as error:
            why = error.strerror or str(error)
            raise UsageError("nothing was written", where=str(folder / name), why=why) from error
        return undo.pop_all()


def _make_folders(folder: Path, undo: ExitStack) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent, undo)
        folder.mkdir()
        undo.callback(folder.rmdir)


def _fill(stream: BinaryIO, body: bytes | Path) -> None:
    if isinstance(body, bytes):
        stream.write(body)
        return
    # A link may have taken the place of what was planned.
    with open(body, "rb", opener=lambda path, flags: os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))) as source:
        shutil.copyfileobj(source, stream)
