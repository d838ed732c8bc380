"""What a publication is made of, as one name: while the name is the same, so is what would be published.

In: the ids that git gives to the input, the programs and templates of this installation. Out: the name. It never asks
what the files of the input hold, for git did; of our own files it reads every byte, and trusts no time of change.
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluginry.encoding.data_folder import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PROGRAM: Final = Path(__file__).resolve().parents[1]
_COMPILED: Final = "__pycache__"


def input_digest(trees: Iterable[str]) -> str:
    """Return a name for what a publication is made of: git `trees` of registry and index, and this installation."""
    return hashlib.sha256("\n".join((*trees, installation_digest())).encode()).hexdigest()


@cache
def installation_digest() -> str:
    """Return a name for everything of this installation that shapes what is published, as it was when first asked.

    It covers every byte of our own, and the versions of everything else.
    """
    whole = hashlib.sha256(sys.version.encode())
    for folder in (_PROGRAM, data_folder("schemas"), data_folder("site_templates")):
        for name in sorted(_files(str(folder), "")):
            with open(f"{folder}/{name}", "rb", buffering=0) as file:  # noqa: PTH123 - there are a thousand of them
                body = file.read()
            whole.update(f"\n{name} {len(body)}\n".encode())
            whole.update(body)
    folders = (Path(place) for place in sys.path if Path(place).is_dir())
    whole.update("\n".join(sorted(path.name for folder in folders for path in folder.glob("*.dist-info"))).encode())
    return whole.hexdigest()


def _files(folder: str, prefix: str) -> Iterator[str]:
    """Yield the files below `folder`, as ``prefix/name``; what Python compiled is made of the others."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != _COMPILED:
                    yield from _files(entry.path, f"{prefix}{entry.name}/")
            elif entry.is_file() and not entry.name.endswith(".pyc"):
                yield f"{prefix}{entry.name}"
