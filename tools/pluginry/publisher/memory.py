"""What one publication remembers for the next one, to do less work: texts by name, in one file beside the inventories.

In: a folder. Out: what was kept there, if it is whole and good for the same (an installation, a turn), else nothing.
Such a file is safe to delete at any time, and is never trusted: whoever uses it can do without, and holds what it finds
in it to the same rules as what they make themselves. It has all names first and then all texts, a line each: so it is
read and written without a look at each.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pluginry.publisher.kept_file import keep_file
from pluginry.publisher.unchanged import installation_digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FIRST_LINE: Final = "pluginry-memory-2"
_BETWEEN: Final = "\n\n"
"""Between names and texts; no name is empty."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A file at ``path``, of use for who asks with the same ``good_for``; without a path nothing is kept.

    Names and texts are of one line each, and no name is empty.
    """

    path: Path | None
    good_for: str = ""

    @classmethod
    def within(cls, folder: Path | None, name: str) -> Memory:
        """Return this installation's memory called `name` in `folder`; without a folder nothing is kept."""
        return cls(folder / f"{name}.memory", installation_digest()) if folder else cls(None)

    def load(self) -> dict[str, str]:
        """Return what was kept, if it is whole and good for the same."""
        try:
            head, _, rest = self.path.read_bytes().partition(b"\n") if self.path else (b"", b"", b"")
            if head != self._head(rest) or not rest:
                return {}
            names, _, texts = rest.decode().partition(_BETWEEN)
            return dict(zip(names.split("\n"), texts.split("\n"), strict=True))
        except (OSError, ValueError):
            return {}

    def keep(self, texts: Mapping[str, str]) -> None:
        """Keep `texts` in place of what was kept."""
        if self.path is None:
            return
        rest = "\n".join((*texts, "", *texts.values())).encode() if texts else b""
        keep_file(self.path, self._head(rest) + b"\n" + rest)

    def _head(self, rest: bytes) -> bytes:
        return f"{_FIRST_LINE} {self.good_for} {hashlib.sha256(rest).hexdigest()}".encode()
