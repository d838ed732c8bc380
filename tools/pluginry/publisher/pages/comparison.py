"""What can be compared of releases: of two versions of a plugin, and of plugins with each other.

In: releases with what pages tell about them. Out: for each release lists of short texts by subject, the differences
of two, and the document from which the script of the site compares any others. Equal texts are equal things; it
weighs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding import canonical_json
from pluginry.model.published import json_page
from pluginry.model.said import counted, said
from pluginry.model.trust_statement import TrustWord
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.permissions import in_words
from pluginry.publisher.pages.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.facts import Facts
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.model.trust_statement import TrustStatement
    from pluginry.model.versions import VersionRange
    from pluginry.publisher.pages.languages import Language
    from pluginry.publisher.pages.view import Card, CatalogueView

_ABOUT_SIGNATURES = (
    TrustWord.LAB,
    TrustWord.UNSIGNED,
    TrustWord.SIGNED_BY_REGISTRY,
    TrustWord.SIGNATURE_UNCHECKED,
    TrustWord.PROVENANCE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A release with everything that pages tell about it; ``aspects`` are short texts by subject."""

    release: ReleaseRecord
    manifest: Manifest
    facts: Facts | None
    statements: tuple[TrustStatement, ...]
    aspects: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One subject in which two releases differ: what went, what came, and what stayed."""

    subject: str
    gone: tuple[str, ...]
    new: tuple[str, ...]
    kept: tuple[str, ...]


def told(
    release: ReleaseRecord, manifest: Manifest, statements: tuple[TrustStatement, ...], view: CatalogueView
) -> Told:
    """Return `release` with what can be told about it."""
    facts = view.given.facts.get(release.facts.sha256)
    hosts = view.given.registry.hosts
    named = ((in_words(asked, manifest.hosts, hosts), asked.grant) for asked in manifest.permissions)
    aspects = {
        "permissions": (f"{says} ({grant})" if says else grant for says, grant in named),
        "hosts": (f"{view.host_title(host)} {versions}" for host, versions in release.hosts.items()),
        "needs": _ranges(release.dependencies, view),
        "conflicts": _ranges(release.conflicts, view),
        "requirements": (manifest.environment.runtime, *manifest.environment.requirements),
        "platforms": (artifact.platform for artifact in release.artifacts),
        "size": _sizes(release, view.language),
        **(_inside(facts, view.language) if facts else {}),
        "offers": (
            f"{group}: {one.title or one.name}" for group, all_ in manifest.entry_points.items() for one in all_
        ),
        "runs": (f"{manifest.runtime.kind} {manifest.runtime.entry_point}".strip(),),
        "licences": manifest.license_files,
        "signature": _signatures(statements, view.language),
    }
    filled = {subject: tuple(str(plain(text)) for text in texts if text) for subject, texts in aspects.items()}
    return Told(release=release, manifest=manifest, facts=facts, statements=statements, aspects=filled)


def differences(before: Told, after: Told) -> tuple[Difference, ...]:
    """Return every subject in which the two differ."""
    found = []
    for subject in dict.fromkeys((*after.aspects, *before.aspects)):
        old, new = before.aspects.get(subject, ()), after.aspects.get(subject, ())
        if set(old) != set(new):
            found.append(
                Difference(
                    subject=subject,
                    gone=tuple(text for text in old if text not in new),
                    new=tuple(text for text in new if text not in old),
                    kept=tuple(text for text in new if text in old),
                )
            )
    return tuple(found)


def comparison_data(card: Card, releases: Iterable[Told]) -> PublishedObject:
    """Return the document from which scripts compare releases of `card` with each other and with other plugins."""
    newest = card.newest
    body = {
        "id": str(card.id),
        "name": str(plain(card.listing.name)),
        "summary": str(plain(card.listing.summary)),
        "licence": plain(card.listing.license),
        "status": str(card.record.status),
        "first": f"{card.first_published:%Y-%m-%d}",
        "last": f"{card.last_published:%Y-%m-%d}",
        "newest": str(newest.version) if newest else "",
        "releases": [
            {
                "version": str(one.release.version),
                "day": f"{one.release.published_at:%Y-%m-%d}",
                "aspects": {subject: list(texts) for subject, texts in one.aspects.items() if texts},
            }
            for one in releases
        ],
    }
    return json_page(addresses.comparison_data(card.id), canonical_json.encode(body))


def _ranges(ranges: Mapping[PluginId, VersionRange], view: CatalogueView) -> Iterable[str]:
    return (
        f"{plugin} {versions}" if (title := view.title_of(plugin)) == str(plugin) else f"{title} ({plugin}) {versions}"
        for plugin, versions in ranges.items()
    )


def _sizes(release: ReleaseRecord, language: Language) -> Iterable[str]:
    several = len(release.artifacts) > 1
    sizes = ((language.size(one.size), one.platform) for one in release.artifacts)
    return (f"{size} ({platform})" if several else size for size, platform in sizes)


def _inside(facts: Facts, language: Language) -> dict[str, Iterable[str]]:
    """Return what the scan saw, without saying the same for each platform."""
    seen = facts.artifacts
    kinds = {suffix: max(one.suffixes.get(suffix, 0) for one in seen) for one in seen for suffix in one.suffixes}
    return {
        "files": dict.fromkeys(
            language.in_words(
                counted(
                    "%(count)s file, %(size)s",
                    "%(count)s files, %(size)s",
                    one.files,
                    size=language.size(one.unpacked_size),
                )
            )
            for one in seen
        ),
        "kinds": (
            f"{suffix or language.in_words(said('no suffix'))}: {count}" for suffix, count in sorted(kinds.items())
        ),
        "programs": dict.fromkeys(path for one in seen for path in one.executables),
        "findings": dict.fromkeys(
            (
                *(language.gettext(access.says) for access in facts.observed),
                *(f"{found.rule}: {found.message}" for found in facts.findings),
            )
        ),
        "carries": (f"{one.name} {one.version} ({one.ecosystem})" for one in facts.vendored),
    }


def _signatures(statements: Iterable[TrustStatement], language: Language) -> Iterable[str]:
    about = (one for one in statements if one.word in _ABOUT_SIGNATURES)
    return dict.fromkeys(
        f"{language.in_words(one.word.heading)}: {one.signer or language.in_words(one.because)}" for one in about
    )
