"""Whether a repository itself publishes a commit: asked of its branches and tags, over https.

In: address and full commit id. Out: yes or no. Forges keep the commits of all forks in one place and hand any of them
out under the original's address, so that a commit exists proves nothing. Only commits are transferred, no files; what
was fetched is gone afterwards.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pluginry.adapters.git_source import HARDENED, git_variables
from pluginry.adapters.tool_process import Finished, run_tool
from pluginry.errors import TransportError

_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ALL_REFS: Final = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_REFS: Final = ("refs/heads/*", "refs/tags/*")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitPublished:
    """Asks repositories over https; see `SourceHistory`. ``max_bytes`` bounds what the history may take on disk."""

    unsafe_allow_file_protocol: bool = False
    deadline_s: float = 300.0
    max_bytes: int = 1 << 30

    def publishes(self, repository: str, commit: str) -> bool:
        """Return whether a branch or tag of `repository` leads to `commit`; see `SourceHistory`."""
        parts = urlsplit(repository)
        if not (parts.scheme == "https" or (parts.scheme == "file" and self.unsafe_allow_file_protocol)):
            raise TransportError("git is only spoken over https", where=f"{parts.scheme}://{parts.hostname or ''}")
        if parts.username is not None or parts.password is not None or not _COMMIT.fullmatch(commit):
            return False
        with tempfile.TemporaryDirectory(prefix="pluginry-history-") as scratch:
            return self._is_a_tip(Path(scratch), repository, commit) or self._is_below(
                Path(scratch), repository, commit
            )

    def _is_a_tip(self, folder: Path, repository: str, commit: str) -> bool:
        """Return whether a branch or tag is exactly `commit`: the usual case, for one request."""
        listed = self._run(folder, "ls-remote", "--quiet", repository, *_REFS)
        if listed.status != 0:
            raise TransportError("a repository does not say what it publishes", where=repository)
        return any(line.split(b"\t")[0] == commit.encode() for line in listed.output.splitlines())

    def _is_below(self, folder: Path, repository: str, commit: str) -> bool:
        """Return whether `commit` is in the history of a branch or tag."""
        self._run(folder, "init", "--quiet", "--bare", "--template=", ".")
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--filter=tree:0")
        fetched = self._run(folder, "fetch", *options, repository, *_ALL_REFS)
        if fetched.status != 0:
            raise TransportError("the history of a repository could not be fetched", where=repository)
        # Without the fork's commit here git has no such object, which is the answer as well.
        found = self._run(folder, "for-each-ref", "--count=1", f"--contains={commit}")
        return found.status == 0 and bool(found.output.strip())

    def _run(self, folder: Path, *arguments: str) -> Finished:
        return run_tool(
            [*HARDENED, *arguments],
            folder=folder,
            variables=git_variables(folder, with_files=self.unsafe_allow_file_protocol),
            timeout_s=self.deadline_s,
            max_bytes=self.max_bytes,
        )
