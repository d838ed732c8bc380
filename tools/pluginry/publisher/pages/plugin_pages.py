"""The page of each plugin, of each of its releases, and the tombstones of what was removed.

In: an edition. Out: pages. The plugin's page is about its newest release; a release's page never changes for the
sake of a later one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pluginry.model.channel import Channel
from pluginry.model.project_links import project_links
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.banners import banner_of
from pluginry.publisher.pages.comparison import comparison_data, differences, told
from pluginry.publisher.pages.embed import lines_for
from pluginry.publisher.pages.evidence import log_address, statements_about
from pluginry.publisher.pages.install_ways import install_ways
from pluginry.publisher.pages.languages import Text
from pluginry.publisher.pages.markdown import readme_html
from pluginry.publisher.pages.permissions import asked_for, asked_since, implied_by, seen_in
from pluginry.publisher.pages.relatives import Relatives
from pluginry.publisher.pages.rescue import nobody
from pluginry.publisher.reuse import untold
from pluginry.publisher.side_by_side import side_by_side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pluginry.model.advisory import Advisory
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import Name, PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.model.versions import Version, VersionRange
    from pluginry.publisher.pages.comparison import Told
    from pluginry.publisher.pages.edition import Edition
    from pluginry.publisher.pages.excerpts import Excerpt
    from pluginry.publisher.pages.relatives import Why
    from pluginry.publisher.pages.renderer import Renderer
    from pluginry.publisher.pages.rescue import Rescuing
    from pluginry.publisher.pages.view import Card, CatalogueView
    from pluginry.publisher.reuse import Tell

_DOING: Final = "rendering its pages"


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
class Past:
    """What came before a release: the one that people have when they are offered this one, and since when it asks.

    ``before`` is the finished one before it, or any if there is none; ``asked_since`` is of `asked_since`.
    """

    before: Told | None
    asked_since: Mapping[str, Version | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLine:
    """A release in the list of versions, with its manifest and the advisories in force for it."""

    release: ReleaseRecord
    manifest: Manifest
    advisories: tuple[Advisory, ...]


def plugin_pages(
    edition: Edition, renderer: Renderer, rescuing: Rescuing = nobody, *, processes: int | None = None
) -> Iterator[PublishedObject]:
    """Yield the page of every plugin and release, and every tombstone; for what is rescued, a page that says so.

    They are rendered in so many `processes`, or as side_by_side.py sees fit. What is known is left out.
    """
    view, reuse, place = edition.view, edition.reuse, renderer.language.key
    all_relatives = Relatives(view)

    def shown(card: Card) -> tuple[dict[Card, Why], Excerpt]:
        relatives = all_relatives.of(card)
        return relatives, edition.excerpts.about(card, relatives)

    due: list[tuple[Card, Tell]] = []
    for card in view.cards.values():
        page = addresses.plugin_page(card.id)
        # Where all plugins stand as they stood, those beside this one are the same, too.
        if edition.keeps(page, (str(card.id), *reuse.noted(page, place).split())):
            continue
        tell: Tell | None = untold  # what goes wrong here goes wrong again where another page takes its place
        with rescuing(card.id, _DOING):
            relatives, excerpt = shown(card)
            made_of = excerpt.made_of(*(why.name for why in relatives.values()))
            tell = reuse.begin(page, made_of, place, note=" ".join(str(one.id) for one in excerpt.cards))
        if tell:
            due.append((card, tell))
    cards = [card for card, _ in due]
    making = side_by_side(cards, lambda card: tuple(_pages_of(card, *shown(card), renderer)), processes=processes)
    for (card, tell), make in zip(due, making, strict=True):
        pages: tuple[PublishedObject, ...] | None = None
        with rescuing(card.id, _DOING):
            pages = make()
            tell(pages)
        yield from _unshown_pages(card, renderer) if pages is None else pages
    for gone in view.gone.values():
        keys = (addresses.version_page(gone.id, version) for version in gone.versions)
        for key in (addresses.plugin_page(gone.id), *keys):
            yield renderer.page(key, "tombstone.html", view=view, gone=gone)


def _pages_of(
    card: Card, relatives: dict[Card, Why], excerpt: Excerpt, renderer: Renderer
) -> Iterator[PublishedObject]:
    view = excerpt.view
    all_told = [_told(card, release, view) for release in card.record.releases]
    pasts = _pasts(all_told)
    versions = [_version_page(card, one, past, view, renderer) for one, past in zip(all_told, pasts, strict=True)]
    yield _plugin_page(card, all_told, pasts, relatives, view, renderer)
    yield comparison_data(card, all_told)
    yield from versions


def _unshown_pages(card: Card, renderer: Renderer) -> Iterator[PublishedObject]:
    versions = (addresses.version_page(card.id, release.version) for release in card.record.releases)
    for key in (addresses.plugin_page(card.id), *versions):
        yield renderer.page(key, "unshown.html", card=card)
    yield comparison_data(card, ())


def _plugin_page(
    card: Card,
    all_told: Sequence[Told],
    pasts: Sequence[Past],
    relatives: dict[Card, Why],
    view: CatalogueView,
    renderer: Renderer,
) -> PublishedObject:
    newest = card.newest or card.record.releases[0]
    shown, past = next(pair for pair in zip(all_told, pasts, strict=True) if pair[0].release is newest)
    registry = view.given.registry
    readme = registry.plugins[card.id].readme
    return renderer.page(
        addresses.plugin_page(card.id),
        "plugin.html",
        **_of_release(card, shown, past, view),
        newest=newest,
        banner=None if view.pictures[card.id].shots else banner_of(card.id),
        readme=readme_html(readme),
        readme_language=readme.language if isinstance(readme, Text) else view.language.tag,
        namespace=registry.namespaces.get(card.id.namespace),
        ways=install_ways(card, newest, view),
        to_copy=lines_for(card.id, registry.config.base_url),
        links=project_links(card.record, newest, view.given.signatures),
        refused=[one for one in view.given.refused if one.id == card.id],
        needed_by=[view.cards[plugin] for plugin in view.dependents.get(card.id, ())],
        relatives=relatives,
        lines=[_line(card, release, view) for release in card.record.releases],
        advisories=view.book.about(card.record),
    )


def _version_page(card: Card, shown: Told, past: Past, view: CatalogueView, renderer: Renderer) -> PublishedObject:
    return renderer.page(
        addresses.version_page(card.id, shown.release.version),
        "version.html",
        **_of_release(card, shown, past, view),
    )


def _of_release(card: Card, shown: Told, past: Past, view: CatalogueView) -> dict[str, Any]:
    """Return what the page of a plugin and those of its releases both show of one release."""
    release, manifest, hosts, before = shown.release, shown.manifest, view.given.registry.hosts, past.before
    return {
        "view": view,
        "card": card,
        "listing": card.listing,
        "pictures": view.pictures[card.id],
        "release": release,
        "manifest": manifest,
        "facts": shown.facts,
        "statements": shown.statements,
        "log_address": log_address,
        "before": before.release if before else None,
        "differences": differences(before, shown) if before else (),
        "permissions": asked_for(manifest, hosts, past.asked_since, before.manifest if before else None),
        "implied": implied_by(manifest, hosts),
        "seen": seen_in(shown.facts, view.language),
        "hosts": _hosts(release, manifest, view),
        "needs": _needs(release.dependencies, view),
        "conflicts": _needs(release.conflicts, view),
        "in_force": view.advisories_for(card.id, release),
    }


def _told(card: Card, release: ReleaseRecord, view: CatalogueView) -> Told:
    manifest = view.given.manifests[release.manifest.sha256]
    return told(release, manifest, statements_about(release, card.record, view), view)


def _pasts(all_told: Sequence[Told]) -> list[Past]:
    """Return what came before each of the releases, which are newest first, in the same order."""
    pasts = []
    last: Told | None = None
    finished: Told | None = None
    since: dict[str, Version | None] | None = None
    for one in reversed(all_told):
        since = asked_since(one.manifest, since)
        pasts.append(Past(before=finished or last, asked_since=since))
        last = one
        if one.release.channel is Channel.STABLE and one.release.yanked is None:
            finished = one
    return pasts[::-1]


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
