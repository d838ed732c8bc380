"""The settings of a home: TOML files in which people say what it is for, where from, and what is allowed.

In: the home's folder, the kind of settings. Out: their values, defaults where nothing was ever written. It never
guesses: a file that cannot be read is an error, for settings that are ignored protect nobody.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pluginry.encoding import documents
from pluginry.encoding.quoting import quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.encoding.whole_file import write_whole
from pluginry.errors import DocumentError
from pluginry.model.access import Access
from pluginry.model.home import HomeConfig
from pluginry.model.receipt import ClientPolicy, SourceConfig, Sources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_T = TypeVar("_T", HomeConfig, ClientPolicy, Sources)
SETTINGS_FILES: Mapping[type, str] = MappingProxyType(
    {HomeConfig: "home.toml", ClientPolicy: "policy.toml", Sources: "sources.toml"}
)


def read_settings(kind: type[_T], root: Path) -> _T:
    """Return the settings of a kind in the home at `root`.

    Raises:
        DocumentError: the file is not TOML, or says something that nobody can mean.

    """
    path = root / SETTINGS_FILES[kind]
    plain = _table(kind, path)
    entries: Any = plain.get("sources") if kind is Sources else None
    for one in entries if isinstance(entries, list) else ():
        source = one if isinstance(one, dict) else {}
        refuse_unknown(SourceConfig, source, str(path))
        access = source.get("access")
        refuse_unknown(Access, access if isinstance(access, dict) else {}, str(path))
    return documents.construct(kind, plain, what=str(path))


def read_policy(root: Path, machine: Path | None) -> ClientPolicy:
    """Return the policy of the home at `root`, as far as the file `machine`, which goes before it, is silent.

    Raises:
        DocumentError: one of the files is not TOML, or says something that nobody can mean.

    """
    own = read_settings(ClientPolicy, root)
    if machine is None:
        return own
    ordered = _table(ClientPolicy, machine)
    if not ordered:
        return own
    documents.construct(ClientPolicy, ordered, what=str(machine))
    return documents.construct(ClientPolicy, {**documents.to_plain(own), **ordered}, what=str(machine))


def _table(kind: type, path: Path) -> dict[str, Any]:
    """Return what a file of settings says, nothing when there is none; its format and every key of it are known."""
    try:
        plain: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DocumentError("this is not TOML", where=str(path), why=str(error)) from error
    if plain.get("schema", 1) != 1:
        hint = "it begins with `schema = 1`; files of other formats need another version of pluginry"
        raise DocumentError("this is not a file of format 1", where=str(path), hint=hint)
    refuse_unknown(kind, plain, str(path))
    return plain


def write_settings(settings: HomeConfig | ClientPolicy | Sources, root: Path) -> None:
    """Replace the settings of a kind in the home at `root`."""
    import tomli_w

    write_whole(root / SETTINGS_FILES[type(settings)], tomli_w.dumps(documents.to_plain(settings)).encode())


def refuse_unknown(kind: type, table: dict[str, Any], where: str) -> None:
    """Refuse a key that means nothing: who mistyped a rule believes that it is kept."""
    known = [field.name for field in fields(kind)]
    for key in table.keys() - set(known):
        raise DocumentError(f"{quoted(key)} is no setting", where=where, hint=did_you_mean(key, known))
