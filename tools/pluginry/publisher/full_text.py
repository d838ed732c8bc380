"""Searching in READMEs, where the operator wants it: what the catalogue's search box reads beside its own list.

In: the registry, the plugins that have pages, an indexer. Out: mutable objects below ``text/``. They are presentation
and nothing more: the index does not name them, nothing signs them, and ``build --check`` does not compare them, because
a program that is not ours writes them. Without them everything else works, so that what goes wrong here is told and
ends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pluginry.errors import PluginryError, PolicyError
from pluginry.model.layout import TEXT_PREFIX
from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.model.text_page import TextPage
from pluginry.publisher.pages.markdown import readme_html
from pluginry.publisher.pages.words import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry
    from pluginry.ports import TextIndexer
    from pluginry.publisher.reuse import Afresh

MAX_PAGES: Final = 4_000
"""Pagefind holds all words at once: measured were 0.5 GB of memory for each thousand READMEs of 6 KB."""


class FullText:
    """Yields the objects for searching in READMEs; ``left_out`` says why there are none, once it was tried."""

    def __init__(self, indexer: TextIndexer | None, *, max_pages: int = MAX_PAGES) -> None:
        self._indexer = indexer
        self._max_pages = max_pages
        self.left_out: PluginryError | None = None

    def objects(self, registry: Registry, plugins: Collection[PluginId], reuse: Afresh) -> Iterator[PublishedObject]:
        """Yield what the search box reads, but for what `reuse` knows to be published; nothing unless it is wanted."""
        if self._indexer is None or not registry.config.site.full_text:
            return
        try:
            yield from self._objects(self._indexer, registry, plugins, reuse)
        except PluginryError as error:
            self.left_out = error

    def _objects(
        self, indexer: TextIndexer, registry: Registry, plugins: Collection[PluginId], reuse: Afresh
    ) -> Iterator[PublishedObject]:
        entries = [registry.plugins[plugin] for plugin in plugins if plugin in registry.plugins]
        entries = [entry for entry in entries if entry.readme]
        if len(entries) > self._max_pages:
            raise PolicyError(
                "there are too many of them",
                why=f"{len(entries):,} plugins have a README; a usual runner has memory for {self._max_pages:,}",
                hint="set site.full_text to false in registry.yaml",
            )
        language = registry.config.site.languages[0].partition("-")[0]
        texts = tuple((entry.id, entry.listing.name, entry.readme) for entry in entries)

        def make() -> tuple[PublishedObject, ...]:
            pages = (
                TextPage(id=plugin, name=str(plain(name)), html=str(readme_html(text))) for plugin, name, text in texts
            )
            return tuple(_object(name, body) for name, body in indexer.index(pages, language=language).items())

        yield from reuse.objects(TEXT_PREFIX, (indexer.version, language, texts), make)


def _object(name: str, body: bytes) -> PublishedObject:
    key = TEXT_PREFIX + name
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)
