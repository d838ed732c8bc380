"""What a publication did, as plain data: for whoever tells of it, looks after it, or remembers it.

In: nothing; the stages fill it in. Out: values. It does nothing, and imports next to nothing: a publication that has
nothing to do is told before the stages are even loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginry.errors import TransportError

if TYPE_CHECKING:
    from pluginry.errors import PluginryError
    from pluginry.model.finding import Finding
    from pluginry.model.quarantine import Quarantined


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRun:
    """How many packages were ``signed``, by how many ``bundles``, how many are ``waiting``, and what for."""

    signed: int = 0
    bundles: int = 0
    waiting: int = 0
    stopped_by: TransportError | None = None


@dataclass(slots=True, kw_only=True)
class PublishReport:
    """What was written: keys that were created and replaced, how many were there already, bytes sent.

    ``marks`` are for an inventory: those of what was found or written and was not known to be there. ``root_before`` is
    the timestamp that was replaced, for who has to go back to it.
    """

    created: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: int = 0
    bytes_written: int = 0
    marks: dict[str, str] = field(default_factory=dict, repr=False)
    root_before: bytes | None = field(default=None, repr=False)

    @property
    def written(self) -> int:
        """How many objects were written."""
        return len(self.created) + len(self.replaced)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a publication did: releases ``built``, what was signed, what is ``quarantined``, what was written.

    ``tolerated`` are findings that block in a check, but are about what was published like that and stays.
    ``serial``, ``plugins`` and ``releases`` are those of the index that is current now. ``held_back`` says why that is
    still the index from before: clients would not accept the new one without a signature, which it could not get.
    ``text_left_out`` says why READMEs cannot be searched, although the operator wants it.
    It ``is_unchanged`` when nothing was looked at, because the last publication from here was made of the same input.
    """

    built: tuple[str, ...]
    signing: SigningRun
    quarantined: tuple[Quarantined, ...]
    tolerated: tuple[Finding, ...] = ()
    serial: int
    plugins: int
    releases: int
    report: PublishReport
    is_index_signed: bool = False
    held_back: PluginryError | None = None
    text_left_out: PluginryError | None = None
    is_unchanged: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether the same input, published again, would leave nothing to do."""
        left = (self.quarantined, self.tolerated, self.signing.waiting, self.signing.stopped_by, self.held_back)
        return not any((*left, isinstance(self.text_left_out, TransportError)))
