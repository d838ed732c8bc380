"""The tags of a developer's repository, over https; see `RepositoryTags`.

In: an address. Out: commits by tag. Only names are transferred; neither the user's git configuration nor their
credentials take part.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pluginry.adapters.git_source import HARDENED, git_variables
from pluginry.adapters.tool_process import run_tool
from pluginry.errors import NotFoundError, TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE: Final = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?)\trefs/tags/([!-~]{1,200}?)(\^\{\})?")
_MAX_BYTES: Final = 4 << 20
_UNKNOWN: Final = ("could not read Username", "not found", "does not exist", "does not appear to be a git repository")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitTags:
    """Asks repositories over https, each for at most ``deadline_s`` seconds."""

    unsafe_allow_file_protocol: bool = False
    deadline_s: float = 60.0

    def tags(self, repository: str) -> Mapping[str, str]:
        """Return the commit of every tag; see `RepositoryTags`."""
        parts = urlsplit(repository)
        if not (parts.scheme == "https" or (parts.scheme == "file" and self.unsafe_allow_file_protocol)):
            raise TransportError("git is only spoken over https", where=f"{parts.scheme}://{parts.hostname or ''}")
        if parts.username is not None or parts.password is not None:
            raise TransportError("the address of a repository may not hold credentials", where=parts.hostname or "")
        with tempfile.TemporaryDirectory(prefix="pluginry-tags-") as scratch:
            done = run_tool(
                [*HARDENED, "ls-remote", "--quiet", "--tags", "--", repository],
                folder=Path(scratch),
                variables=git_variables(Path(scratch), with_files=self.unsafe_allow_file_protocol),
                timeout_s=self.deadline_s,
                max_output_bytes=_MAX_BYTES,
            )
        if done.status != 0 and any(sign in done.errors for sign in _UNKNOWN):
            raise NotFoundError("there is no such repository, or it is not public", where=repository)
        if done.status != 0:
            raise TransportError("a repository does not say what it publishes", where=repository)
        return _commits(done.output)


def _commits(listed: bytes) -> Mapping[str, str]:
    """Return commits by tag: of an annotated tag the commit that it names, not the tag itself."""
    found: dict[str, str] = {}
    for line in listed.splitlines():
        if (match := _LINE.fullmatch(line)) and (match[3] or match[2].decode() not in found):
            found[match[2].decode()] = match[1].decode()
    return found
