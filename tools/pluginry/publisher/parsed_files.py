"""Documents that were parsed before: the same bytes say the same, so they need not be parsed again.

In: the bytes of a file. Out: its document, with the value that was remembered for these bytes where there is one. Only
documents without findings are remembered, and their values only: schemas and models look at them each time.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pluginry.encoding import strict_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.publisher.memory import Memory

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ParsedFiles:
    """Parses, and remembers what it parsed: ``before`` are values as JSON, by the digest of the file they stood in."""

    def __init__(self, before: Mapping[str, str]) -> None:
        self._before = before
        self._now: dict[str, str] = {}

    def parse(self, data: bytes, *, file: str) -> ParsedDocument:
        """Return what `strict_yaml.parse` returns."""
        digest = hashlib.sha256(data).hexdigest()
        known = self._before.get(digest)
        if known is not None:
            self._now[digest] = known
            return strict_yaml.parsed_before(data, json.loads(known), file=file)
        document = strict_yaml.parse(data, file=file)
        if not document.findings:
            self._now[digest] = _as_json(document.value)
        return document

    def keep(self, memory: Memory, *, was_all: bool = True) -> None:
        """Keep in `memory` what was parsed now, and what was before unless that `was_all`; if that changes anything."""
        now = self._now if was_all else {**self._before, **self._now}
        if now.keys() != self._before.keys():
            memory.keep(now)
