"""Wheels: the files an installer would put on the import path go to ``lib/``; METADATA gives the manifest.

In: a wheel. Out: a tree and what its metadata says. Never imports or builds anything, never installs requirements: they
are named for the host's environment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pluginry.encoding.foreign_zip import unpack_zip
from pluginry.encoding.wheel_metadata import read_wheel_metadata
from pluginry.model.manifest import Environment, Runtime
from pluginry.publisher.wrapping.placing import Derived, licenses_among, place

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY: Final = "lib"
_DATA_TARGETS: Final = {"purelib": LIBRARY, "platlib": LIBRARY, "scripts": "scripts", "data": "data"}


def wrap_wheel(wheel: Path, unpacked: Path, tree: Path) -> Derived:
    """Unpack `wheel` to the folder `unpacked`, fill the new folder `tree`, and return what the wheel says of itself.

    Raises:
        ArchiveError: it cannot be unpacked safely.
        DocumentError: its metadata cannot be read.
    """
    names = [file.name for file in unpack_zip(wheel, unpacked)]
    metadata = read_wheel_metadata(unpacked)
    place(unpacked, tree, {name: target for name in names if (target := _target(name, metadata.dist_info))})
    in_dist_info = [f"{LIBRARY}/{name}" for name in names if name.startswith(f"{metadata.dist_info}/")]
    return Derived(
        runtime=Runtime(kind="python", paths=(LIBRARY,)),
        entry_points=metadata.entry_points,
        environment=Environment(
            runtime=metadata.requires_python, requirements=tuple(str(requirement) for requirement in metadata.requires)
        ),
        license_files=licenses_among(in_dist_info),
    )


def _target(name: str, dist_info: str) -> str:
    """Return where a file of the wheel goes; headers of C libraries go nowhere."""
    data = dist_info.removesuffix(".dist-info") + ".data/"
    if not name.startswith(data):
        return f"{LIBRARY}/{name}"
    scheme, _, rest = name.removeprefix(data).partition("/")
    target = _DATA_TARGETS.get(scheme)
    return f"{target}/{rest}" if target and rest else ""
