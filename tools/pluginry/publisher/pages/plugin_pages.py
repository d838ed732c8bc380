"""The page of each plugin, of each of its releases, and the tombstones of what was removed.

In: the view. Out: pages. The plugin's page is about its newest release; a release's page never changes for the
sake of a later one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.model.project_links import project_links
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.evidence import statements_about
from pluginry.publisher.pages.markdown import readme_html
from pluginry.publisher.pages.permissions import asked_for, implied_by
from pluginry.publisher.pages.rescue import nobody

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.advisory import Advisory
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import Name, PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.model.versions import Version, VersionRange
    from pluginry.publisher.pages.renderer import Renderer
    from pluginry.publisher.pages.rescue import Rescuing
    from pluginry.publisher.pages.view import Card, CatalogueView


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLine:
    """A host: the range that counts, what the package itself ``declared`` when that differs, known versions."""

    host: Name
    title: str
    range: VersionRange
    declared: VersionRange | None
    versions: tuple[tuple[Version, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Another plugin that is needed or kept away: its id, title, page (empty when it has none) and versions."""

    id: PluginId
    title: str
    page: str
    range: VersionRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLine:
    """A release in the list of versions, with its manifest and the advisories in force for it."""

    release: ReleaseRecord
    manifest: Manifest
    advisories: tuple[Advisory, ...]


def plugin_pages(view: CatalogueView, renderer: Renderer, rescuing: Rescuing = nobody) -> Iterator[PublishedObject]:
    """Yield the page of every plugin and release, and every tombstone; for what is rescued, a page that says so."""
    for card in view.cards.values():
        releases = card.record.releases
        pages: list[PublishedObject] = []
        with rescuing(card.id, "rendering its pages"):
            versions = [_version_page(card, at, view, renderer) for at in range(len(releases))]
            pages = [_plugin_page(card, view, renderer), *versions]
        if not pages:
            keys = (addresses.version_page(card.id, release.version) for release in releases)
            pages = [renderer.page(key, "unshown.html", card=card) for key in (addresses.plugin_page(card.id), *keys)]
        yield from pages
    for gone in view.gone.values():
        yield renderer.page(addresses.plugin_page(gone.id), "tombstone.html", view=view, gone=gone)


def _plugin_page(card: Card, view: CatalogueView, renderer: Renderer) -> PublishedObject:
    registry = view.given.registry
    releases = card.record.releases
    newest = card.newest or releases[0]
    manifest = view.given.manifests[newest.manifest.sha256]
    earlier = [view.given.manifests[r.manifest.sha256] for r in releases if r.version < newest.version]
    return renderer.page(
        addresses.plugin_page(card.id),
        "plugin.html",
        view=view,
        card=card,
        listing=card.listing,
        pictures=view.pictures[card.id],
        newest=newest,
        manifest=manifest,
        readme=readme_html(registry.plugins[card.id].readme),
        namespace=registry.namespaces.get(card.id.namespace),
        permissions=asked_for(manifest, registry.hosts, earlier),
        implied=implied_by(manifest, registry.hosts),
        hosts=_hosts(newest, manifest, view),
        needs=_needs(newest.dependencies, view),
        conflicts=_needs(newest.conflicts, view),
        links=project_links(card.record, newest, view.given.signatures),
        refused=[one for one in view.given.refused if one.id == card.id],
        needed_by=[view.cards[plugin] for plugin in view.dependents.get(card.id, ())],
        related=[view.cards[plugin] for plugin in card.listing.related if plugin in view.cards],
        lines=[_line(card, release, view) for release in releases],
        advisories=view.book.about(card.record),
        in_force=view.advisories_for(card.id, newest),
        statements=statements_about(newest, card.record, view),
        facts=view.given.facts.get(newest.facts.sha256),
    )


def _version_page(card: Card, at: int, view: CatalogueView, renderer: Renderer) -> PublishedObject:
    releases = card.record.releases
    release = releases[at]
    manifest = view.given.manifests[release.manifest.sha256]
    earlier = [view.given.manifests[r.manifest.sha256] for r in releases if r.version < release.version]
    before = earlier[0] if earlier else None
    granted = {permission.grant for permission in manifest.permissions}
    return renderer.page(
        addresses.version_page(card.id, release.version),
        "version.html",
        view=view,
        card=card,
        listing=card.listing,
        pictures=view.pictures[card.id],
        release=release,
        manifest=manifest,
        before=before,
        permissions=asked_for(manifest, view.given.registry.hosts, earlier),
        implied=implied_by(manifest, view.given.registry.hosts),
        dropped=[p for p in before.permissions if p.grant not in granted] if before else [],
        hosts=_hosts(release, manifest, view),
        needs=_needs(release.dependencies, view),
        conflicts=_needs(release.conflicts, view),
        in_force=view.advisories_for(card.id, release),
        statements=statements_about(release, card.record, view),
        facts=view.given.facts.get(release.facts.sha256),
    )


def _hosts(release: ReleaseRecord, manifest: Manifest, view: CatalogueView) -> tuple[HostLine, ...]:
    lines = []
    for host, versions in release.hosts.items():
        profile = view.host(host)
        declared = manifest.hosts.get(host)
        lines.append(
            HostLine(
                host=host,
                title=view.host_title(host),
                range=versions,
                declared=declared if declared != versions else None,
                versions=tuple((v, v in versions) for v in (profile.versions if profile else ())),
            )
        )
    return tuple(lines)


def _needs(ranges: Mapping[PluginId, VersionRange], view: CatalogueView) -> tuple[Need, ...]:
    return tuple(
        Need(id=plugin, title=view.title_of(plugin), page=view.page_of(plugin), range=versions)
        for plugin, versions in ranges.items()
    )


def _line(card: Card, release: ReleaseRecord, view: CatalogueView) -> ReleaseLine:
    return ReleaseLine(
        release=release,
        manifest=view.given.manifests[release.manifest.sha256],
        advisories=view.advisories_for(card.id, release),
    )
