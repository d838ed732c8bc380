from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalogues import APlugin, a_catalogue, a_config
from pluginry.errors import PluginryError, PolicyError, TransportError
from pluginry.model.published import CachePolicy, Phase
from pluginry.model.site_settings import SiteSettings
from pluginry.publisher.full_text import FullText
from pluginry.publisher.inventory import Inventory, body_of
from pluginry.publisher.reuse import AFRESH, Reuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.published import PublishedObject
    from pluginry.model.registry import Registry
    from pluginry.model.text_page import TextPage
    from pluginry.publisher.reuse import Afresh


@dataclass(slots=True)
class AnIndexer:
    """A `TextIndexer` that remembers what it was given, or fails with ``error``."""

    error: PluginryError | None = None
    version: str = "1"
    given: list[TextPage] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)

    def index(self, pages: Iterable[TextPage], *, language: str) -> Mapping[str, bytes]:
        if self.error:
            raise self.error
        self.given = list(pages)
        self.languages.append(language)
        return {"index/a.pf_index": b"words", "pagefind.js": b"// script"}


def a_registry(*, wanted: bool = True, languages: tuple[str, ...] = ("en",), readme: str = "# A\n\nzebra") -> Registry:
    plugins = [APlugin(readme=readme), APlugin(id="acme/silent", readme="")]
    return a_catalogue(plugins, config=a_config(site=SiteSettings(full_text=wanted, languages=languages))).registry


def made(text: FullText, registry: Registry, reuse: Afresh = AFRESH) -> list[PublishedObject]:
    return list(text.objects(registry, registry.plugins, reuse))


def test_nothing_is_made_where_nobody_wants_it() -> None:
    indexer = AnIndexer()
    assert made(FullText(indexer), a_registry(wanted=False)) == []
    assert made(FullText(None), a_registry()) == []
    assert indexer.languages == []


def test_readmes_become_objects_that_are_replaced_and_signed_by_nobody() -> None:
    indexer = AnIndexer()
    objects = made(
        FullText(indexer), a_registry(languages=("pt-BR", "en"), readme="<script>x</script>\n\nzebra ![a](b)")
    )
    assert [one.key for one in objects] == ["text/index/a.pf_index", "text/pagefind.js"]
    assert {(one.cache, one.phase) for one in objects} == {(CachePolicy.SHORT, Phase.PAGE)}
    (page,) = indexer.given
    assert (str(page.id), page.html.strip()) == ("acme/spam-filter", "<p>zebra a</p>")
    assert indexer.languages == ["pt"]


def test_the_same_readmes_are_not_indexed_again() -> None:
    indexer = AnIndexer()
    first = Reuse({})
    objects = made(FullText(indexer), a_registry(), first)
    known = Inventory(marks={one.key: hashlib.sha256(body_of(one)).hexdigest() for one in objects})
    assert made(FullText(indexer), a_registry(), Reuse(first.units, known)) == []
    assert len(indexer.languages) == 1
    for changed in (AnIndexer(version="2"), AnIndexer()):
        readme = "zebra" if changed.version == "1" else "# A\n\nzebra"
        assert len(made(FullText(changed), a_registry(readme=readme), Reuse(first.units, known))) == 2


def test_what_fails_is_told_and_ends_nothing() -> None:
    text = FullText(AnIndexer(error=TransportError("crashed")))
    assert made(text, a_registry()) == []
    assert str(text.left_out) == "crashed"


def test_more_readmes_than_fit_into_memory_are_refused() -> None:
    text = FullText(AnIndexer(), max_pages=0)
    assert made(text, a_registry()) == []
    assert isinstance(text.left_out, PolicyError)
    assert "1 plugins have a README" in text.left_out.why
