"""The list of advisories, and the page of each.

In: the view. Out: pages. Ranges are written as sentences; what clients do about it is said in plain words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.markdown import readme_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.advisory import Advisory, Affected, AffectedRange
    from pluginry.model.names import PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.model.versions import Version
    from pluginry.publisher.pages.renderer import Renderer
    from pluginry.publisher.pages.view import CatalogueView


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedLine:
    """A plugin, what of it is affected in words, and those of its ``releases`` that are."""

    id: PluginId
    title: str
    page: str
    spans: tuple[str, ...]
    releases: tuple[Version, ...]


def advisory_pages(view: CatalogueView, renderer: Renderer) -> Iterator[PublishedObject]:
    """Yield the list and every advisory."""
    rows = [(advisory, [_affected(a, advisory, view) for a in advisory.affected]) for advisory in view.advisories]
    yield renderer.page(addresses.ADVISORIES, "advisories.html", view=view, rows=rows)
    for advisory, affected in rows:
        yield renderer.page(
            addresses.advisory_page(advisory.id),
            "advisory.html",
            view=view,
            advisory=advisory,
            affected=affected,
            details=readme_html(advisory.details),
        )


def _affected(affected: Affected, advisory: Advisory, view: CatalogueView) -> AffectedLine:
    plugin = affected.package.name
    card = view.cards.get(plugin)
    return AffectedLine(
        id=plugin,
        title=view.title_of(plugin),
        page=view.page_of(plugin),
        spans=(*(_in_words(span) for span in affected.ranges), *(str(version) for version in affected.versions)),
        releases=tuple(
            release.version
            for release in (card.record.releases if card else ())
            if advisory in view.advisories_for(plugin, release)
        ),
    )


def _in_words(span: AffectedRange) -> str:
    """``introduced 0, fixed 1.2.3`` becomes ``every version before 1.2.3``."""
    parts = []
    start = ""
    for event in span.events:
        if event.introduced:
            start = event.introduced
            parts.append("every version" if start == "0" else f"{start} and later")
            continue
        end = f"before {event.fixed}" if event.fixed else f"up to {event.last_affected}"
        opening = "every version" if start in {"", "0"} else f"from {start}"
        parts[-1:] = [f"{opening} {end}"]
    return ", and ".join(parts)
