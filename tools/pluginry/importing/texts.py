"""Texts and addresses of other registries in the shape that listings ask for.

In: whatever their authors wrote. Out: one clean line, tags, https addresses, Markdown; empty when nothing is left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from pluginry.errors import DocumentError
from pluginry.model.names import Name

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_SUMMARY: Final = 80
MAX_README_BYTES: Final = 200 << 10
_MAX_TAGS, _MAX_TAG, _MAX_NAME = 12, 30, 40
_URL = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[!-~]*)?")
_MAX_URL = 2000
_FORGES = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org")
_SHORTHAND = re.compile(r"(?:github:)?(?P<path>[A-Za-z0-9._-]+/[A-Za-z0-9._-]+)")
_REMOTE = re.compile(r"(?:(?:git\+)?(?:https?|git|ssh)://(?:git@)?|git@)(?P<host>[A-Za-z0-9.-]+)[/:](?P<path>.+)")
# Bounded repetitions, so that hostile text costs linear time.
_LABEL, _LINK = r"\[[^\[\]\n]{0,300}\]", r"\([^()\n]{0,500}(?:\([^()\n]{0,100}\)[^()\n]{0,100})?\)"
_PICTURE = rf"!{_LABEL}(?:{_LINK}|{_LABEL})"
_LINKED_PICTURE = rf"\[\s{{0,9}}{_PICTURE}\s{{0,9}}\](?:{_LINK}|{_LABEL})"
_PICTURES = re.compile(rf"{_LINKED_PICTURE}|{_PICTURE}|<img\b[^<>]{{0,1000}}>", re.IGNORECASE)
_EMPTY_LINK = re.compile(rf"\[\s{{0,9}}\]{_LINK}")
# Pages of the package in its own registry: who reads our catalogue is to install what was verified here.
_ELSEWHERE = r"https?://(?:[a-z0-9-]{1,60}\.){0,3}(?:pypi|npmjs|pythonhosted)\.[^\s()<>\[\]\"']{2,300}"
_LINK_ELSEWHERE = re.compile(rf"\[([^\[\]\n]{{0,300}})\]\({_ELSEWHERE}(?:\s[^()\n]{{0,100}})?\)")
_LINE_ELSEWHERE = re.compile(rf"^ {{0,3}}\[[^\[\]\n]{{1,100}}\]:\s*{_ELSEWHERE}[^\n]*$\n?", re.MULTILINE)
_BARE_ELSEWHERE = re.compile(rf"<?{_ELSEWHERE}>?")
_CODE = re.compile(r"^(?:\t| {2,}\S|\s*\$ )", re.MULTILINE)


def one_line(text: str, limit: int) -> str:
    """Return `text` as one visible line of at most `limit` characters, cut behind a word."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    words = head.rpartition(" ")[0] if line[limit - 1] != " " else head
    return (words if len(words) > limit // 2 else head).rstrip(" ,;:.-") + "\N{HORIZONTAL ELLIPSIS}"


def tags_from(words: Iterable[str]) -> tuple[str, ...]:
    """Return `words` as tags: those that can be one, without repetition."""
    tags: dict[str, None] = {}
    for word in words:
        tag = re.sub(r"[^a-z0-9]+", "-", word.casefold()).strip("-")
        if tag and len(tag) <= _MAX_TAG:
            tags.setdefault(tag)
    return tuple(tags)[:_MAX_TAGS]


def plugin_name(text: str) -> Name | None:
    """Return the foreign name `text` as a name of ours, shortened at a hyphen if too long; None if nothing is left."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    while len(name) > _MAX_NAME and "-" in name:
        name = name.rpartition("-")[0].rstrip("-")
    try:
        return Name(name)
    except DocumentError:
        return None


def https_address(text: str) -> str:
    """Return `text` as an https address, or empty text. Addresses that git understands become those of the forge."""
    text = text.strip()
    if remote := _REMOTE.fullmatch(text):
        path = remote["path"].removesuffix(".git")
        host = remote["host"].lower().removeprefix("www.")
        text = f"https://{host}/{path}" if host in _FORGES else text
    elif shorthand := _SHORTHAND.fullmatch(text):
        text = f"https://github.com/{shorthand['path'].removesuffix('.git')}"
    return text if _URL.fullmatch(text) and len(text) <= _MAX_URL and not _BARE_ELSEWHERE.match(text) else ""


def is_download_address(text: str) -> bool:
    """Return whether files can be fetched from `text`: https, and a path that leads where it reads."""
    decoded = unquote(text)
    steps = decoded.partition("://")[2].split("/")
    return (
        _URL.fullmatch(text) is not None
        and len(text) <= _MAX_URL
        and not {".", ".."} & set(steps)
        and "\\" not in decoded
        and decoded.count("/") == text.count("/")
        and unquote(decoded) == decoded
    )


def address_prefix(url: str) -> str:
    """Return where releases like the one at `url` come from: the repository at a forge, else the site."""
    parts = urlsplit(url)
    folders = [part for part in parts.path.split("/")[1:-1] if part]
    kept = folders[:2] if parts.netloc.lower() in _FORGES else folders[:1]
    return "/".join([f"https://{parts.netloc}", *kept, ""])


def markdown_from(text: str) -> str:
    """Return the Markdown `text` without pictures from elsewhere, which would tell others who reads the catalogue.

    Links to other registries are left out too.
    """
    text = text[:MAX_README_BYTES]
    text = "".join(char for char in text.replace("\r\n", "\n") if char.isprintable() or char in "\n\t")
    text = _EMPTY_LINK.sub("", _PICTURES.sub("", text))
    text = _BARE_ELSEWHERE.sub("", _LINE_ELSEWHERE.sub("", _LINK_ELSEWHERE.sub(r"\1", text)))
    lines = [line.rstrip() for line in text.split("\n")]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return f"{body}\n" if body else ""


def markdown_from_plain(heading: str, text: str) -> str:
    """Return plain `text` as Markdown below `heading`; text that is laid out with spaces keeps its layout."""
    lines = [line.rstrip() for line in text.expandtabs(4).split("\n")]
    body = "\n".join("".join(char for char in line if char.isprintable()) for line in lines).strip("\n")
    if _CODE.search(body):
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", body)), 0)
        body = f"{fence}text\n{body}\n{fence}"
    else:
        body = body.replace("&", "&amp;").replace("<", "&lt;")
    return f"{heading}\n\n{body}\n"


def markdown_without_description(heading: str, summary: str, address: str) -> str:
    """Return the least that a README can say: `summary`, and where to read on if there is an `address`."""
    more = f"\nRead on at its [home page]({address}).\n" if address else ""
    return markdown_from_plain(heading, summary) + more
