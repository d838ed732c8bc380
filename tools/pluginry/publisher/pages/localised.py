"""The catalogue's texts in a language: what developers wrote in it, and what the operator had translated.

In: everything that the catalogue is made of, and a language. Out: the same with names, summaries and READMEs in that
language where there are any, the others marked as what they are, so that pages can say so. Ids, links and claims stay.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.model.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.host import HostProfile
    from pluginry.model.listing import LocalText
    from pluginry.model.registry import Category, PluginEntry, Registry
    from pluginry.model.site_settings import Collection, SiteLink, SiteSettings
    from pluginry.publisher.pages.catalogue_input import CatalogueInput
    from pluginry.publisher.pages.languages import Language


def in_language(given: CatalogueInput, language: Language) -> CatalogueInput:
    """Return `given` with its texts in `language`."""
    if not (language.prefix or language.messages or any(_is_translated(given))):
        return given
    return replace(given, registry=_Translator(language).registry(given.registry))


def _is_translated(given: CatalogueInput) -> Iterator[bool]:
    """Yield, of each plugin, whether it is in another language than most."""
    for plugin in given.registry.plugins:
        glance = given.glances.get(plugin)
        listing = None if glance else given.registry.plugins[plugin].listing
        yield glance.is_translated if glance else bool(listing and (listing.locales or listing.language))


class _Translator:
    """What people wrote, in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._tags = tuple(dict.fromkeys((language.tag, language.tag.split("-")[0])))

    def registry(self, registry: Registry) -> Registry:
        config = registry.config
        return replace(
            registry,
            config=replace(
                config,
                summary=self._ours(config.summary),
                categories=tuple(map(self._category, config.categories)),
                site=self._site(config.site),
            ),
            hosts=MappingProxyType({name: self._host(host) for name, host in registry.hosts.items()}),
            plugins=OnDemand(iter(registry.plugins), lambda plugin: self._plugin(registry.plugins[plugin])),
        )

    def _ours(self, text: str) -> str:
        """Return a text of the operator in the catalogue's translation, if there is one."""
        translated = self._language.gettext(text) if text else text
        return translated if translated != text else self._language.theirs(text)

    def _category(self, category: Category) -> Category:
        return replace(category, title=self._ours(category.title), summary=self._ours(category.summary))

    def _site(self, site: SiteSettings) -> SiteSettings:
        return replace(
            site,
            header=tuple(map(self._link, site.header)),
            footer=tuple(map(self._link, site.footer)),
            footer_text=self._ours(site.footer_text),
            collections=tuple(map(self._collection, site.collections)),
        )

    def _link(self, link: SiteLink) -> SiteLink:
        return replace(link, title=self._ours(link.title))

    def _collection(self, collection: Collection) -> Collection:
        return replace(collection, title=self._ours(collection.title), summary=self._ours(collection.summary))

    def _host(self, host: HostProfile) -> HostProfile:
        return replace(
            host,
            title=self._language.gettext(host.title),
            summary=self._ours(host.summary),
            runtimes=tuple(replace(one, summary=self._ours(one.summary)) for one in host.runtimes),
            entry_points=tuple(replace(one, summary=self._ours(one.summary)) for one in host.entry_points),
            permissions=tuple(
                replace(
                    one,
                    says=self._ours(one.says),
                    scopes=tuple(replace(scope, says=self._language.gettext(scope.says)) for scope in one.scopes),
                )
                for one in host.permissions
            ),
        )

    def _plugin(self, entry: PluginEntry) -> PluginEntry:
        listing, local = entry.listing, self._local(entry)
        name = (local.name if local else "") or self._language.theirs(listing.name, listing.language)
        summary = (local.summary if local else "") or self._language.theirs(listing.summary, listing.language)
        own = next((entry.readmes[tag] for tag in self._tags if tag in entry.readmes), "")
        readme = own or self._language.theirs(entry.readme, listing.language)
        if name is listing.name and summary is listing.summary and readme is entry.readme:
            return entry
        return replace(entry, listing=replace(listing, name=name, summary=summary), readme=readme)

    def _local(self, entry: PluginEntry) -> LocalText | None:
        return next((entry.listing.locales[tag] for tag in self._tags if tag in entry.listing.locales), None)
