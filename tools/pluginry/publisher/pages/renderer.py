"""From a template and what it shows to a page.

In: template folders, and what is the same on every page. Out: `PublishedObject`s. Everything that a template
writes is escaped, a name it does not know is an error, and characters that trick readers are left out.
An operator's own folder is searched before the shipped one, so any template or asset can be replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pluginry.encoding.data_folder import data_folder
from pluginry.errors import DocumentError
from pluginry.model import layout
from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.publisher.pages import addresses, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jinja2 import Environment

_INCLUDED = re.compile(r"^<!-- include (hosting/[A-Za-z0-9-]+(?:\.[a-z]+)?) -->$", re.MULTILINE)
ASSETS = (addresses.STYLE, addresses.SCRIPT, addresses.RANKING_SCRIPT, addresses.THEME_SCRIPT, addresses.MARK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands on every page: the marketplace's ``name``, and which sigstore ``instance`` it signs with."""

    name: str
    summary: str
    instance: str


class Renderer:
    """Renders pages with the shipped templates, or those of `overrides` where it has them."""

    def __init__(self, frame: Frame, overrides: Path | None = None) -> None:
        shipped = data_folder("site_templates")
        self._folders = (overrides, shipped) if overrides else (shipped,)
        self._environment = _environment(self._folders, frame)

    def page(self, key: str, template: str, *, root: str = "", **context: Any) -> PublishedObject:
        """Return `template` rendered as the page with `key`.

        Addresses are relative to the page, unless `root` says where the marketplace begins: an error page is
        shown at addresses that are not its own.

        Raises:
            DocumentError: the template is wrong, or uses what it was not given.

        """
        from jinja2 import TemplateError

        def href(target: str) -> str:
            return root + target if root else layout.relative_address(key, target)

        try:
            text = self._environment.get_template(template).render(
                href=href, root=root or layout.relative_address(key, ""), key=key, **context
            )
        except TemplateError as error:
            raise DocumentError("this template cannot be rendered", where=template, why=str(error)) from error
        return _file(key, text.encode())

    def assets(self) -> Iterator[PublishedObject]:
        """Yield style, scripts and mark."""
        for key in ASSETS:
            yield _file(key, next((folder / key).read_bytes() for folder in self._folders if (folder / key).is_file()))

    def docs(self) -> Iterator[tuple[str, str]]:
        """Yield name and text of each page of the documentation, in order of their names.

        A line ``<!-- include hosting/NAME -->`` stands for the text of that file, shown as code.

        Raises:
            DocumentError: there is no such file.

        """
        pages = {path.name: path for folder in reversed(self._folders) for path in (folder / "docs").glob("*.md")}
        for name, path in sorted(pages.items()):
            yield name, _INCLUDED.sub(lambda line: f"```\n{self._text_of(line[1])}```", path.read_text("utf-8"))

    def _text_of(self, file: str) -> str:
        for folder in self._folders:
            if (folder / file).is_file():
                return (folder / file).read_text("utf-8")
        raise DocumentError("a page of the documentation includes a file that is not there", where=file)


def _environment(folders: tuple[Path, ...], frame: Frame) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_readable,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # comes with the extension
    environment.filters.update(
        {"day": words.day, "size": words.size, "external": words.external, "site_of": words.site_of}
    )
    environment.globals.update({"frame": frame, "at": addresses, "layout": layout, "plural": words.plural})
    return environment


def _file(key: str, body: bytes) -> PublishedObject:
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)


def _readable(value: object) -> object:
    return words.plain(value) if type(value) is str else value
