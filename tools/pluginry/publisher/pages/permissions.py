"""What a release may do, in the words of the host it runs in.

In: manifest, host profiles, and the manifests of earlier releases. Out: one line for each permission, with the
author's reason and the release that first asked for it. It judges nothing: a permission is neither good nor bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pluginry.model.host import HostProfile
    from pluginry.model.manifest import Manifest, Permission
    from pluginry.model.names import Name
    from pluginry.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionLine:
    """``sentence`` in plain words (empty when no host explains it), ``grant`` as it is written, the ``reason``.

    ``since`` is the release that began to ask for it, or None when the first one did.
    """

    sentence: str
    grant: str
    reason: str
    since: Version | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpliedLine:
    """What every plugin of a host may do, asked for or not."""

    host: str
    sentence: str


def asked_for(
    manifest: Manifest, hosts: Mapping[Name, HostProfile], earlier: Sequence[Manifest]
) -> tuple[PermissionLine, ...]:
    """Return the permissions of `manifest`; `earlier` are the manifests before it, newest first."""
    return tuple(
        PermissionLine(
            sentence=in_words(permission, manifest.hosts, hosts),
            grant=permission.grant,
            reason=permission.reason,
            since=_since(permission, manifest, earlier),
        )
        for permission in manifest.permissions
    )


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


def _since(permission: Permission, manifest: Manifest, earlier: Sequence[Manifest]) -> Version | None:
    began = manifest.version
    for before in earlier:
        if permission.grant not in {known.grant for known in before.permissions}:
            return began
        began = before.version
    return None
