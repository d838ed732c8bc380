"""From a template and what it shows to a page.

In: the shipped templates, the operator's, and what is the same on every page. Out: `PublishedObject`s. Everything that
a template writes is escaped, a name it does not know is an error, and characters that trick readers are left out.
The operator's files go before the shipped ones, so any template or asset can be replaced; they run in a sandbox.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from gettext import NullTranslations
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pluginry.encoding.data_folder import data_folder
from pluginry.errors import DocumentError
from pluginry.model import layout
from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.model.site_settings import SiteSettings
from pluginry.publisher.pages import addresses, words
from pluginry.publisher.pages.sentences import install_sentences, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from jinja2 import Environment

_INCLUDED = re.compile(r"^<!-- include (hosting/[A-Za-z0-9-]+(?:\.[a-z]+)?) -->$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands on every page: the marketplace's ``name``, and which sigstore ``instance`` it signs with.

    ``logo`` is the key of the picture beside the name. ``pages`` are keys and titles of the operator's own pages.
    """

    name: str
    summary: str
    instance: str
    logo: str = addresses.MARK
    settings: SiteSettings = field(default_factory=SiteSettings)
    pages: tuple[tuple[str, str], ...] = ()


class Renderer:
    """Renders pages with the shipped templates, or those of `overrides` (content by path) where it has them."""

    def __init__(self, frame: Frame, overrides: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self._shipped = data_folder("site_templates")
        self._overrides = overrides
        self._environment = _environment(self._shipped, overrides, frame)

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
        """Yield style, scripts, mark, and whatever else the operator has in ``assets``."""
        shipped = (path for path in (self._shipped / "assets").rglob("*") if path.is_file())
        keys = {path.relative_to(self._shipped).as_posix() for path in shipped}
        for key in sorted(keys | {key for key in self._overrides if key.startswith("assets/")}):
            yield _file(key, self._read(key))

    def docs(self) -> Iterator[tuple[str, str]]:
        """Yield name and text of each page of the documentation, in order of their names.

        A line ``<!-- include hosting/NAME -->`` stands for the text of that file, shown as code.

        Raises:
            DocumentError: there is no such file.

        """
        names = {path.name for path in (self._shipped / "docs").glob("*.md")}
        names |= {key.removeprefix("docs/") for key in self._overrides if key.startswith("docs/")}
        for name in sorted(names):
            text = self._read(f"docs/{name}").decode()
            yield name, _INCLUDED.sub(lambda line: f"```\n{self._read(line[1]).decode()}```", text)

    def _read(self, file: str) -> bytes:
        if file in self._overrides:
            return self._overrides[file]
        try:
            return (self._shipped / file).read_bytes()
        except FileNotFoundError as error:
            raise DocumentError("a page of the documentation includes a file that is not there", where=file) from error


def _environment(shipped: Path, overrides: Mapping[str, bytes], frame: Frame) -> Environment:
    from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    own = {name: body.decode() for name, body in overrides.items() if name.endswith(".html")}
    kind = ImmutableSandboxedEnvironment if own else Environment
    environment = kind(
        loader=ChoiceLoader([DictLoader(own), FileSystemLoader(str(shipped))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=readable,
        extensions=["jinja2.ext.i18n"],
    )
    install_sentences(environment, NullTranslations())
    environment.filters.update(
        {"day": words.day, "size": words.size, "external": words.external, "site_of": words.site_of}
    )
    environment.globals.update({"frame": frame, "at": addresses, "layout": layout, "plural": words.plural})
    return environment


def _file(key: str, body: bytes) -> PublishedObject:
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)
