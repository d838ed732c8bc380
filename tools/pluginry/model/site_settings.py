"""How an operator makes the catalogue their own: settings in ``registry.yaml``, files in ``registry/site/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pluginry.model.names import PluginId


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLink:
    """A link in the header or footer: words, and an https address."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accent:
    """The colour of links and buttons, ``#rrggbb``, in both themes."""

    light: str
    dark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Plugins that go together, chosen by the operator."""

    id: str
    title: str
    plugins: tuple[PluginId, ...]
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """The part ``site`` of ``registry.yaml``; ``featured`` plugins stand first on the front page.

    Pages are there in each of the ``languages``; those in the first one lie at the usual addresses. With ``full_text``
    the search box finds words of READMEs too, and with ``social_cards`` each plugin has a picture of its own that other
    sites show beside links to it.
    """

    accent: Accent | None = None
    header: tuple[SiteLink, ...] = ()
    footer: tuple[SiteLink, ...] = ()
    footer_text: str = ""
    featured: tuple[PluginId, ...] = ()
    collections: tuple[Collection, ...] = ()
    languages: tuple[str, ...] = ("en",)
    full_text: bool = False
    social_cards: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFiles:
    """``registry/site/``: a logo (PNG), pages in Markdown by file name, and templates and assets by path.

    ``locales`` are catalogues of translations (gettext) by language. ``templates`` take the place of the shipped files
    of the same path, such as ``footer.html`` or ``assets/mark.svg``.
    """

    logo: bytes | None = None
    pages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    templates: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    locales: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
