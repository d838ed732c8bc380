"""A release that a developer made at a forge, and the repository around it, as the forge tells it."""

from __future__ import annotations

from dataclasses import dataclass

from pluginry.model.digest import Digest
from pluginry.model.listing import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFile:
    """A file of a release; ``sha256`` is the forge's word for it, None where it gives none."""

    name: str
    address: str
    sha256: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeRelease:
    """A tag of a repository with its ``commit``, the ``files`` released for it, and what the repository says of itself.

    ``name`` is ``OWNER/NAME``, ``license`` an SPDX id as the forge recognised it, or empty.
    """

    name: str
    tag: str
    commit: str
    address: str
    repository_id: int
    owner: Account
    files: tuple[ReleaseFile, ...] = ()
    summary: str = ""
    homepage: str = ""
    license: str = ""
    topics: tuple[str, ...] = ()
