"""What the last publication from here left in a store, so that the next one knows whether it has anything to do.

In: a name for what a publication is made of (unchanged.py), the targets and the signed state that it left. Out: what a
publication of the same would come to, known at once where the store shows the same timestamp and nothing is to be
signed yet; else the same targets, read from the store through their signatures. Both cost the same whatever the size of
the marketplace. What is remembered lies beside the inventories; lost, damaged or of another store it costs a whole run
and never more.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from pluginry.errors import ObjectMissingError
from pluginry.model.digest import Digest
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.publisher.memory import Memory
from pluginry.publisher.outcome import Outcome, PublishReport, SigningRun

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pluginry.model.published import SignedState
    from pluginry.ports import MetadataReader, ObjectStore

_PREFIX: Final = "settled-"
_TARGET: Final = "target "


@dataclass(frozen=True, slots=True)
class Settled:
    """What is remembered of the last publication to one store, in ``memory``."""

    memory: Memory

    @classmethod
    def within(cls, folder: Path | None, store: ObjectStore) -> Settled:
        """Return what is remembered in `folder` of `store`; without a folder nothing is kept."""
        return cls(Memory.within(folder, f"{_PREFIX}{hashlib.sha256(store.location.encode()).hexdigest()[:16]}"))

    @classmethod
    def is_anywhere(cls, folder: Path, made_of: str | None) -> bool:
        """Return whether a publication to any store was made of this: to be asked before a store is opened."""
        names = (path.stem for path in folder.glob(f"{_PREFIX}*.memory"))
        return any(cls(Memory.within(folder, name)).is_about(made_of) for name in names)

    def keep(self, made_of: str | None, targets: Mapping[str, bytes], state: SignedState, outcome: Outcome) -> None:
        """Remember that `outcome`, a publication made of this, left nothing to be done, with `targets` current."""
        if made_of is None:
            return
        facts = {
            "made of": made_of,
            "timestamp": Digest.of(state.timestamp).hex,
            "due at": state.due_at.isoformat(),
            **{name: str(getattr(outcome, name)) for name in ("serial", "plugins", "releases")},
            "index": "signed" if outcome.is_index_signed else "",
        }
        self.memory.keep(facts | {f"{_TARGET}{path}": Digest.of(body).hex for path, body in targets.items()})

    def forget(self) -> None:
        """Let the next publication do all of its work."""
        if self.memory.path is not None:
            self.memory.path.unlink(missing_ok=True)

    def is_about(self, made_of: str | None) -> bool:
        """Return whether the last publication was made of this, whatever is published now."""
        return bool(self._facts(made_of))

    def standing(self, made_of: str | None, store: ObjectStore, *, now: datetime) -> Outcome | None:
        """Return what publishing what is `made_of` this comes to while it stands in `store` as it was left; else None.

        It stands while the timestamp is the same, which names all else, and nothing is to be signed anew. Nothing else
        is read, and no key is needed.
        """
        facts = self._facts(made_of)
        try:
            if now >= datetime.fromisoformat(facts["due at"]):
                return None
            if Digest.of(store.read(TIMESTAMP_KEY)).hex != facts["timestamp"]:
                return None
            return _outcome(facts)
        except (ObjectMissingError, KeyError, TypeError, ValueError):
            return None  # nothing is there, or nothing was remembered that makes sense

    def current(self, made_of: str | None, reader: MetadataReader, store: ObjectStore) -> dict[str, bytes] | None:
        """Return the targets that `store` shows now if they are what a publication made of `made_of` gives, else None.

        Raises:
            TamperedError: the metadata in the store is not signed by keys of this marketplace.

        """
        targets = {}
        for name, digest in self._facts(made_of).items():
            if not name.startswith(_TARGET):
                continue
            path = name.removeprefix(_TARGET)
            body = reader.current_target(path, store)
            if body is None or Digest.of(body).hex != digest:
                return None
            targets[path] = body
        return targets or None

    def _facts(self, made_of: str | None) -> dict[str, str]:
        """Return what was kept, if it is about the same input."""
        kept = self.memory.load()
        return kept if made_of is not None and kept.get("made of") == made_of else {}


def _outcome(facts: Mapping[str, str]) -> Outcome:
    """Return what is told of a publication that had nothing to do and looked at one object."""
    return Outcome(
        built=(),
        signing=SigningRun(),
        quarantined=(),
        serial=int(facts["serial"]),
        plugins=int(facts["plugins"]),
        releases=int(facts["releases"]),
        report=PublishReport(unchanged=1),
        is_index_signed=bool(facts["index"]),
        is_unchanged=True,
    )
