"""npm packages: their one folder becomes ``package/``; package.json gives the manifest.

In: a tarball as the registry has it. Out: a tree and what its metadata says. Never runs a script, and refuses packages
that would not work without one; dependencies are named for the host's environment, never installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pluginry.encoding.npm_metadata import read_npm_metadata
from pluginry.encoding.tarball import unpack_tarball
from pluginry.errors import DocumentError
from pluginry.model.manifest import Environment, Runtime
from pluginry.publisher.wrapping.placing import Derived, licenses_among, place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.encoding.npm_metadata import NpmMetadata

FOLDER: Final = "package"
_MAX_REQUIREMENTS, _MAX_REQUIREMENT, _MAX_RUNTIME = 200, 300, 200


def wrap_npm_tarball(tarball: Path, unpacked: Path, tree: Path) -> Derived:
    """Unpack `tarball` to the folder `unpacked`, fill the new folder `tree`, and return what the package says.

    Raises:
        ArchiveError: it cannot be unpacked safely.
        DocumentError: its metadata cannot be read, or it runs scripts at installation.
    """
    names = [file.name for file in unpack_tarball(tarball, unpacked)]
    metadata = read_npm_metadata(unpacked)
    if metadata.install_scripts:
        raise DocumentError(
            "the package runs scripts when it is installed",
            where="package.json",
            why=", ".join(metadata.install_scripts),
            hint="nothing of a plugin runs before its user has enabled it: list a package that needs no script",
        )
    moves = {name: f"{FOLDER}/{name.partition('/')[2]}" for name in names}
    place(unpacked, tree, moves)
    placed = set(moves.values())
    main = next((main for name in metadata.mains if (main := f"{FOLDER}/{name}") in placed), "")
    return Derived(
        runtime=Runtime(kind="node", entry_point=main),
        environment=Environment(
            runtime=metadata.engines.get("node", "")[:_MAX_RUNTIME],
            requirements=tuple(_requirements(metadata))[:_MAX_REQUIREMENTS],
        ),
        license_files=licenses_among(name for name in placed if name.count("/") == 1),
    )


def _requirements(metadata: NpmMetadata) -> Iterator[str]:
    for name, wanted in sorted({**metadata.dependencies, **metadata.peer_dependencies}.items()):
        requirement = f"{name}@{wanted or '*'}"
        yield requirement if len(requirement) <= _MAX_REQUIREMENT else f"{name}@*"
