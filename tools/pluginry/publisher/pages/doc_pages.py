"""The documentation inside the catalogue, with the pages about schemas and that of all rules.

In: Markdown files named ``NN-slug.md`` (the number is their order), and the rules that checks declare. Out: pages.
Links between the files become links between the pages.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.markdown import Document, document
from pluginry.publisher.pages.schema_pages import schema_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.model.published import PublishedObject
    from pluginry.model.rule import Rule
    from pluginry.publisher.pages.edition import Edition
    from pluginry.publisher.pages.excerpts import Excerpt
    from pluginry.publisher.pages.languages import Language
    from pluginry.publisher.pages.renderer import Renderer

_FILE = re.compile(r"(?:[0-9]+-)?([a-z0-9-]+)\.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocPage:
    """A page of the documentation."""

    key: str
    document: Document


def doc_pages(edition: Edition, renderer: Renderer) -> Iterator[PublishedObject]:
    """Yield the table of contents, every page, and the page of all rules, but for what is known."""
    texts, rules, excerpt = tuple(renderer.docs()), edition.view.given.rules, edition.excerpts.of(())
    make = partial(_made, texts, rules, excerpt, renderer)
    yield from edition.reuse.objects(addresses.DOCS, (texts, rules, excerpt.made_of()), make, renderer.language.key)


def _made(
    texts: tuple[tuple[str, str], ...], rules: tuple[Rule, ...], excerpt: Excerpt, renderer: Renderer
) -> Iterator[PublishedObject]:
    view = excerpt.view
    pages = tuple(_pages(texts, renderer.language))
    yield renderer.page(addresses.DOCS, "docs.html", view=view, pages=pages, rules=rules, page=None)
    for page in pages:
        yield renderer.page(page.key, "doc.html", view=view, pages=pages, rules=rules, page=page)
    yield from schema_pages(renderer, view=view, pages=pages, rules=rules)
    if rules:
        families = [
            (family, tuple(some)) for family, some in groupby(sorted(rules, key=lambda r: r.id), key=_family_of)
        ]
        yield renderer.page(
            addresses.RULES, "rules.html", view=view, pages=pages, rules=rules, page=None, families=families
        )


def _pages(texts: Iterable[tuple[str, str]], language: Language) -> Iterator[DocPage]:
    for name, text in texts:
        match = _FILE.fullmatch(name)
        if match:
            key = addresses.doc_page(match[1])
            yield DocPage(key=key, document=document(text, link=partial(_linked, key, language)))


def _linked(key: str, language: Language, address: str) -> str:
    """Return where a link of a documentation page leads: to another page, a file of the marketplace, or outside."""
    if address.startswith(("https://", "#")):
        return address
    path, hash_sign, anchor = address.partition("#")
    match = _FILE.fullmatch(posixpath.basename(path))
    target = addresses.doc_page(match[1]) if match else path.removeprefix("/")
    return language.address(key, target) + hash_sign + anchor


def _family_of(rule: Rule) -> str:
    return rule.id.partition(".")[0]
