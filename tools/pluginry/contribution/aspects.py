"""What a release asks for and offers, in one form for all places where it is said, so that two releases compare.

In: a manifest, or what the registry says before the package is fetched. Out: `Aspects`. Never judges them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.publisher.claims import claims_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.manifest import EntryPoint, Manifest, Permission, Runtime
    from pluginry.model.names import Name, PluginId
    from pluginry.model.registry import PluginEntry
    from pluginry.model.versions import Version, VersionRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspects:
    """What users and hosts see of a release without running it: each a set of words, so that what is new stands out."""

    permissions: frozenset[str] = frozenset()
    dependencies: frozenset[str] = frozenset()
    hosts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    runtime: str = ""
    entry_points: frozenset[str] = frozenset()
    requirements: frozenset[str] = frozenset()


def aspects_of_manifest(manifest: Manifest) -> Aspects:
    """Return the aspects of a package by its manifest."""
    return Aspects(
        permissions=_grants(manifest.permissions),
        dependencies=_needs(manifest.dependencies),
        hosts=_hosts(manifest.hosts),
        runtime=_runtime(manifest.runtime),
        entry_points=_offers(manifest.entry_points),
        requirements=frozenset(manifest.environment.requirements),
    )


def claimed_aspects(entry: PluginEntry, version: Version) -> Aspects | None:
    """Return the aspects of a release as the registry claims them; None when only its package says."""
    tree = entry.sources.get(version)
    if tree is not None:
        return aspects_of_manifest(tree.manifest)
    claims = [claim for claim in claims_of(entry) if claim.version == version]
    if not claims or len(claims) < len(entry.releases[version].artifacts):
        return None
    return Aspects(
        permissions=frozenset(grant for claim in claims for grant in _grants(claim.permissions)),
        hosts={name: wanted for claim in claims for name, wanted in _hosts(claim.hosts).items()},
        runtime=" ".join(sorted({_runtime(claim.runtime) for claim in claims if claim.runtime})),
        entry_points=frozenset(offer for claim in claims for offer in _offers(claim.entry_points)),
    )


def _grants(permissions: Iterable[Permission]) -> frozenset[str]:
    return frozenset(permission.grant for permission in permissions)


def _needs(dependencies: Mapping[PluginId, VersionRange]) -> frozenset[str]:
    return frozenset(map(str, dependencies))


def _hosts(hosts: Mapping[Name, VersionRange]) -> Mapping[str, str]:
    return {str(name): str(wanted) for name, wanted in sorted(hosts.items())}


def _runtime(runtime: Runtime) -> str:
    return runtime.kind


def _offers(entry_points: Mapping[str, tuple[EntryPoint, ...]]) -> frozenset[str]:
    return frozenset(f"{group}: {point.name}" for group, points in entry_points.items() for point in points)
