"""Disk to value: the folder ``registry/site/``, with which an operator makes the catalogue their own.

In: the registry's files. Out: `SiteFiles`, with findings about what has no place there. Whoever may change this folder
decides what every page says; templates are rendered in a sandbox, and see no more than pages show.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.model.layout import is_key
from pluginry.model.published import MEDIA_TYPES
from pluginry.model.site_settings import SiteFiles
from pluginry.publisher import registry_layout
from pluginry.publisher.registry_files import Children, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.publisher.registry_files import RegistryFiles

FOLDER: Final = "site"
LOGO_FILE: Final = f"{FOLDER}/logo.png"
LOCALES: Final = f"{FOLDER}/locales"
_PAGES, _TEMPLATES = f"{FOLDER}/pages", f"{FOLDER}/templates"
_PAGE = re.compile(r"(?:[0-9]{1,4}-)?[a-z0-9][a-z0-9-]{0,60}\.md\Z")
_LOCALE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?\.po\Z")
_DEPTH = 4
_MAX_TEMPLATE_BYTES: Final = 1 << 20
_KINDS = (*MEDIA_TYPES, ".md")


def read_site(files: RegistryFiles) -> SiteFiles:
    """Return what lies in ``site/``."""
    there = files.children(FOLDER)
    files.refuse_others(FOLDER, there, Children(folders=("locales", "pages", "templates"), files=("logo.png",)))
    logo = None
    if "logo.png" in there.files:
        logo = files.read(LOGO_FILE, max_bytes=registry_layout.MAX_PICTURE_BYTES)
    return SiteFiles(
        logo=logo,
        pages=_pages(files),
        templates=MappingProxyType(dict(_templates(files, _TEMPLATES))),
        locales=MappingProxyType(dict(_locales(files))),
    )


def _locales(files: RegistryFiles) -> Iterator[tuple[str, bytes]]:
    """Yield the language and content of every catalogue of translations; `rules/languages.py` looks into them."""
    there = files.children(LOCALES)
    good = tuple(name for name in there.files if _LOCALE.match(name))
    files.refuse_others(LOCALES, there, Children(files=good))
    for name in good:
        body = files.read(joined(LOCALES, name), max_bytes=_MAX_TEMPLATE_BYTES)
        if body is not None:
            yield name.removesuffix(".po"), body


def _pages(files: RegistryFiles) -> Mapping[str, str]:
    there = files.children(_PAGES)
    good = tuple(name for name in there.files if _PAGE.match(name))
    files.refuse_others(_PAGES, there, Children(files=good))
    read = {name: files.read_text(joined(_PAGES, name), max_bytes=registry_layout.MAX_README_BYTES) for name in good}
    return MappingProxyType({name: text for name, text in read.items() if text is not None})


def _templates(files: RegistryFiles, folder: str, depth: int = _DEPTH) -> Iterator[tuple[str, bytes]]:
    """Yield path, relative to the folder of templates, and content of every file that could stand for a shipped one."""
    there = files.children(folder)
    good = Children(
        folders=tuple(name for name in there.folders if depth and _is_shown(name)),
        files=tuple(name for name in there.files if _is_shown(name) and name.endswith(_KINDS)),
    )
    files.refuse_others(folder, there, good)
    for name in good.files:
        path = joined(folder, name)
        text = path.endswith((".html", ".md"))
        body = files.read(path, max_bytes=_MAX_TEMPLATE_BYTES)
        if body is not None and not (text and files.read_text(path, max_bytes=_MAX_TEMPLATE_BYTES) is None):
            yield path.removeprefix(f"{_TEMPLATES}/"), body
    for name in good.folders:
        yield from _templates(files, joined(folder, name), depth - 1)


def _is_shown(name: str) -> bool:
    return is_key(name) and not name.startswith(".")
