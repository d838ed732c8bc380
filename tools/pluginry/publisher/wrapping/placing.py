"""Moves unpacked files to where a package has them, and finds the licences among them.

In: folders of ours, names that may be hostile. Out: moved files. Never overwrites a file, never leaves the tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.encoding.member_names import TakenNames, check_package_name
from pluginry.model.manifest import FILES_FILE, MANIFEST_FILE, EntryPoint, Environment, Runtime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_LICENSE = re.compile(r"(?:licen[cs]e|copying|copyright|notice|unlicense)(?:[._-].*)?", re.IGNORECASE)
_MAX_LICENSE_FILES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What a foreign archive says of itself, as far as a manifest can hold it."""

    runtime: Runtime
    entry_points: Mapping[str, tuple[EntryPoint, ...]] = field(default_factory=lambda: MappingProxyType({}))
    environment: Environment = field(default_factory=Environment)
    license_files: tuple[str, ...] = ()


def place(unpacked: Path, tree: Path, moves: Mapping[str, str]) -> None:
    """Move files from below `unpacked` to below the new folder `tree`; `moves` goes from name to name.

    Raises:
        ArchiveError: an unsafe name, or two files of one name.
    """
    names = TakenNames()
    for reserved in (MANIFEST_FILE, FILES_FILE):
        names.add(reserved, is_directory=False)
    tree.mkdir()
    for source, target in sorted(moves.items(), key=lambda move: move[1]):
        check_package_name(target)
        names.add(target, is_directory=False)
        path = tree / target
        path.parent.mkdir(parents=True, exist_ok=True)
        (unpacked / source).rename(path)


def licenses_among(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of `names` whose last part is what licence texts are called."""
    found = sorted(name for name in names if _LICENSE.fullmatch(name.rpartition("/")[2]))
    return tuple(found[:_MAX_LICENSE_FILES])
