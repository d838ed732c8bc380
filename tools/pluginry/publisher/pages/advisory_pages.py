"""The list of advisories, the page of each, and the page about those whose signatures count.

In: the view. Out: pages. Ranges are written as sentences; what clients do about it is said in plain words.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING

from pluginry.model.said import said
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.excerpts import Excerpt
from pluginry.publisher.pages.markdown import readme_html
from pluginry.publisher.reuse import AFRESH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pluginry.model.advisory import Advisory, AffectedRange, RangeEvent
    from pluginry.model.names import PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.model.versions import Version
    from pluginry.publisher.pages.renderer import Renderer
    from pluginry.publisher.pages.view import CatalogueView
    from pluginry.publisher.reuse import Afresh

_BY_DIGEST = said("packages named by their digest")
_BY_SIGNER = said("everything of a signer named above")


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedLine:
    """A plugin, what of it is affected in words, and those of its ``releases`` that are.

    ``is_named``: the advisory itself names it; others are hit because of their packages or of who published them.
    """

    id: PluginId
    title: str
    page: str
    spans: tuple[str, ...]
    releases: tuple[Version, ...]
    is_named: bool = True


def advisory_pages(
    view: CatalogueView, renderer: Renderer, reuse: Afresh = AFRESH, excerpt: Excerpt | None = None
) -> Iterator[PublishedObject]:
    """Yield the list and every advisory, but for what `reuse` knows; templates are given no more than the `excerpt`."""
    hits = _hits(view)
    rows = [(advisory, _affected(advisory, hits[advisory.id], view)) for advisory in view.advisories]
    excerpt = excerpt or Excerpt(make=lambda: view)
    yield from reuse.page(renderer, addresses.ADVISORIES, "advisories.html", excerpt, rows=rows)
    for advisory, affected in rows:
        page = addresses.advisory_page(advisory.id)
        make = partial(_advisory_page, page, advisory, affected, excerpt, renderer)
        yield from reuse.objects(page, (excerpt.made_of(), advisory, affected), make, renderer.language.key)


def _advisory_page(
    page: str, advisory: Advisory, affected: Sequence[AffectedLine], excerpt: Excerpt, renderer: Renderer
) -> Iterator[PublishedObject]:
    yield renderer.page(
        page,
        "advisory.html",
        view=excerpt.view,
        advisory=advisory,
        affected=affected,
        details=readme_html(advisory.details),
    )


def signers_page(view: CatalogueView, renderer: Renderer) -> PublishedObject:
    """Return the page about whose signatures count, which do not, and the releases that are not offered for that."""
    return renderer.page(
        addresses.SIGNERS,
        "signers.html",
        view=view,
        signers=view.given.policy.registry_identities,
        revoked=[one for one in view.book.about_signers if one.withdrawn is None],
        refused=view.given.refused,
    )


def _hits(view: CatalogueView) -> Mapping[str, Mapping[PluginId, tuple[Version, ...]]]:
    """Return, for each advisory, the releases that it hits."""
    found: dict[str, dict[PluginId, tuple[Version, ...]]] = defaultdict(dict)
    for card in (card for card in view.cards.values() if card.id in view.warned):
        for release in card.record.releases:
            for advisory in view.book.hitting(card.record, release):
                known = found[advisory.id]
                known[card.id] = (*known.get(card.id, ()), release.version)
    return found


def _affected(
    advisory: Advisory, hits: Mapping[PluginId, tuple[Version, ...]], view: CatalogueView
) -> list[AffectedLine]:
    """Return a line for each plugin that is named, and then for each other one that is hit."""
    spans: dict[PluginId, list[str]] = {}
    for affected in advisory.affected:
        words = (*(_in_words(span) for span in affected.ranges), *(str(version) for version in affected.versions))
        spans.setdefault(affected.package.name, []).extend(words)
    ours = advisory.database_specific
    otherwise = [*([_BY_DIGEST] if ours.digests else ()), *([_BY_SIGNER] if ours.signers else ())]
    return [
        AffectedLine(
            id=plugin,
            title=view.title_of(plugin),
            page=view.page_of(plugin),
            spans=tuple(spans.get(plugin) or otherwise),
            releases=hits.get(plugin, ()),
            is_named=plugin in spans,
        )
        for plugin in dict.fromkeys((*spans, *hits))
    ]


def _in_words(span: AffectedRange) -> str:
    """``introduced 0, fixed 1.2.3`` becomes ``every version before 1.2.3``."""
    parts: list[str] = []
    start = ""
    for event in span.events:
        if event.introduced:
            start = event.introduced
            parts.append(said("every version") if start == "0" else said("%(version)s and later", version=start))
            continue
        parts[-1:] = [_until(event, start)]
    return reduce(lambda some, more: said("%(some)s, and %(more)s", some=some, more=more), parts) if parts else ""


def _until(event: RangeEvent, start: str) -> str:
    end = event.fixed or event.last_affected
    match start in {"", "0"}, bool(event.fixed):
        case True, True:
            return said("every version before %(end)s", end=end)
        case True, False:
            return said("every version up to %(end)s", end=end)
        case _, True:
            return said("from %(start)s before %(end)s", start=start, end=end)
        case _:
            return said("from %(start)s up to %(end)s", start=start, end=end)
