"""What a file of trust metadata names, read without trusting it: to find out what is still in use, and nothing else.

In: the bytes of a numbered metadata file. Out: keys. Signatures are not looked at: whoever can write to the store can
also remove from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pluginry.encoding import strict_json
from pluginry.errors import DocumentError
from pluginry.model import layout
from pluginry.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_METADATA_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataFile:
    """The ``paths`` of the targets that it names, with their digests; keys of other ``metadata`` that it lists."""

    paths: Mapping[str, Digest]
    metadata: frozenset[str]

    @property
    def targets(self) -> frozenset[str]:
        """The keys of the targets."""
        return frozenset(layout.target_key(path, digest) for path, digest in self.paths.items())


def read_metadata(data: bytes, *, what: str) -> MetadataFile:
    """Return what the metadata file `data` names.

    Raises:
        DocumentError: it is none.

    """
    document: Any = strict_json.parse(data, what=what, max_bytes=MAX_METADATA_BYTES)
    try:
        says = document["signed"]
        paths = {path: Digest(info["hashes"]["sha256"]) for path, info in says.get("targets", {}).items()}
        listed = {f"{layout.METADATA_PREFIX}{meta['version']}.{name}" for name, meta in says.get("meta", {}).items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise DocumentError("this is no trust metadata", where=what) from error
    return MetadataFile(paths=paths, metadata=frozenset(listed))
