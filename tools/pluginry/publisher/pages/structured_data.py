"""What search engines and other programs are told about a page, in the words of schema.org.

In: the view, and what the page is about. Out: JSON-LD that may stand in a page as it is: nothing in it can end the
element it stands in, and browsers do not run it. Addresses are whole where that of the marketplace is known, else they
are left out. Says only what the page says: there are no ratings here, because nobody gave any.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from pluginry.model import layout
from pluginry.model.names import ANY_PLATFORM
from pluginry.publisher.pages import addresses, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pluginry.model.index import ReleaseRecord
    from pluginry.model.listing import Namespace, Pricing
    from pluginry.model.names import Name
    from pluginry.publisher.pages.view import Card, CatalogueView

_CONTEXT = "https://schema.org"
_SPDX_ID = re.compile(r"(?!LicenseRef-)[A-Za-z0-9][A-Za-z0-9.-]*\Z")
_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?\Z")
_UNSAFE = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'"}


def about_plugin(card: Card, newest: ReleaseRecord, view: CatalogueView) -> Markup:
    """Return what the page of a plugin tells: the program in its `newest` release, and where the page stands."""
    namespace = view.given.registry.namespaces.get(card.id.namespace)
    publisher, name = _title(card.id.namespace, namespace), card.listing.name
    trail = (
        (view.language.gettext("Plugins"), addresses.ALL_PLUGINS),
        (publisher, addresses.publisher_page(card.id.namespace)),
        (name, addresses.plugin_page(card.id)),
    )
    return _json(_application(card, newest, publisher, view), _trail(trail, view))


def about_release(card: Card, release: ReleaseRecord, view: CatalogueView) -> Markup:
    """Return what the page of a release tells: where it stands. The program itself is on the plugin's page."""
    trail = (
        (view.language.gettext("Plugins"), addresses.ALL_PLUGINS),
        (card.listing.name, addresses.plugin_page(card.id)),
        (str(release.version), addresses.version_page(card.id, release.version)),
    )
    return _json(_trail(trail, view))


def about_publisher(name: Name, namespace: Namespace | None, view: CatalogueView) -> Markup:
    """Return what the page of a publisher tells: who that is, and where the page stands."""
    title, page = _title(name, namespace), addresses.publisher_page(name)
    trail = ((view.language.gettext("Publishers"), addresses.PUBLISHERS), (title, page))
    return _json(_organization(name, title, view), _trail(trail, view))


def _application(card: Card, newest: ReleaseRecord, publisher: str, view: CatalogueView) -> dict[str, Any]:
    listing, pictures = card.listing, view.pictures[card.id]
    platforms = [artifact.platform for artifact in newest.artifacts]
    return {
        "@type": "SoftwareApplication",
        "@id": _whole(addresses.plugin_page(card.id), view),
        "url": _whole(addresses.plugin_page(card.id), view),
        "identifier": str(card.id),
        "name": listing.name,
        "description": listing.summary,
        "applicationCategory": [view.category_title(category) for category in listing.categories],
        "keywords": list(listing.tags),
        "softwareVersion": str(newest.version),
        "datePublished": f"{card.first_published:%Y-%m-%d}",
        "dateModified": f"{newest.published_at:%Y-%m-%d}",
        "author": _organization(card.id.namespace, publisher, view),
        "license": _license(listing.license),
        "operatingSystem": ["Any" if platform == ANY_PLATFORM else platform for platform in platforms],
        "softwareRequirements": [f"{view.host_title(host)} {versions}" for host, versions in newest.hosts.items()],
        "sameAs": [
            address for address in (words.external(listing.homepage), words.external(listing.source)) if address
        ],
        "image": _whole(pictures.icon, view),
        "screenshot": [_whole(shot.sizes[-1].key, view) for shot in pictures.shots],
        "downloadUrl": [
            _whole(layout.package_key(card.id, newest.version, platform), view)
            for platform in (platforms if card.newest else ())
        ],
        "offers": _offer(listing.pricing),
    }


def _organization(name: Name, title: str, view: CatalogueView) -> dict[str, Any]:
    return {
        "@type": "Organization",
        "name": title,
        "identifier": name,
        "url": _whole(addresses.publisher_page(name), view),
    }


def _license(expression: str) -> object:
    """Return the page about a licence that has one, else what it says."""
    if _SPDX_ID.match(expression):
        return f"https://spdx.org/licenses/{expression}.html"
    return {"@type": "CreativeWork", "name": expression}


def _offer(pricing: Pricing | None) -> dict[str, Any] | None:
    """Return what the plugin costs, if that is known."""
    if pricing is None or pricing.model == "free":
        return {"@type": "Offer", "price": "0"}
    if not (_AMOUNT.match(pricing.amount) and pricing.currency):
        return None
    return {
        "@type": "Offer",
        "price": pricing.amount,
        "priceCurrency": pricing.currency,
        "url": words.external(pricing.checkout_url),
    }


def _trail(steps: Sequence[tuple[str, str]], view: CatalogueView) -> dict[str, Any] | None:
    """Return the pages that lead to one, if they have whole addresses: it is of no use without."""
    if not view.given.registry.config.base_url:
        return None
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": _whole(key, view)}
        for position, (name, key) in enumerate(steps, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _title(name: Name, namespace: Namespace | None) -> str:
    return (namespace.title if namespace else "") or name


def _whole(key: str, view: CatalogueView) -> str:
    base = addresses.whole(view.given.registry.config.base_url)
    return base + view.language.key(key) if base else ""


def _json(*things: dict[str, Any] | None) -> Markup:
    known = [_said(one) for one in things if one]
    if not known:
        return Markup()
    text = json.dumps({"@context": _CONTEXT, "@graph": known}, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE))  # noqa: S704 - whatever could leave the element is written as an escape


def _said(value: Any) -> Any:
    """Return `value` without what is empty, and texts without their tricks."""
    if isinstance(value, str):
        return words.plain(value)
    if isinstance(value, dict):
        return _filled(value)
    if isinstance(value, list):
        return [said for said in map(_said, value) if said]
    return value


def _filled(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: said for key, said in ((key, _said(one)) for key, one in value.items()) if said}
