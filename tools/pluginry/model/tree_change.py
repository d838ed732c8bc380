"""Files as git keeps them, and what two commits have differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PLAIN_FILE: Final = "100644"
EXECUTABLE_FILE: Final = "100755"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """A file, link or submodule at ``path``: ``mode`` as git writes it, ``blob`` the id of its content."""

    path: str
    mode: str
    blob: str

    @property
    def is_plain(self) -> bool:
        """Whether it is a file, and neither link nor submodule."""
        return self.mode in (PLAIN_FILE, EXECUTABLE_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeDifference:
    """What is at ``path`` ``before`` and ``after``; None where nothing is."""

    path: str
    before: TreeEntry | None
    after: TreeEntry | None
