"""What changed in the catalogue lately, and where all of it began: how clients follow it without fetching it again.

Rows are the exact JSON texts of `PluginSummary` as they stand in the catalogue, so that what follows is byte for byte
the catalogue that the signed root names, whatever else later versions write into a row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pluginry.model.digest import BlobRef
from pluginry.model.names import PluginId


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueStep:
    """What became of the catalogue ``before`` in one publication, without what changed again later.

    ``head`` is the text in front of the rows when it changed.
    """

    before: BlobRef
    rows: tuple[str, ...] = ()
    removed: tuple[PluginId, ...] = ()
    head: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueBase:
    """A whole catalogue, ``packed`` for clients that have none yet."""

    catalogue: BlobRef
    packed: BlobRef


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueLog:
    """The last ``steps``, newest first; ``base`` is the catalogue before one of them, or the current one."""

    format: int = field(default=1, metadata={"always": True})
    base: CatalogueBase
    steps: tuple[CatalogueStep, ...] = ()

    def since(self, catalogue: BlobRef) -> tuple[CatalogueStep, ...] | None:
        """Return the steps from `catalogue` to the current one, newest first; None when it is older than the log."""
        for number, step in enumerate(self.steps, 1):
            if step.before == catalogue:
                return self.steps[:number]
        return None
