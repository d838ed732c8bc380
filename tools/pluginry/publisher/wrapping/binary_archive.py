"""Release archives of programs and add-ons (``tar.gz``, ``zip``): the claim says what is taken out and what is started.

In: an archive and its claim. Out: a tree. A program is given its plugin's name, in the folder where it is: it is called
otherwise on each platform upstream, but the manifest is one for all platforms. Never guesses what to start.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pluginry.encoding.foreign_zip import unpack_zip
from pluginry.encoding.tarball import unpack_tarball
from pluginry.errors import DocumentError
from pluginry.model.manifest import Runtime
from pluginry.model.names import ANY_PLATFORM
from pluginry.publisher.wrapping.placing import Derived, licenses_among, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pluginry.model.names import Name, Platform
    from pluginry.model.release import Wrap, WrapFile

_WILDCARDS = frozenset("*?[")
_PROCESS = "process"


def wrap_binary_archive(
    archive: Path, unpacked: Path, tree: Path, *, wrap: Wrap, platform: Platform, name: Name
) -> Derived:
    """Unpack `archive` to the folder `unpacked` and fill the new folder `tree` as `wrap` says.

    Raises:
        ArchiveError: it cannot be unpacked safely.
        DocumentError: nothing is started, nothing is taken, or what is to be started is not among it.
    """
    runtime = wrap.runtime
    if runtime is None:
        raise DocumentError("the claim does not say how the files of the archive are run", hint="add wrap.runtime")
    unpack = unpack_zip if wrap.format == "zip" else unpack_tarball
    names = [file.name for file in unpack(archive, unpacked)]
    moves = {source: target for source in names if (target := _target(source, wrap.files))} if wrap.files else None
    moves = moves if moves is not None else {source: source for source in names}
    if not moves:
        raise DocumentError("the claim takes nothing out of the archive", where="wrap.files")
    if runtime.kind == _PROCESS:
        program = _plain(runtime.entry_point)
        if program not in moves.values():
            raise DocumentError(
                "the program is not in the archive", where=program, hint="correct wrap.runtime.entry_point"
            )
        if platform != ANY_PLATFORM:
            renamed = "/".join([*program.split("/")[:-1], name])
            moves = {source: renamed if target == program else target for source, target in moves.items()}
            program = renamed
        runtime = Runtime(kind=runtime.kind, entry_point=program, paths=runtime.paths)
    place(unpacked, tree, moves)
    # Archives for several platforms may differ in their licence files, but their manifest may not.
    licenses = licenses_among(moves.values()) if platform == ANY_PLATFORM else ()
    return Derived(runtime=runtime, license_files=licenses)


def _target(name: str, files: Iterable[WrapFile]) -> str:
    """Return where `name` goes: as the last of `files` says that names it or a folder above it; empty: nowhere."""
    target = ""
    parts = name.split("/")
    for file in files:
        pattern = _plain(file.source).split("/")
        if len(pattern) > len(parts) or not _fits(parts, pattern):
            continue
        to = _plain(file.target)
        matched, rest = parts[len(pattern) - 1], parts[len(pattern) :]
        # Without wildcards a target is the new name; with them, or as ".", it is the folder for what was found.
        renamed = to and _WILDCARDS.isdisjoint(file.source)
        target = "/".join([*([to] if to else []), *([] if renamed else [matched]), *rest])
    return target


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    return all(fnmatchcase(part, wanted) for part, wanted in zip(parts, pattern, strict=False))


def _plain(path: str) -> str:
    """Return `path` without the parts that mean nothing."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))
