"""Whether the files of an installed plugin are still those that were installed: every one is hashed again.

In: a folder, what should be in it. Out: every difference, in order of path. It never repairs anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.client.plugin_home import RECEIPT_FILE
from pluginry.errors import DocumentError, NotFoundError
from pluginry.model.digest import BlobRef, blob_ref_of_stream

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pluginry.client.plugin_home import PluginHome
    from pluginry.model.manifest import FileEntry
    from pluginry.model.receipt import InstalledPlugin


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A file of an installed plugin that is not what was installed: ``missing``, ``changed`` or ``added``."""

    path: str
    kind: str


def damages(home: PluginHome, installed: InstalledPlugin) -> tuple[Damage, ...]:
    """Return what is not as it was when a plugin was installed."""
    folder = home.folder_of(installed.id, installed.version, installed.sha256)
    try:
        receipt = home.receipt(installed)
    except NotFoundError:
        return (Damage(path=RECEIPT_FILE, kind="missing"),)
    except DocumentError:
        return (Damage(path=RECEIPT_FILE, kind="changed"),)
    if (receipt.id, receipt.version, receipt.artifact.sha256) != (installed.id, installed.version, installed.sha256):
        return (Damage(path=RECEIPT_FILE, kind="changed"),)
    return tuple(
        damage
        for damage in differences(folder, receipt.files)
        if not (damage.kind == "added" and (damage.path == RECEIPT_FILE or "__pycache__" in damage.path))
    )


def differences(folder: Path, files: Iterable[FileEntry]) -> tuple[Damage, ...]:
    """Return how the files below `folder` differ from `files`; a link counts as a file, and never as the right one."""
    expected = {entry.path: BlobRef(sha256=entry.sha256, size=entry.size) for entry in files}
    present = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    found = [Damage(path=path, kind="missing") for path in expected.keys() - present]
    found += [Damage(path=path, kind="added") for path in present - expected.keys()]
    found += [
        Damage(path=path, kind="changed")
        for path in expected.keys() & present
        if _content(folder / path) != expected[path]
    ]
    return tuple(sorted(found, key=lambda damage: damage.path))


def _content(path: Path) -> BlobRef | None:
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as stream:
        return blob_ref_of_stream(stream)
