"""Releases that nobody can install any more: yanked by their author, and blocked by an advisory that stands.

In: registry and ledgers. Out: which releases. Their packages are not uploaded, so that what was taken down
(take_down.py) does not come back from somebody's object cache, and nobody misses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.model.advisory import Subject
from pluginry.model.revocation import in_force

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.advisory import Advisory
    from pluginry.model.ledger import Ledger
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version


def withdrawn_releases(
    advisories: Iterable[Advisory], ledgers: Iterable[Ledger]
) -> frozenset[tuple[PluginId, Version]]:
    """Return the recorded releases that are both yanked and blocked."""
    blocking = [one for one in in_force((), advisories) if one.blocks_installing]
    return frozenset(
        (ledger.id, version)
        for ledger in ledgers
        for version, released in ledger.releases.items()
        if (amended := ledger.amendment_of(version)) is not None
        and amended.yanked is not None
        and any(
            one.hits(
                Subject(
                    plugin=ledger.id,
                    version=version,
                    digests=tuple(artifact.sha256 for artifact in released.artifacts),
                    publisher=ledger.standing.publisher if ledger.standing else None,
                    published_at=released.at,
                )
            )
            for one in blocking
        )
    )
