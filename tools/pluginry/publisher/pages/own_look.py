"""What the operator brings to the catalogue: logo, accent, pages of their own, and the frame that mentions them.

In: the registry. Out: the `Frame` of every page, and the objects that only such a marketplace has.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.publisher.pages import addresses, colours, pictures
from pluginry.publisher.pages.languages import ENGLISH
from pluginry.publisher.pages.markdown import document
from pluginry.publisher.pages.renderer import Frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.registry import Registry
    from pluginry.publisher.pages.languages import Language
    from pluginry.publisher.pages.markdown import Document
    from pluginry.publisher.pages.renderer import Renderer
    from pluginry.publisher.pages.view import CatalogueView

_ORDER = re.compile(r"\A[0-9]+-")


def frame_of(registry: Registry, instance: str, languages: tuple[Language, ...] = (ENGLISH,)) -> Frame:
    """Return what stands on every page of the marketplace, which signs with the sigstore `instance`."""
    own = _pages(registry)
    return Frame(
        name=registry.config.name,
        summary=registry.config.summary,
        instance=instance,
        logo=addresses.LOGO if registry.site.logo and pictures.icon(registry.site.logo) else addresses.MARK,
        settings=registry.config.site,
        pages=tuple((key, page.title or key.split("/")[1]) for key, page in own),
        languages=languages,
        address=registry.config.base_url.rstrip("/"),
    )


def own_files(registry: Registry) -> Iterator[PublishedObject]:
    """Yield the logo and the style sheet with the accent, as far as there are any."""
    logo = pictures.icon(registry.site.logo) if registry.site.logo else None
    if logo:
        yield _file(addresses.LOGO, logo.body)
    if registry.config.site.accent:
        yield _file(addresses.ACCENT_STYLE, colours.style_of(registry.config.site.accent).encode())


def own_pages(view: CatalogueView, renderer: Renderer) -> Iterator[PublishedObject]:
    """Yield the operator's pages."""
    for key, page in _pages(view.given.registry, renderer.language):
        yield renderer.page(key, "page.html", view=view, page=page)


def _pages(registry: Registry, language: Language = ENGLISH) -> list[tuple[str, Document]]:
    pages = {}
    for name, text in sorted(registry.site.pages.items()):
        key = addresses.extra_page(slug_of(name))
        pages[key] = document(text, link=partial(_linked, key, language))
    return list(pages.items())


def slug_of(name: str) -> str:
    """Return how the page in the file `name` is called in addresses: the number before it is only its order."""
    return _ORDER.sub("", name.removesuffix(".md")) or name.removesuffix(".md")


def _linked(key: str, language: Language, address: str) -> str:
    """Return where a link leads: outside, to a heading, to another page of the operator's, or a file from the root."""
    if address.startswith(("https://", "#")):
        return address
    path, hash_sign, anchor = address.partition("#")
    target = addresses.extra_page(slug_of(path)) if path.endswith(".md") and "/" not in path else path.lstrip("/")
    return language.address(key, target) + hash_sign + anchor


def _file(key: str, body: bytes) -> PublishedObject:
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)
