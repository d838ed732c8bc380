"""Throws away what nobody can go back to any more: old versions, old fetched objects, and what a kill left behind.

In: a home, how many generations back somebody may want to go. Out: what goes, as paths and bytes, and then its removal.
It keeps everything that a kept generation names, and never touches what plugins wrote.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from pathlib import Path

    from pluginry.client.plugin_home import PluginHome


@dataclass(frozen=True, slots=True, kw_only=True)
class Waste:
    """Files or folders that may go, with the bytes that this frees."""

    path: Path
    size: int


def waste(home: PluginHome, *, generations: int, unused_for: timedelta, now: datetime) -> tuple[Waste, ...]:
    """Return what may go: versions in none of the newest `generations` nor staged, and objects not read for so long.

    Fetched objects are only a cache: whatever is missing is fetched again.
    """
    staged = home.generations.staged()
    wanted = [home.generations.find(number) for number in home.generations.numbers()[-generations:]]
    kept = {
        home.folder_of(one.id, one.version, one.sha256)
        for generation in (*wanted, *([staged] if staged else []))
        for one in generation.plugins
    }
    versions = (folder for folder in (home.root / "plugins").glob("*/*/*") if folder.is_dir() and folder not in kept)
    oldest = (now - unused_for).timestamp()
    objects = (path for path in (home.root / "sources").glob("*/cache/*/*") if _last_use(path) < oldest)
    found = sorted((*versions, *objects))
    return tuple(Waste(path=path, size=sum(_sizes(path))) for path in found)


def prune(home: PluginHome, *, generations: int, unused_for: timedelta, now: datetime) -> tuple[Waste, ...]:
    """Remove what `waste` finds, and the generations that nobody can go back to; return what went.

    Raises:
        HomeLockedError: another process holds the home.

    """
    with home.locked():
        found = waste(home, generations=generations, unused_for=unused_for, now=now)
        for number in home.generations.numbers()[:-generations]:
            home.generations.forget(number)
        for one in found:
            if one.path.is_dir():
                shutil.rmtree(one.path)
            else:
                one.path.unlink(missing_ok=True)
        return found


def _last_use(path: Path) -> float:
    try:
        known = path.stat()
    except OSError:
        return float("inf")
    return max(known.st_atime, known.st_mtime)


def _sizes(path: Path) -> Iterator[int]:
    files = path.rglob("*") if path.is_dir() else (path,)
    for file in files:
        if file.is_file() and not file.is_symlink():
            yield file.stat().st_size
