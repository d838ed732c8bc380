"""What a release may do, in the words of the host it runs in.

In: manifest, host profiles, the manifests of earlier releases, and the facts of the scan. Out: one line for each
permission, with the author's reason and the release that first asked for it; and what the scan saw, to be read beside
it. It judges nothing: a permission is neither good nor bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.publisher.pages.languages import ENGLISH, SOURCE, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.facts import Facts
    from pluginry.model.host import HostProfile
    from pluginry.model.manifest import Manifest, Permission
    from pluginry.model.names import Name
    from pluginry.model.versions import Version
    from pluginry.publisher.pages.languages import Language

_PLACES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionLine:
    """``sentence`` in plain words (empty when no host explains it), ``grant`` as it is written, the ``reason``.

    ``since`` is the release that began to ask for it, or None when the first one did. ``new_since`` is the release
    before this one that people have, when that does not ask for it.
    """

    sentence: str
    grant: str
    reason: str
    since: Version | None
    new_since: Version | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLine:
    """What the scan said (``says``, ``name``) of one or more ``places`` in the package; ``more`` are left out here.

    ``covered_by`` are the permissions asked for that allow it; None where that is not what it is about.
    """

    says: str
    name: str
    places: tuple[str, ...]
    more: int
    covered_by: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpliedLine:
    """What every plugin of a host may do, asked for or not."""

    host: str
    sentence: str


def asked_since(manifest: Manifest, earlier: Mapping[str, Version | None] | None) -> dict[str, Version | None]:
    """Return the release that began to ask for each grant of `manifest`: None where the first one did.

    `earlier` is what this says of the release before, None if there is none.
    """
    begins = None if earlier is None else manifest.version
    return {known.grant: (earlier or {}).get(known.grant, begins) for known in manifest.permissions}


def asked_for(
    manifest: Manifest,
    hosts: Mapping[Name, HostProfile],
    since: Mapping[str, Version | None],
    before: Manifest | None = None,
) -> tuple[PermissionLine, ...]:
    """Return the permissions of `manifest`, with `since` when they are asked for.

    `before` is the release that people update from.
    """
    had = {known.grant for known in before.permissions} if before else set()
    return tuple(
        PermissionLine(
            sentence=in_words(permission, manifest.hosts, hosts),
            grant=permission.grant,
            reason=permission.reason,
            since=since[permission.grant],
            new_since=before.version if before and permission.grant not in had else None,
        )
        for permission in manifest.permissions
    )


def seen_in(facts: Facts | None, language: Language = ENGLISH) -> tuple[SeenLine, ...]:
    """Return the access that the scan observed and what it found, each thing once with some of its places.

    Kinds of access are said in `language`; what scanners say in sentences of their own is in English.
    """
    if facts is None:
        return ()
    observed = (
        SeenLine(
            says=language.gettext(access.says),
            name=access.kind,
            places=tuple(_place(one.file, one.line) for one in access.places[:_PLACES]),
            more=max(0, access.count - min(_PLACES, len(access.places))),
            covered_by=access.declared,
        )
        for access in facts.observed
    )
    places: dict[tuple[str, str], list[str]] = {}
    for found in facts.findings:
        places.setdefault((found.rule, found.message), []).extend(
            [_place(found.file, found.line)] if found.file else []
        )
    found_in = (
        SeenLine(
            says=message if language.tag == SOURCE else Text.of(message, SOURCE),
            name=rule,
            places=tuple(where[:_PLACES]),
            more=max(0, len(where) - _PLACES),
        )
        for (rule, message), where in places.items()
    )
    return (*observed, *found_in)


def _place(file: str, line: int) -> str:
    return f"{file}:{line}" if line else file


def implied_by(manifest: Manifest, hosts: Mapping[Name, HostProfile]) -> tuple[ImpliedLine, ...]:
    """Return what the hosts of `manifest` let every plugin do."""
    return tuple(
        ImpliedLine(host=hosts[host].title, sentence=known.in_words(scope))
        for host in manifest.hosts
        if host in hosts
        for known in hosts[host].permissions
        if known.implied
        for scope in [meaning.name for meaning in known.scopes] or [""]
    )


def in_words(permission: Permission, supported: Iterable[Name], hosts: Mapping[Name, HostProfile]) -> str:
    """Return what `permission` means in the first of the `supported` hosts that knows it, or an empty string."""
    for host in supported:
        known = hosts[host].meaning_of(permission.type) if host in hosts else None
        if known:
            return known.in_words(permission.scope)
    return ""
