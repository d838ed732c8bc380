"""Finds what is wrong with a home, and puts right what can be put right from what is on the disk.

In: a home, its sources. Out: troubles with what to do about each. Receipts and generations are the truth; pointers are
made again from them, and a newest generation that cannot be read is made again from the receipts of what the pointers
name. It never downloads, and never invents what nobody wrote down.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.client import limits
from pluginry.client.dependencies import needs_of
from pluginry.client.integrity import damages
from pluginry.client.plugin_home import CURRENT_FILE, RECEIPT_FILE
from pluginry.encoding import documents
from pluginry.errors import DocumentError, NotFoundError, PluginryError, PolicyError
from pluginry.model.receipt import InstalledPlugin, Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.source_list import SourceList
    from pluginry.model.receipt import Generation

_PRIVATE = 0o077


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that is wrong at ``where``, in a sentence; ``fixable`` by `repair`, otherwise ``hint`` says how."""

    where: str
    says: str
    fixable: bool = False
    hint: str = ""


def examine(home: PluginHome, sources: SourceList, *, now: datetime) -> tuple[Trouble, ...]:
    """Return everything that is wrong, the generations first: on them depends what else can be said."""
    if not home.root.is_dir():
        return ()
    broken = list(_generations(home))
    if broken:
        return tuple(broken)
    return (*_pointers(home), *_plugins(home), *_leftovers(home), *_permissions(home), *_sources(home, sources, now))


def repair(home: PluginHome, *, now: datetime) -> Generation | None:
    """Put right what is fixable; return the generation that was made again, if one was.

    Raises:
        HomeLockedError: another process holds the home.

    """
    with home.locked(recovering=False):
        made = _generation_again(home, now) if any(_generations(home)) else None
        home.recover()
        home.root.chmod(0o700)
        return made


def _generation_again(home: PluginHome, now: datetime) -> Generation:
    """Set unreadable generations aside, and make a newest one from the receipts that the pointers name.

    A plugin that the newest readable one holds in the same version is as it was there. Others are disabled, and count
    as asked for in person: what was meant is not known any more.
    """
    for number in home.generations.numbers():
        try:
            home.generations.find(number)
        except PluginryError:
            home.generations.set_aside(number)
    known = {(one.id, one.sha256): one for one in home.installed().values()}
    found = (_receipt(path.parent / Path(_text(path)).name) for path in _pointer_files(home))
    plugins = (
        known.get((receipt.id, receipt.artifact.sha256)) or _as_received(receipt) for receipt in found if receipt
    )
    return home.generations.add(tuple(plugins), cause="made again from receipts", now=now)


def _as_received(receipt: Receipt) -> InstalledPlugin:
    return InstalledPlugin(
        id=receipt.id,
        version=receipt.version,
        sha256=receipt.artifact.sha256,
        requested=True,
        granted=tuple(sorted(permission.grant for permission in receipt.manifest.permissions)),
    )


def _pointer_files(home: PluginHome) -> list[Path]:
    return sorted((home.root / "plugins").glob(f"*/*/{CURRENT_FILE}"))


def _generations(home: PluginHome) -> Iterator[Trouble]:
    for number in home.generations.numbers():
        try:
            home.generations.find(number)
        except PluginryError as error:
            yield Trouble(
                where=f"generation {number}",
                says=f"it cannot be read: {error.what}",
                fixable=True,
                hint="it is set aside, and the newest is made again from receipts, with everything disabled",
            )


def _pointers(home: PluginHome) -> Iterator[Trouble]:
    wanted = {
        home.folder_of(one.id, one.version, one.sha256).parent / CURRENT_FILE: home.folder_of(
            one.id, one.version, one.sha256
        ).name
        for one in home.installed().values()
    }
    found = {path: _text(path) for path in _pointer_files(home)}
    for path in sorted(wanted.keys() | found.keys()):
        if wanted.get(path) != found.get(path):
            yield Trouble(
                where=str(path), says="the pointer does not say what the newest generation says", fixable=True
            )


def _plugins(home: PluginHome) -> Iterator[Trouble]:
    installed = home.installed()
    for plugin, one in sorted(installed.items()):
        found = damages(home, one)
        if found:
            yield Trouble(
                where=f"{plugin} {one.version}",
                says=f"{found[0].path} is {found[0].kind}" + (f", and {len(found) - 1} more" if found[1:] else ""),
                hint=f"pluginry install {one.wanted_again}",
            )
        for needed, versions in needs_of(one, home).items():
            if needed not in installed or installed[needed].version not in versions:
                yield Trouble(
                    where=f"{plugin} {one.version}",
                    says=f"it needs {needed} {versions}, which is not installed",
                    hint=f"pluginry install {needed}",
                )


def _leftovers(home: PluginHome) -> Iterator[Trouble]:
    for path in sorted((home.root / "staging").glob("*")):
        yield Trouble(where=str(path), says="an installation was broken off", fixable=True)


def _permissions(home: PluginHome) -> Iterator[Trouble]:
    if home.root.stat().st_mode & _PRIVATE:
        yield Trouble(where=str(home.root), says="other users of this machine can read or change it", fixable=True)


def _sources(home: PluginHome, sources: SourceList, now: datetime) -> Iterator[Trouble]:
    try:
        sources.check_clock()
        known = home.sources().sources
        home.policy()
        home.config()
    except (DocumentError, PolicyError) as error:
        says = f"{error.what}: {error.why}" if error.why else error.what
        hint = error.hint or ("mend the file by hand" if isinstance(error, DocumentError) else "")
        yield Trouble(where=error.where or str(home.root), says=says, hint=hint)
        return
    for source in sources.all() if known else ():
        try:
            index = source.index()
        except (PluginryError, OSError) as error:
            yield Trouble(where=source.config.name, says=str(error), hint="pluginry source refresh")
            continue
        if index.policy.publish_attestation == "required" and not source.can_verify():
            yield Trouble(
                where=source.config.name,
                says="it demands signatures, and this installation cannot check them",
                hint="install pluginry with the extra `verify`",
            )
        if (now - index.as_of).days > home.policy().warn_after_days:
            yield Trouble(
                where=source.config.name,
                says=f"nothing was heard of it since {index.as_of:%Y-%m-%d}",
                hint="pluginry source refresh",
            )


def _receipt(folder: Path) -> Receipt | None:
    try:
        return documents.decode(
            Receipt, (folder / RECEIPT_FILE).read_bytes(), what=str(folder), max_bytes=limits.DOCUMENTS[Receipt]
        )
    except (OSError, DocumentError, NotFoundError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
