"""How large each kind of document may be, in bytes, before anybody looks into it: the whole table, in one place.

In: nothing. Out: numbers, generous for the largest honest marketplace and far below what hurts a small machine. What
the index names by size is held to its very size as well; these bounds are for who signs the sizes too.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.model import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class _Sizes:
    """Bytes by the model that a document is read as: by its name, so that who needs one does not import them all."""

    def __init__(self, **sizes: int) -> None:
        self._sizes = sizes

    def __getitem__(self, model: type) -> int:
        return self._sizes[model.__name__]


KIB, MIB = 1 << 10, 1 << 20
FIRST_ROOT = 64 * KIB
BUNDLE = 256 * KIB
STATEMENT = BUNDLE // 4 * 3
"""What fits into a bundle, where it is written in base64."""
PACKAGE = 528 * MIB
"""What the archive profile lets a package hold when it is stored, and its headers."""
_POLICY, _ROOT, _ADVISORIES = 64 * KIB, 1 * MIB, 8 * MIB
DOCUMENTS = _Sizes(
    TrustPolicy=_POLICY,
    TreeRoot=_ROOT,
    TreeNode=64 * KIB,
    TreeShard=1 * MIB,
    PluginRecord=16 * MIB,
    Manifest=1 * MIB,
    FileList=16 * MIB,
    AdvisoryList=_ADVISORIES,
    Catalogue=128 * MIB,
    CatalogueLog=16 * MIB,
    SourceState=32 * MIB,
    Receipt=16 * MIB,
    Generation=32 * MIB,
)
TARGETS: Mapping[str, int] = MappingProxyType(
    {
        layout.POLICY_TARGET: _POLICY,
        layout.INDEX_ROOT_TARGET: _ROOT,
        layout.INDEX_BUNDLE_TARGET: BUNDLE,
        layout.INDEX_ADVISORIES_TARGET: _ADVISORIES,
        layout.TRUSTED_ROOT_TARGET: 256 * KIB,
        layout.REVOCATIONS_TARGET: layout.REVOCATIONS_PART_BYTES,
    }
)
"""By the path of a target of the trust metadata; see `targets`."""


def targets(is_there: Callable[[str], bool]) -> Iterator[tuple[str, int]]:
    """Yield the targets that are there, each with the size that it may have."""
    yield from ((path, max_bytes) for path, max_bytes in TARGETS.items() if is_there(path))
    yield from ((path, layout.REVOCATIONS_PART_BYTES) for path in layout.revocations_parts(is_there))
