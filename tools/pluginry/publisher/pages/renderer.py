"""From a template and what it shows to a page.

In: the shipped templates, the operator's, and what is the same on every page. Out: `PublishedObject`s. Everything that
a template writes is escaped, a name it does not know is an error, and characters that trick readers are left out.
The operator's files go before the shipped ones, so any template or asset can be replaced; they run in a sandbox.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pluginry.encoding.data_folder import data_folder
from pluginry.errors import DocumentError
from pluginry.model import layout
from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.model.site_settings import SiteSettings
from pluginry.publisher.pages import addresses, structured_data, words
from pluginry.publisher.pages.languages import ENGLISH
from pluginry.publisher.pages.sentences import install_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from jinja2 import Environment

    from pluginry.publisher.pages.languages import Language

_INCLUDED = re.compile(r"^<!-- include (hosting/[A-Za-z0-9-]+(?:\.[a-z]+)?) -->$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands on every page: the marketplace's ``name``, and which sigstore ``instance`` it signs with.

    ``logo`` is the key of the picture beside the name. ``pages`` are keys and titles of the operator's own pages,
    ``languages`` those that every page is there in, the default one first. ``address`` is where the
    marketplace lies, if that is known.
    """

    name: str
    summary: str
    instance: str
    logo: str = addresses.MARK
    settings: SiteSettings = field(default_factory=SiteSettings)
    pages: tuple[tuple[str, str], ...] = ()
    languages: tuple[Language, ...] = (ENGLISH,)
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What every page is made of, besides what it shows and the shipped templates."""

    frame: Frame
    overrides: Mapping[str, bytes]
    language: Language


class Renderer:
    """Renders pages in one language, with the shipped templates or those of `overrides` (content by path) instead."""

    def __init__(
        self, frame: Frame, overrides: Mapping[str, bytes] = MappingProxyType({}), language: Language = ENGLISH
    ) -> None:
        self.language = language
        self.made_of = Look(frame=frame, overrides=overrides, language=language)
        self._shipped = data_folder("site_templates")
        self._overrides = overrides
        self._environment = _environment(self._shipped, overrides, frame, language)

    def page(self, key: str, template: str, *, root: str = "", **context: Any) -> PublishedObject:
        """Return `template` rendered as the page with `key`, which is the same in every language.

        Addresses are relative to the page, unless `root` says where the marketplace begins: an error page is
        shown at addresses that are not its own.

        Raises:
            DocumentError: the template is wrong, or uses what it was not given.

        """
        from jinja2 import TemplateError

        place = self.language.key(key)

        def href(target: str, language: Language = self.language) -> str:
            return root + target if root else layout.relative_address(place, language.key(target))

        try:
            text = self._environment.get_template(template).render(
                href=href, root=root or layout.relative_address(place, ""), key=key, **context
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


def _environment(shipped: Path, overrides: Mapping[str, bytes], frame: Frame, language: Language) -> Environment:
    from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from pluginry.publisher.pages.around import install_around
    from pluginry.publisher.pages.compiled import compiled_for
    from pluginry.publisher.pages.template_code import TemplateCode

    own = {name: body.decode() for name, body in overrides.items() if name.endswith(".html")}
    kind = ImmutableSandboxedEnvironment if own else Environment
    environment = kind(
        loader=ChoiceLoader([DictLoader(own), FileSystemLoader(str(shipped))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=compiled_for(kind, language),
        extensions=["jinja2.ext.i18n"],
    )
    environment.code_generator_class = TemplateCode
    install_sentences(environment, language)
    install_around(environment, own, has_languages=len(frame.languages) > 1)
    environment.filters.update(
        {"day": language.day, "size": language.size, "external": words.external, "site_of": words.site_of}
    )
    environment.globals.update(
        {"frame": frame, "at": addresses, "layout": layout, "language": language, "structured": structured_data}
    )
    return environment


def _file(key: str, body: bytes) -> PublishedObject:
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)
