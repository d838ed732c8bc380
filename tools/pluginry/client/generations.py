"""The generations of a home: each is the whole set of installed plugins at one time, and the newest one is the truth.

In: a folder. Out: generations by number. Going back is a new one like an earlier one; only what is too old to go back
to is ever removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.client import limits
from pluginry.encoding import documents
from pluginry.encoding.whole_file import write_whole
from pluginry.errors import NotFoundError
from pluginry.model.receipt import Generation

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pluginry.model.receipt import InstalledPlugin


@dataclass(frozen=True, slots=True)
class Generations:
    """The files ``<n>.json`` in ``folder``."""

    folder: Path

    def numbers(self) -> list[int]:
        """Return the numbers of all generations, oldest first."""
        return sorted(int(path.stem) for path in self.folder.glob("*.json") if path.stem.isdecimal())

    def newest(self) -> Generation | None:
        """Return the newest generation, or None when there is none yet."""
        numbers = self.numbers()
        return self.find(numbers[-1]) if numbers else None

    def find(self, number: int) -> Generation:
        """Return generation `number`.

        Raises:
            NotFoundError: there is no generation of that number.

        """
        path = self._file_of(number)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            hint = "`pluginry rollback --list` tells which there are"
            raise NotFoundError(f"there is no generation {number}", hint=hint) from error
        return documents.decode(Generation, data, what=str(path), max_bytes=limits.DOCUMENTS[Generation])

    def add(self, plugins: tuple[InstalledPlugin, ...], *, cause: str, now: datetime) -> Generation:
        """Make `plugins` the newest generation and return it; when they are that already, nothing is added."""
        ordered = tuple(sorted(plugins, key=lambda installed: installed.id))
        newest = self.newest()
        if newest is not None and newest.plugins == ordered:
            return newest
        generation = Generation(number=self._next(), at=now, cause=cause, plugins=ordered)
        write_whole(self._file_of(generation.number), documents.encode(generation))
        self._staged_file.unlink(missing_ok=True)  # it was made for the generation before
        return generation

    def stage(self, plugins: tuple[InstalledPlugin, ...], *, cause: str, now: datetime) -> Generation:
        """Write down `plugins` as the generation that comes next, and return it; nothing is changed by that."""
        ordered = tuple(sorted(plugins, key=lambda installed: installed.id))
        generation = Generation(number=self._next(), at=now, cause=cause, plugins=ordered)
        write_whole(self._staged_file, documents.encode(generation))
        return generation

    def staged(self) -> Generation | None:
        """Return the generation that waits to come next; None when there is none, or the home was changed since."""
        try:
            data = self._staged_file.read_bytes()
        except FileNotFoundError:
            return None
        what, limit = str(self._staged_file), limits.DOCUMENTS[Generation]
        staged = documents.decode(Generation, data, what=what, max_bytes=limit)
        return staged if staged.number == self._next() else None

    def forget(self, number: int) -> None:
        """Remove an old generation: nobody can go back to it any more."""
        self._file_of(number).unlink(missing_ok=True)

    def set_aside(self, number: int) -> None:
        """Rename a generation that cannot be read, so that it is kept for people and counts no more."""
        path = self._file_of(number)
        path.rename(path.with_suffix(".unreadable"))

    @property
    def _staged_file(self) -> Path:
        return self.folder / "staged.json"

    def _next(self) -> int:
        return max(self.numbers(), default=0) + 1

    def _file_of(self, number: int) -> Path:
        return self.folder / f"{number}.json"
