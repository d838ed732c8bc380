"""What one publication remembers for the next one, to do less work: texts by name, in one file beside the inventories.

In: a folder. Out: what was kept there, if it is whole and was kept by the same installation, else nothing. Such a file
is safe to delete at any time, and is never trusted: whoever uses it can do without, and holds what it finds in it to
the same rules as what they make themselves.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluginry.publisher.unchanged import installation_digest

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST_LINE: Final = "pluginry-memory-1"


@dataclass(frozen=True, slots=True)
class Memory:
    """A file at ``path``, of an ``installation``; without a path nothing is kept. Names hold no tabs, nothing lines."""

    path: Path | None
    installation: str = ""

    @classmethod
    def within(cls, folder: Path | None, name: str) -> Memory:
        """Return the memory called `name` in `folder`; without a folder nothing is kept."""
        return cls(folder / f"{name}.memory", installation_digest()) if folder else cls(None)

    def load(self) -> dict[str, str]:
        """Return what was kept, if it is whole and made by the same installation."""
        try:
            head, _, rest = self.path.read_bytes().partition(b"\n") if self.path else (b"", b"", b"")
            if head != self._head(rest):
                return {}
            lines = (line.partition("\t") for line in rest.decode().split("\n") if line)
            return {name: text for name, _, text in lines}
        except (OSError, UnicodeDecodeError):
            return {}

    def keep(self, texts: Mapping[str, str]) -> None:
        """Keep `texts` in place of what was kept."""
        if self.path is None:
            return
        rest = "".join(f"{name}\t{text}\n" for name, text in texts.items()).encode()
        with suppress(OSError):  # it saves time, and what was published is published
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".new-", dir=self.path.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(self._head(rest) + b"\n" + rest)
                Path(name).replace(self.path)
            finally:
                Path(name).unlink(missing_ok=True)

    def _head(self, rest: bytes) -> bytes:
        return f"{_FIRST_LINE} {self.installation} {hashlib.sha256(rest).hexdigest()}".encode()
