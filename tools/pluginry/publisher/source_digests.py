"""Whether the sources in a registry give the packages that its releases name: else only publishing would find out.

In: a loaded registry and its folder. Out: findings about releases that are packed from a ``path``. It packs each of
them without writing anything, fetches nothing, and is silent about trees that cannot be packed: they have findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.errors import DocumentError
from pluginry.publisher import registry_layout
from pluginry.publisher.pack import digest_of_plan, plan_package
from pluginry.publisher.rules.sources import DIGEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.model.digest import Digest
    from pluginry.model.finding import Finding
    from pluginry.model.names import Platform
    from pluginry.publisher.loaded_registry import LoadedRegistry


def check_digests(loaded: LoadedRegistry, folder: Path) -> Iterator[Finding]:
    """Yield the releases of the registry in `folder` whose sources give another package than they say."""
    for entry in loaded.registry.plugins.values():
        for version, release in entry.releases.items():
            tree = entry.sources.get(version)
            for index, artifact in enumerate(release.artifacts):
                if tree is None or artifact.source.path.rstrip("/") != f"source/{version}":
                    continue
                found = _digest(folder / tree.folder, artifact.platform)
                if found not in (None, artifact.sha256):
                    file = registry_layout.release_file(entry, version)
                    where = loaded.locate(file, ("artifacts", index, "sha256"))
                    yield DIGEST.finding(
                        where,
                        f"the sources give a package with the sha256 {found}",
                        hint="write it here, if the release is new; the sources of a published one never change",
                    )


def _digest(tree: Path, platform: Platform) -> Digest | None:
    """Return the digest of the package that `tree` gives, or None when it gives none."""
    plan = plan_package(tree, platform=platform)
    if plan.is_refused:
        return None
    try:
        return digest_of_plan(plan).sha256
    except DocumentError:  # a file changed while it was read
        return None
