"""Templates compiled once for all renderers of a process: several languages, or several builds one after the other.

In: what jinja2 compiles. Out: the same again, for a template of the same name and text in an environment of the same
kind. It is never written to a disk, from where it would come back as code.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache

if TYPE_CHECKING:
    from types import CodeType

    from jinja2.bccache import Bucket

    from pluginry.publisher.pages.languages import Language


class Compiled(BytecodeCache):
    """Compiled templates by name and text."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Let `bucket` have the code of its template, if that was compiled before."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Remember the code in `bucket`."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


def compiled_for(kind: str, language: Language) -> Compiled:
    """Return what environments of a `kind` and `language` share: both are built into the code."""
    return _compiled(kind, language.tag, language.is_rtl, tuple(sorted(language.messages.items())))


@cache
def _compiled(kind: str, tag: str, is_rtl: bool, sentences: tuple[object, ...]) -> Compiled:  # noqa: ARG001 - they tell the results apart
    return Compiled()
