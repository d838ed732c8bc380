"""Templates compiled once: for all renderers of a process, and for later ones where Python keeps compiled modules, too.

In: what jinja2 compiles. Out: the same again, for a template of the same name and text in an environment of the same
kind. Kept is only what was made of this installation's own templates, and only in the ``__pycache__`` of this package,
whose files are run by whoever imports it: never in a folder of a registry, a home, or a publisher.
"""

from __future__ import annotations

import hashlib
import marshal
import sys
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import BytecodeCache, Environment

from pluginry.publisher.kept_file import keep_file
from pluginry.publisher.unchanged import installation_digest

if TYPE_CHECKING:
    from types import CodeType

    from jinja2.bccache import Bucket

    from pluginry.publisher.pages.languages import Language

_FOLDER: Final = Path(cache_from_source(__file__)).parent
_ENOUGH: Final = 16  # letters of a digest, to tell names apart
_DIGEST_BYTES: Final = 32


class Compiled(BytecodeCache):
    """Compiled templates by name and text. They are kept for those who have the same `name`, if there is one."""

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Let `bucket` have the code of its template, if that was compiled before."""
        code = self._codes.get((bucket.key, bucket.checksum)) or self._kept(bucket)
        if code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Remember the code in `bucket`."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code
            if self._name and not sys.dont_write_bytecode:
                body = marshal.dumps(bucket.code)
                keep_file(self._file(bucket), self._head(bucket, body) + body)  # often nobody may write there

    def _kept(self, bucket: Bucket) -> CodeType | None:
        try:
            whole = self._file(bucket).read_bytes() if self._name else b""
        except OSError:
            return None
        head, body = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
        if head != self._head(bucket, body):
            return None
        code: CodeType = marshal.loads(body)  # noqa: S302 - what Python itself does with what it finds in this folder
        return code

    def _head(self, bucket: Bucket, body: bytes) -> bytes:
        """Return the digest of everything that the code is made of, and of the code."""
        return hashlib.sha256(f"{self._name} {bucket.key} {bucket.checksum}\n".encode() + body).digest()

    def _file(self, bucket: Bucket) -> Path:
        return _FOLDER / f"template-{bucket.key[:_ENOUGH]}-{self._name[:_ENOUGH]}.pyc"


def compiled_for(kind: type[Environment], language: Language) -> Compiled:
    """Return what environments of a `kind` and `language` share: both are built into the code.

    That of a sandbox is not kept: there are templates of an operator.
    """
    sentences = tuple(sorted(language.messages.items()))
    return _compiled(language.tag, language.is_rtl, sentences, is_kept=kind is Environment)


@cache
def _compiled(*made_of: object, is_kept: bool) -> Compiled:
    return Compiled(f"{hashlib.sha256(repr(made_of).encode()).hexdigest()} {installation_digest()}" if is_kept else "")
