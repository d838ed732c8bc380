"""From Markdown to HTML that may stand on a page of ours.

In: README files of strangers, and the documentation pages. Out: sanitised HTML. HTML inside the Markdown is
recognised and left out, pictures too (nothing is loaded from elsewhere; their words stay, as links), and so are
links that do not lead to https. What the parser writes is then held to an allow list by nh3, so that neither has
to be perfect.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

from pluginry.publisher.pages.words import external, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from nh3 import Cleaner

_BLOCKS = {"p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "blockquote", "hr", "br"}
_INLINE = {"strong", "em", "s", "code", "a"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_STRANGERS = "nofollow ugc noopener noreferrer"
_MAX_README_CHARS = 200_000
_HEADING_LEVELS = 6
_IDS_OF_THE_PAGE = frozenset({"content", "q", "announce", "on-this-page"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page of Markdown: its ``title`` (the first heading), first paragraph in plain text, the rest as HTML."""

    title: str
    lead: str
    html: Markup
    headings: tuple[tuple[str, str], ...]


def readme_html(text: str) -> Markup:
    """Return the README `text` of a stranger as HTML whose headings begin at level three."""
    tokens = _parser().parse(plain(text[:_MAX_README_CHARS]))
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        tokens = tokens[3:]  # the name of the plugin, which the page has said already
    _begin_headings(tokens, at=3)
    for token in _inline(tokens):
        token.children = _without_pictures(_pictures_as_links(token.children or []))
        _rewrite_links(token.children, external)
    return _sanitised(_parser(), _without_empty_paragraphs(tokens), _cleaner_of_readmes())


def document(text: str, *, link: Callable[[str], str]) -> Document:
    """Return a page of the documentation; `link` rewrites the address of each link."""
    parser = _parser()
    tokens = parser.parse(text)
    title = _plain_text(tokens[1]) if tokens and tokens[0].type == "heading_open" else ""
    body = tokens[3:] if title else tokens
    lead = _plain_text(body[1]) if body and body[0].type == "paragraph_open" else ""
    headings = tuple(_anchored(body))
    for token in _inline(body):
        token.children = _without_pictures(token.children or [])
        _rewrite_links(token.children, link)
    html = _sanitised(parser, body, _cleaner_of_docs())
    return Document(title=title, lead=lead, html=html, headings=headings)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # HTML is recognised only to be left out: unrecognised it would stand on the page as text.
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(["table", "strikethrough"])
    for kind in ("html_block", "html_inline"):
        parser.add_render_rule(kind, lambda *_arguments: "")
    return parser


@cache
def _cleaner_of_readmes() -> Cleaner:
    return _cleaner({"a": {"href"}}, rel=_STRANGERS)


@cache
def _cleaner_of_docs() -> Cleaner:
    return _cleaner({"a": {"href"}, "h2": {"id"}, "h3": {"id"}}, rel=None)


def _cleaner(attributes: dict[str, set[str]], *, rel: str | None) -> Cleaner:
    from nh3 import Cleaner

    tags = _BLOCKS | _INLINE | _TABLES
    return Cleaner(tags=tags, attributes=attributes, url_schemes={"https"}, link_rel=rel, strip_comments=True)


def _sanitised(parser: MarkdownIt, tokens: list[Token], cleaner: Cleaner) -> Markup:
    clean = cleaner.clean(parser.renderer.render(tokens, parser.options, {}))
    # Wide tables and code scroll by themselves, and what scrolls must be reachable by keyboard.
    clean = clean.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace("</table>", "</table></div>")
    return Markup(clean.replace("<pre>", '<pre tabindex="0">'))  # noqa: S704 - sanitised just above


def _inline(tokens: Iterable[Token]) -> list[Token]:
    return [token for token in tokens if token.type == "inline"]


def _begin_headings(tokens: Iterable[Token], *, at: int) -> None:
    """Move headings so that the highest are of level `at` and none skips a level below the one before."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    highest = min((int(token.tag[1]) for token in headings), default=at)
    level = at - 1
    for token in headings:
        if token.type == "heading_open":
            level = min(int(token.tag[1]) - highest + at, level + 1, _HEADING_LEVELS)
        token.tag = f"h{level}"


def _pictures_as_links(children: list[Token]) -> list[Token]:
    """Put the words for a picture in its place, leading to it; those within links, mostly badges, stay as they are."""
    from markdown_it.token import Token

    kept: list[Token] = []
    depth = 0
    for child in children:
        depth += child.nesting if child.type in {"link_open", "link_close"} else 0
        words = _words_for(child) if child.type == "image" and not depth else ""
        if words:
            address = str(child.attrGet("src") or "")
            kept.append(Token("link_open", "a", 1, attrs={"href": address}))
            kept.append(Token("text", "", 0, content=words))
            kept.append(Token("link_close", "a", -1))
        else:
            kept.append(child)
    return kept


def _words_for(picture: Token) -> str:
    parts = [part for part in picture.children or [] if part.type != "html_inline"]
    return " ".join("".join(" " if part.type == "softbreak" else part.content for part in parts).split())


def _without_pictures(children: list[Token]) -> list[Token]:
    """Leave out pictures, and links that hold nothing but pictures (the badges at the top of a README)."""
    kept: list[Token] = []
    opened = -1
    for child in children:
        if child.type == "image":
            continue
        if child.type == "link_open":
            opened = len(kept)
        if child.type == "link_close" and opened >= 0 and not _says_something(kept[opened + 1 :]):
            del kept[opened:]
            continue
        kept.append(child)
    return kept


def _says_something(tokens: Iterable[Token]) -> bool:
    return any(token.content.strip() for token in tokens if token.type in {"text", "code_inline"})


def _rewrite_links(children: list[Token], rewrite: Callable[[str], str]) -> None:
    """Give each link its new address; one without an address becomes its text."""
    dropped = False
    for child in children:
        if child.type == "link_open":
            address = rewrite(str(child.attrGet("href") or ""))
            child.attrs = {"href": address}
            dropped = not address
        elif child.type != "link_close":
            continue
        if dropped:
            child.type, child.tag, child.nesting, child.attrs = "text", "", 0, {}


def _without_empty_paragraphs(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    for token in tokens:
        if (
            token.type == "paragraph_close"
            and kept[-1].type == "inline"
            and not _says_something(kept[-1].children or [])
        ):
            del kept[-2:]
            continue
        kept.append(token)
    return kept


def _plain_text(token: Token) -> str:
    return "".join(child.content or " " for child in token.children or [])


def _anchored(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    """Give headings ids made of their words; yield id and text of those of level two."""
    taken = set(_IDS_OF_THE_PAGE)
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open" or opening.tag not in {"h2", "h3"}:
            continue
        text = _plain_text(inline)
        anchor = "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "section"
        while anchor in taken:
            anchor += "-again"
        taken.add(anchor)
        opening.attrs = {"id": anchor}
        if opening.tag == "h2":
            yield anchor, text
