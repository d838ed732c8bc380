"""Badges of a plugin for pages elsewhere: small pictures that say its version, its signature and its licence.

In: the view. Out: one SVG for each kind and plugin, also for plugins that were removed: their addresses stand in
READMEs. They run nothing, load nothing, and say in words what they show. What strangers wrote is cleaned and escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

from pluginry.model.advisory import Action
from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.model.trust_statement import TrustWord
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.companions import Companion
from pluginry.publisher.pages.evidence import statements_for_everybody
from pluginry.publisher.pages.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.names import PluginId
    from pluginry.publisher.pages.view import Card, CatalogueView

KINDS = ("version", "signature", "licence")


class Standing(StrEnum):
    """What must be said of a plugin before anything else, worst first."""

    REMOVED = "removed"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    WITHDRAWN = "withdrawn"
    ADVISED = "advisory"
    DEPRECATED = "deprecated"
    GOOD = ""


class Tone(StrEnum):
    """The ground of a message; white can be read on each of them."""

    GOOD = "#11684f"
    PLAIN = "#3f5a73"
    WARN = "#8a5400"
    BAD = "#9b2226"


_TONES = {
    Standing.GOOD: Tone.GOOD,
    Standing.REMOVED: Tone.BAD,
    Standing.BLOCKED: Tone.BAD,
    Standing.UNKNOWN: Tone.PLAIN,
}
_SIGNATURES = (
    (TrustWord.LAB, "for development", Tone.PLAIN),
    (TrustWord.UNSIGNED, "none", Tone.WARN),
    (TrustWord.PROVENANCE, "of its own build", Tone.GOOD),
    (TrustWord.SIGNED_BY_REGISTRY, "of the marketplace", Tone.GOOD),
    (TrustWord.SIGNATURE_UNCHECKED, "published", Tone.PLAIN),
)
_MAX_CHARS = 40
_NOT_IN_XML = {0xFFFE: None, 0xFFFF: None}
_LABEL_GROUND = "#3a4540"
_PADDING = 6
_NARROW, _WIDE = frozenset("iljftrI1.,:;'|!()[]/\\- "), frozenset("mwMW@%&")
_NARROW_PX, _LETTER_PX, _CAPITAL_PX, _WIDE_PX = 4.2, 6.9, 7.7, 10.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """What the two halves of a badge show, and what ``says`` the same in a sentence to those who do not see it."""

    label: str
    message: str
    tone: Tone
    says: str


def standing_of(card: Card, view: CatalogueView) -> Standing:
    """Return what must be said of a plugin that is listed."""
    if card.newest is None:
        return Standing.WITHDRAWN
    advisories = view.advisories_for(card.id, card.newest)
    if any(advisory.action is not Action.WARN for advisory in advisories):
        return Standing.BLOCKED
    if advisories:
        return Standing.ADVISED
    return Standing.DEPRECATED if card.is_deprecated else Standing.GOOD


def drawn(badge: Badge) -> bytes:
    """Return `badge` as SVG, 20 px high; the browser fits the text to the width that was reckoned for it."""
    label, message = _clipped(badge.label), _clipped(badge.message)
    left, right = _width(label), _width(message)
    split, whole = left + 2 * _PADDING, left + right + 4 * _PADDING
    says = _clean(badge.says)
    fitted = 'y="14" lengthAdjust="spacingAndGlyphs" textLength'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" viewBox="0 0 {whole} 20" role="img" '
        f"aria-label={quoteattr(says)}><title>{escape(says)}</title>"
        f'<rect width="{whole}" height="20" rx="4" fill="{_LABEL_GROUND}"/>'
        f'<path d="M{split} 0h{right + 2 * _PADDING - 4}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H{split}z" fill="{badge.tone}"/>'
        '<g fill="#fff" font-family="Verdana,\'DejaVu Sans\',sans-serif" font-size="11">'
        f'<text x="{_PADDING}" {fitted}="{left}">{escape(label)}</text>'
        f'<text x="{split + _PADDING}" {fitted}="{right}">{escape(message)}</text>'
        "</g></svg>\n"
    ).encode()


def _of(card: Card, view: CatalogueView) -> dict[str, Badge]:
    market, standing = view.given.registry.config.name, standing_of(card, view)
    release = card.newest or card.record.releases[0]
    version = f"{release.version} {standing}".rstrip()
    warning = f", {standing}" if standing else ""
    signature, tone = _signature(card, view)
    about = f"{card.listing.name} in {market}"
    return {
        "version": Badge(
            label=market,
            message=version,
            tone=_TONES.get(standing, Tone.WARN),
            says=f"{about}: version {release.version}{warning}",
        ),
        "signature": Badge(
            label="signature",
            message=signature,
            tone=tone,
            says=f"{about}: signature of version {release.version}: {signature}",
        ),
        "licence": Badge(
            label="licence",
            message=card.listing.license,
            tone=Tone.PLAIN,
            says=f"{about}: licence {card.listing.license}",
        ),
    }


def _signature(card: Card, view: CatalogueView) -> tuple[str, Tone]:
    standing = standing_of(card, view)
    if standing in (Standing.BLOCKED, Standing.WITHDRAWN):
        return standing, _TONES.get(standing, Tone.WARN)
    release = card.newest or card.record.releases[0]
    words = {statement.word for statement in statements_for_everybody(release, card.record, view)}
    return next(((says, tone) for word, says, tone in _SIGNATURES if word in words), ("none", Tone.WARN))


def _all_the_same(plugin: PluginId, standing: Standing, view: CatalogueView) -> dict[str, Badge]:
    market = view.given.registry.config.name
    badge = Badge(label=market, message=standing, tone=_TONES[standing], says=f"{plugin} in {market}: {standing}")
    return dict.fromkeys(KINDS, badge)


def _files(plugin: PluginId, shown: Mapping[str, Badge]) -> Iterator[PublishedObject]:
    return (_file(addresses.badge(plugin, kind), drawn(badge)) for kind, badge in shown.items())


def _file(key: str, body: bytes) -> PublishedObject:
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)


def _clipped(text: str) -> str:
    clean = _clean(text)
    return clean if len(clean) <= _MAX_CHARS else f"{clean[: _MAX_CHARS - 1]}…"


def _clean(text: str) -> str:
    """Return `text` as one line of characters that XML can hold."""
    return " ".join(plain(text).translate(_NOT_IN_XML).split())


def _width(text: str) -> int:
    """Return about how wide `text` is in Verdana of 11 px."""
    return max(1, round(sum(map(_width_of, text))))


def _width_of(char: str) -> float:
    if char in _NARROW:
        return _NARROW_PX
    if char in _WIDE or east_asian_width(char) in "WF":
        return _WIDE_PX
    return _CAPITAL_PX if char.isupper() else _LETTER_PX


BADGES: Final = Companion(
    doing="drawing its badges",
    make=lambda card, view: _files(card.id, _of(card, view)),
    instead=lambda card, view: _files(card.id, _all_the_same(card.id, Standing.UNKNOWN, view)),
    gone=lambda gone, view: _files(gone.id, _all_the_same(gone.id, Standing.REMOVED, view)),
)
"""The badges of every plugin; for what is rescued, and for what was removed, they say so."""
