"""What the last publication from here left in a store, so that the next one knows whether it has anything to do.

In: a name for what a publication is made of (unchanged.py), the signed state that it left. Out: what a publication of
the same would come to, known at once where the store shows the same timestamp and nothing is to be signed yet; else the
targets of today, read from the store through their signatures. Both cost the same whatever the size of the marketplace.
What is remembered lies beside the inventories; lost, damaged or of another store it costs a whole run and never more.
That nothing is left to be done is never believed of a memory alone: the timestamp in the store must say the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from pluginry.encoding import strict_json
from pluginry.errors import DocumentError, ObjectMissingError
from pluginry.model.digest import Digest
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.model.published import SETTLED_FIELD
from pluginry.publisher.memory import Memory
from pluginry.publisher.outcome import Outcome, PublishReport, SigningRun

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pluginry.model.published import SignedState
    from pluginry.ports import MetadataReader, ObjectStore

_PREFIX: Final = "settled-"
_TIMESTAMP_BYTES: Final = 1 << 20


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

    def keep(self, made_of: str | None, state: SignedState, outcome: Outcome) -> None:
        """Remember that `outcome`, a publication made of this, left nothing to be done."""
        if made_of is None:
            return
        self.memory.keep(
            {
                "made of": made_of,
                "timestamp": Digest.of(state.timestamp).hex,
                **{name: str(getattr(outcome, name)) for name in ("serial", "plugins", "releases")},
                "index": "signed" if outcome.is_index_signed else "",
            }
        )

    def forget(self) -> None:
        """Let the next publication do all of its work."""
        if self.memory.path is not None:
            self.memory.path.unlink(missing_ok=True)

    def is_about(self, made_of: str | None) -> bool:
        """Return whether the last publication was made of this, whatever is published now."""
        return bool(self._facts(made_of))

    def standing(self, made_of: str | None, store: ObjectStore, *, now: datetime) -> Outcome | None:
        """Return what publishing what is `made_of` this comes to while it stands in `store` as it was left; else None.

        It stands while the timestamp is the same, which names all else, and says that nothing is to be signed anew.
        Nothing else is read, and no key is needed.
        """
        facts = self._facts(made_of)
        try:
            timestamp = facts and store.read(TIMESTAMP_KEY)
            if not timestamp or Digest.of(timestamp).hex != facts["timestamp"]:
                return None
            due_at = _settled_until(timestamp, made_of)
            return _outcome(facts) if due_at and now < due_at else None
        except (ObjectMissingError, KeyError, TypeError, ValueError):
            return None  # nothing is there, or nothing was remembered that makes sense

    def current(self, made_of: str | None, reader: MetadataReader, store: ObjectStore) -> Mapping[str, bytes] | None:
        """Return the targets that `store` shows now if nothing is left to be done of what is `made_of` this, else None.

        Raises:
            TamperedError: the metadata in the store is not signed by keys of this marketplace.

        """
        try:
            is_same = _settled_until(store.read(TIMESTAMP_KEY), made_of) is not None
        except ObjectMissingError:
            return None
        return reader.current_targets(store) if is_same and self._facts(made_of) else None

    def _facts(self, made_of: str | None) -> dict[str, str]:
        """Return what was kept, if it is about the same input."""
        kept = self.memory.load()
        return kept if made_of is not None and kept.get("made of") == made_of else {}


def _settled_until(timestamp: bytes, made_of: str | None) -> datetime | None:
    """Return until when a `timestamp` says that nothing is left to be done of what is `made_of` this; else None."""
    try:
        said = strict_json.parse(timestamp, what=TIMESTAMP_KEY, max_bytes=_TIMESTAMP_BYTES)["signed"][SETTLED_FIELD]
        return datetime.fromisoformat(said["due_at"]) if said["made_of"] == made_of else None
    except (DocumentError, KeyError, TypeError, ValueError):
        return None


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
