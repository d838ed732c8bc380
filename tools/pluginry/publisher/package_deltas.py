"""Deltas from earlier releases to those that were built just now, for clients that have an earlier package.

In: the ledger of a plugin, its new releases, packages by digest. Out: the same releases with their deltas, which then
lie in the object store. A package that is nowhere any more or was withdrawn is no base; a delta that saves little is
not kept. Nothing depends on a delta: without one, clients fetch the package.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pluginry.encoding.delta import MAX_PACKAGE_BYTES, is_possible, make_delta
from pluginry.errors import ObjectMissingError, TamperedError
from pluginry.model import layout
from pluginry.model.ledger import DeltaFact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.ledger import ArtifactFact, Ledger
    from pluginry.model.registry import DeltaSettings
    from pluginry.model.versions import Version
    from pluginry.publisher.object_access import ObjectAccess
    from pluginry.publisher.record import BuiltRelease

SMALL_BYTES = 16 << 10
"""A package of this size costs little more than the request for it."""


def with_deltas(
    built: Mapping[Version, BuiltRelease], ledger: Ledger, *, access: ObjectAccess, settings: DeltaSettings
) -> dict[Version, BuiltRelease]:
    """Return the releases that were `built`, the newest of those that are new in the `ledger` with its deltas.

    Where several come at once, clients update to the last of them.
    """
    new = built.keys() - ledger.releases.keys()
    if not new or not settings.releases or not is_possible():
        return dict(built)
    version = max(new)
    artifacts = {known: released.artifacts for known, released in ledger.releases.items()}
    artifacts |= {known: release.artifacts for known, release in built.items()}
    earlier = sorted((one for one in artifacts if one < version), reverse=True)[: settings.releases]
    pairs = [
        (one, base, artifact)
        for artifact in artifacts[version]
        for one in earlier
        for base in artifacts[one]
        if base.platform == artifact.platform and (ledger.id, one) not in access.withdrawn
    ]
    return {**built, version: replace(built[version], deltas=tuple(_deltas(pairs, ledger, access, settings)))}


def _deltas(
    pairs: list[tuple[Version, ArtifactFact, ArtifactFact]],
    ledger: Ledger,
    access: ObjectAccess,
    settings: DeltaSettings,
) -> Iterator[DeltaFact]:
    """Yield the deltas between the packages of `pairs`, nearest first, that are worth it."""
    for version, base, artifact in pairs:
        if base.sha256 == artifact.sha256 or not SMALL_BYTES < artifact.size <= MAX_PACKAGE_BYTES >= base.size:
            continue
        package = access.local.read(artifact.blob)
        try:
            before = access.package(base.blob, layout.package_key(ledger.id, version, base.platform))
        except (ObjectMissingError, TamperedError):
            continue
        delta = make_delta(before, package) if package is not None else b""
        if delta and len(delta) * 100 <= artifact.size * settings.percent:
            ref = access.local.add(delta)
            yield DeltaFact(artifact=artifact.sha256, base=base.sha256, sha256=ref.sha256, size=ref.size)
