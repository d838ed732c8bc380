"""Reads and writes ``plugins.toml`` and ``plugins.lock``, the two files that belong into somebody's git.

In: a folder. Out: an `Intent` and a `Lock`. What it reads is strict: a key that means nothing is refused, for whoever
mistyped a wish believes that it is kept.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from pluginry.client.settings import refuse_unknown
from pluginry.encoding import documents
from pluginry.encoding.whole_file import write_whole
from pluginry.errors import DocumentError, NotFoundError
from pluginry.model.channel import Channel
from pluginry.model.intent import IntendedPlugin, Intent, Lock, LockedPlugin
from pluginry.model.names import PluginId
from pluginry.model.receipt import SourceConfig
from pluginry.model.versions import EVERY_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

INTENT_FILE, LOCK_FILE = "plugins.toml", "plugins.lock"
_LOCK_HEAD = b"# Written by pluginry: the exact answer to plugins.toml. Review it, and do not edit it.\n"


def read_intent(folder: Path) -> Intent:
    """Return what `folder` wants installed.

    Raises:
        NotFoundError: it has no ``plugins.toml``.
        DocumentError: the file says something that cannot be meant.

    """
    path = folder / INTENT_FILE
    plain = _read(path)
    if plain is None:
        raise NotFoundError("there is no plugins.toml", where=str(path), hint="write one with `pluginry export`")
    refuse_unknown(Intent, plain, str(path))
    wishes = _table(plain, "plugins", path)
    return Intent(
        schema=_version_of(plain, path),
        sources=tuple(_source(one, path) for one in _tables(plain, "sources", path)),
        plugins={_id(name, path): _wish(name, said, path) for name, said in sorted(wishes.items())},
    )


def read_lock(folder: Path) -> Lock | None:
    """Return the answer that was written down in `folder`; None when none was.

    Raises:
        DocumentError: the file is not such an answer.

    """
    path = folder / LOCK_FILE
    plain = _read(path)
    if plain is None:
        return None
    refuse_unknown(Lock, plain, str(path))
    for one in _tables(plain, "plugins", path):
        refuse_unknown(LockedPlugin, one, str(path))
    _version_of(plain, path)
    return documents.construct(Lock, plain, what=str(path))


def write_intent(intent: Intent, folder: Path) -> None:
    """Write ``plugins.toml`` anew."""
    import tomli_w

    plain: dict[str, Any] = {"schema": intent.schema}
    if intent.sources:
        plain["sources"] = [documents.to_plain(source) for source in intent.sources]
    plain["plugins"] = {str(plugin): _said(wish) for plugin, wish in sorted(intent.plugins.items())}
    write_whole(folder / INTENT_FILE, tomli_w.dumps(plain).encode())


def write_lock(lock: Lock, folder: Path) -> None:
    """Write ``plugins.lock`` anew; the same answer is the same bytes."""
    import tomli_w

    ordered = Lock(plugins=tuple(sorted(lock.plugins, key=lambda locked: locked.id)))
    write_whole(folder / LOCK_FILE, _LOCK_HEAD + tomli_w.dumps(documents.to_plain(ordered)).encode())


def _id(text: str, path: Path) -> PluginId:
    try:
        return PluginId.parse(text)
    except DocumentError as error:
        raise DocumentError(error.what, where=str(path), why=error.why, hint=error.hint) from error


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DocumentError("this is not TOML", where=str(path), why=str(error)) from error


def _version_of(plain: Mapping[str, Any], path: Path) -> int:
    if plain.get("schema") != 1:
        raise DocumentError("this is not a file of format 1", where=str(path), hint="it begins with `schema = 1`")
    return 1


def _table(plain: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    found = plain.get(key, {})
    if not isinstance(found, dict):
        raise DocumentError(f"{key} is not a table", where=str(path), hint=f"write [{key}]")
    return found


def _tables(plain: Mapping[str, Any], key: str, path: Path) -> Iterable[dict[str, Any]]:
    found = plain.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise DocumentError(f"{key} is not a list of tables", where=str(path), hint=f"write [[{key}]]")
    return found


def _source(plain: dict[str, Any], path: Path) -> SourceConfig:
    refuse_unknown(SourceConfig, plain, str(path))
    return documents.construct(SourceConfig, plain, what=str(path))


def _wish(name: str, said: object, path: Path) -> IntendedPlugin:
    """Return a wish, written as a range or as a table."""
    if isinstance(said, str):
        said = {"version": said}
    if not isinstance(said, dict):
        raise DocumentError(f"the wish for {name} is neither a range nor a table", where=str(path))
    plain = dict(said)
    if "version" in plain:
        plain["versions"] = plain.pop("version")
    known = {field.name for field in fields(IntendedPlugin)}
    refuse_unknown(IntendedPlugin, {key: plain[key] for key in plain if key not in known}, f"{path} [{name}]")
    return documents.construct(IntendedPlugin, plain, what=f"{path} [{name}]")


def _said(wish: IntendedPlugin) -> str | dict[str, Any]:
    """Return how a wish is written: as short as it can be."""
    if wish == IntendedPlugin(versions=wish.versions):
        return str(wish.versions)
    said: dict[str, Any] = {} if wish.versions == EVERY_VERSION else {"version": str(wish.versions)}
    if wish.channel is not Channel.STABLE:
        said["channel"] = str(wish.channel)
    return said | ({"enabled": True} if wish.enabled else {})
