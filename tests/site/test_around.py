"""What stands around a page is that of the page, whichever was rendered before it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from pluginry.publisher.pages.languages import ENGLISH
from pluginry.publisher.pages.renderer import Frame, Renderer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.publisher.pages.languages import Language

FRENCH = replace(ENGLISH, tag="fr", title="Français", prefix="fr/")
KEYS = ("plugins/acme/one/index.html", "plugins/acme/two/index.html", "plugins/acme/two/1.0.0/index.html")
OTHERS = ("feeds/index.html", "docs/deep/er/index.html")
NONE: Mapping[str, bytes] = MappingProxyType({})


def rendered(renderer: Renderer, key: str) -> bytes | object:
    return renderer.page(key, "feeds.html").body


@pytest.mark.parametrize("languages", [(ENGLISH,), (ENGLISH, FRENCH)])
@pytest.mark.parametrize("own", [NONE, {"header.html": b"<p>{{ key }}</p>"}, {"footer.html": b"<p>{{ root }}</p>"}])
def test_the_order_of_pages_does_not_matter(languages: tuple[Language, ...], own: Mapping[str, bytes]) -> None:
    frame = Frame(name="Around", summary="", instance="lab", languages=languages)
    for language in languages:
        alone = {key: rendered(Renderer(frame, own, language), key) for key in (*KEYS, *OTHERS)}
        for order in ((*KEYS, *OTHERS), (*OTHERS, *reversed(KEYS))):
            renderer = Renderer(frame, own, language)
            assert {key: rendered(renderer, key) for key in order} == {key: alone[key] for key in order}


def test_an_operators_header_may_look_at_the_page() -> None:
    renderer = Renderer(Frame(name="Around", summary="", instance="lab"), {"header.html": b"<p>{{ key }}</p>"})
    for key in KEYS:
        body = rendered(renderer, key)
        assert isinstance(body, bytes)
        assert f"<p>{key}</p>".encode() in body
