"""How large each kind of document may be, in bytes, before anybody looks into it: the whole table, in one place.

In: nothing. Out: numbers, generous for the largest honest marketplace and far below what hurts a small machine. What
the index names by size is held to its very size as well; these bounds are for who signs the sizes too.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.model import layout
from pluginry.model.advisory import AdvisoryList
from pluginry.model.index import Catalogue, PluginRecord, TreeNode, TreeRoot, TreeShard, TrustPolicy
from pluginry.model.manifest import FileList, Manifest
from pluginry.model.receipt import SourceState

if TYPE_CHECKING:
    from collections.abc import Mapping

KIB, MIB = 1 << 10, 1 << 20
FIRST_ROOT = 64 * KIB
BUNDLE = 256 * KIB
STATEMENT = 64 * KIB
DOCUMENTS: Mapping[type, int] = MappingProxyType(
    {
        TrustPolicy: 64 * KIB,
        TreeRoot: 1 * MIB,
        TreeNode: 64 * KIB,
        TreeShard: 1 * MIB,
        PluginRecord: 16 * MIB,
        Manifest: 1 * MIB,
        FileList: 16 * MIB,
        AdvisoryList: 8 * MIB,
        Catalogue: 32 * MIB,
        SourceState: 32 * MIB,
    }
)
"""By the model that a document is read as."""
TARGETS: Mapping[str, int] = MappingProxyType(
    {
        layout.POLICY_TARGET: DOCUMENTS[TrustPolicy],
        layout.INDEX_ROOT_TARGET: DOCUMENTS[TreeRoot],
        layout.INDEX_ADVISORIES_TARGET: DOCUMENTS[AdvisoryList],
        layout.TRUSTED_ROOT_TARGET: 256 * KIB,
        layout.REVOCATIONS_TARGET: 8 * MIB,
    }
)
"""By the path of a target of the trust metadata."""
