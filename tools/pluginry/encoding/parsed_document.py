"""A document as it was read: plain values, what was wrong with its notation, and where everything stands in the file.

Made by `strict_yaml.parse`; whoever reads JSON without positions leaves `marks` empty and locations name the file only.
Never judges content: that is for schemas and rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pluginry.model.finding import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.finding import DocumentPath, Finding


class Mark(NamedTuple):
    """Where a value and the key before it start; from 1. List items and the root have their value's place for both."""

    line: int
    column: int
    key_line: int
    key_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDocument:
    """One file: its plain ``value`` (dict, list, str, int, bool, None), ``findings`` about its notation, ``marks``.

    A document that cannot be read has the value None and says why in ``findings``.
    """

    file: str
    value: Any
    findings: tuple[Finding, ...] = ()
    marks: Mapping[DocumentPath, Mark] = field(default_factory=dict, repr=False)

    @property
    def readable(self) -> bool:
        """Whether ``value`` is what the file says, so that judging it makes sense."""
        return self.value is not None or not self.findings

    def location_of(self, path: DocumentPath) -> Location:
        """Return where the value at `path` starts; for a value that is not there, where its nearest parent does."""
        mark = self._nearest(path)
        line, column = (mark.line, mark.column) if mark else (0, 0)
        return Location(file=self.file, line=line, column=column, path=path)

    def location_of_key(self, path: DocumentPath) -> Location:
        """Return where the key of the value at `path` starts; the value itself when no key stands before it."""
        mark = self._nearest(path)
        line, column = (mark.key_line, mark.key_column) if mark else (0, 0)
        return Location(file=self.file, line=line, column=column, path=path)

    def _nearest(self, path: DocumentPath) -> Mark | None:
        for length in range(len(path), -1, -1):
            if mark := self.marks.get(path[:length]):
                return mark
        return None
