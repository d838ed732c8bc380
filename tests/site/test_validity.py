"""Every page is HTML as the standard's own parser wants it: no error that browsers would have to repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import html5lib
import pytest

from pluginry.publisher.site import site
from site_corpus import PAYLOADS, a_poisoned_input

if TYPE_CHECKING:
    from collections.abc import Mapping


def errors_in(body: bytes) -> list[str]:
    """Return the parse errors of a page, by the name that the parser gives them."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(body, transport_encoding="utf-8")
    return [code for _, code, _ in parser.errors]


def test_every_page_of_the_busy_catalogue_is_valid(files: Mapping[str, bytes]) -> None:
    found = {key: errors_in(body) for key, body in files.items() if key.endswith(".html")}
    assert len(found) > 50
    assert {key: errors for key, errors in found.items() if errors} == {}


@pytest.mark.parametrize("name", ["script", "closing", "attribute", "entity"])
def test_hostile_texts_break_no_page(name: str) -> None:
    given = a_poisoned_input(PAYLOADS[name], keep=frozenset({"id", "categories", "tags"}))
    for published in site(given):
        if published.key.endswith(".html"):
            assert isinstance(published.body, bytes)
            assert errors_in(published.body) == [], published.key


def test_the_parser_does_find_errors() -> None:
    assert errors_in(b"<!doctype html><title>x</title><p><div></p></div><a><a>")
