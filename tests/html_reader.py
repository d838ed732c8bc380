"""Reads pages as strictly as a validator would, with nothing but the standard library."""

from __future__ import annotations

import posixpath
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
NOT_IN_PARAGRAPHS = frozenset(
    {"article", "aside", "blockquote", "details", "div", "dl", "figure", "footer", "form", "header", "hr", "main"}
    | {"nav", "ol", "p", "pre", "section", "table", "ul", "h1", "h2", "h3", "h4", "h5", "h6"}
)
INLINE = frozenset({"a", "bdi", "code", "em", "kbd", "q", "s", "span", "strong", "time"})
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
ADDRESS_ATTRIBUTES = ("href", "src", "action", "poster", "data", "formaction", "xlink:href")


@dataclass(slots=True)
class Element:
    """An element in the order of its start tag; ``inside`` are the tags around it, outermost first.

    Its text is what of the ``words`` of the page lies between its start and its ``end``.
    """

    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]
    words: list[str]
    start: int
    end: int | None = None

    @property
    def text(self) -> str:
        """What is written in it and in the elements within it."""
        return "".join(self.words[self.start : self.end])


@dataclass(slots=True)
class ReadPage:
    """A page: its elements, and everything that is wrong with how it is written."""

    elements: list[Element] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        """Return the elements called `tag`."""
        return [element for element in self.elements if element.tag == tag]

    @property
    def ids(self) -> list[str]:
        """Every id, in order."""
        return [element.attributes["id"] for element in self.elements if "id" in element.attributes]

    def addresses(self) -> Iterator[tuple[Element, str]]:
        """Yield every address on the page with the element it stands in."""
        for element in self.elements:
            for name in ADDRESS_ATTRIBUTES:
                if name in element.attributes:
                    yield element, element.attributes[name]
            for candidate in element.attributes.get("srcset", "").split(","):
                if candidate.strip():
                    yield element, candidate.split()[0]


def read_page(body: bytes) -> ReadPage:
    """Return the page that `body` is."""
    reader = _Reader()
    reader.feed(body.decode())
    reader.close()
    page = reader.page
    page.errors.extend(f"<{element.tag}> is never closed" for element in reader.open)
    page.errors.extend(_document_errors(page))
    page.errors.extend(_heading_errors(page))
    return page


def words_of(page: ReadPage, tag: str = "main") -> str:
    """Return the text in the only `tag` of `page`, with single spaces."""
    return " ".join(page.all(tag)[0].text.split())


def target_of(key: str, address: str) -> tuple[str, str]:
    """Return key and fragment that `address` on the page `key` leads to; the key is empty for other places."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return "", ""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(key), parts.path)) if parts.path else key
    return path, parts.fragment


def _document_errors(page: ReadPage) -> Iterator[str]:
    if page.elements[0].tag != "html" or not page.elements[0].attributes.get("lang"):
        yield "the page does not say its language"
    for tag in ("h1", "main", "title"):
        if len(page.all(tag)) != 1:
            yield f"the page has {len(page.all(tag))} <{tag}>"
    ids = Counter(page.ids)
    yield from (f"the id {name!r} comes twice" for name, times in sorted(ids.items()) if times > 1)
    for element in page.elements:
        if element.tag == "img" and "alt" not in element.attributes:
            yield f"a picture without alt: {element.attributes.get('src')}"
        for name in ("aria-labelledby", "aria-controls", "for"):
            for wanted in element.attributes.get(name, "").split():
                if wanted not in ids:
                    yield f"{name} names {wanted!r}, which is not there"


def _heading_errors(page: ReadPage) -> Iterator[str]:
    levels = [HEADINGS.index(element.tag) for element in page.elements if element.tag in HEADINGS]
    for above, below in pairwise(levels):
        if below - above > 1:
            yield f"<h{below + 1}> comes after <h{above + 1}>"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = ReadPage()
        self.open: list[Element] = []
        self.words: list[str] = []

    def updatepos(self, i: int, j: int) -> int:  # noqa: ARG002 - as it is in the standard library
        """Count no lines, for nobody asks which one it is."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begin(tag, attrs)
        if tag in VOID:
            self._end()
            self._space_after(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begin(tag, attrs)
        self._end()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].tag != tag:
            self.page.errors.append(f"</{tag}> closes {self.open[-1].tag if self.open else 'nothing'}")
            return
        self._end()
        self._space_after(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def _space_after(self, tag: str) -> None:
        """Blocks end words, as they do for readers."""
        if tag not in INLINE:
            self.words.append(" ")

    def _begin(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        around = self.open[-1] if self.open else None
        inside = (*around.inside, around.tag) if around else ()
        attributes = {name: value or "" for name, value in attrs}
        if len(attrs) != len(attributes):
            self.page.errors.append(f"<{tag}> has an attribute twice: {[name for name, _ in attrs]}")
        if "p" in inside and tag in NOT_IN_PARAGRAPHS:
            self.page.errors.append(f"<{tag}> inside <p>")
        if tag in {"a", "button"} and not {"a", "button"}.isdisjoint(inside):
            self.page.errors.append(f"<{tag}> inside a link or button")
        element = Element(tag, attributes, inside, self.words, len(self.words))
        self.page.elements.append(element)
        self.open.append(element)

    def _end(self) -> None:
        self.open.pop().end = len(self.words)
