"""Brings a folder of a git repository at one exact commit here.

In: address, full commit id, subfolder. Out: the plain files of that tree, as git stores them. git only transfers and
reads objects: nothing is checked out, so that no filter, hook, attribute or submodule of the repository comes to life.
Never uses the user's git configuration or credentials.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from pluginry.adapters.tool_process import MAX_OUTPUT_BYTES, Finished, environment, run_tool
from pluginry.encoding.member_names import TakenNames, check_member_name
from pluginry.errors import ArchiveError, DocumentError, NotFoundError, TransportError

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_FILE_MODE, _PROGRAM_MODE = b"100644", b"100755"
_OLD_FILE_MODE = b"100664"
_MAX_FILES = 10_000
_QUICK_S = 60.0
HARDENED: Final = (
    "git",
    "-c", "core.hooksPath=" + os.devnull,
    "-c", "core.fsmonitor=false",
    "-c", "credential.helper=",
    "-c", "fetch.recurseSubmodules=false",
    "-c", "gc.auto=0",
    "-c", "http.lowSpeedLimit=1000",
    "-c", "http.lowSpeedTime=30",
)  # fmt: skip
_NO_SUCH_COMMIT = ("not our ref", "couldn't find remote ref", "no such remote ref", "bad object")
_NO_SUCH_REPOSITORY = (
    "could not read Username",
    "not found",
    "does not exist",
    "does not appear to be a git repository",
)


class _File(NamedTuple):
    """A file of the tree."""

    name: str
    blob: bytes
    size: int
    executable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSource:
    """Fetches ``git`` sources over https; ``max_clone_bytes`` bounds what the whole commit may take on disk."""

    unsafe_allow_file_protocol: bool = False
    deadline_s: float = 300.0
    max_clone_bytes: int = 1 << 30

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:  # noqa: ARG002 - the digest is of the package, not of the tree
        """Write the files of the tree; see `SourceFetcher`.

        Raises:
            NotFoundError: no such repository, commit or folder, or it is not public.
            DocumentError: links, submodules or unsafe names in the tree.
            TransportError: not reachable, or too large.
        """
        self._check(source)
        repository = into / "repository.git"
        self._run(into, ["init", "--quiet", "--bare", "--template=", repository.name])
        self._transfer(repository, source)
        files = _files_in(self._listing(repository, source), max_bytes)
        target = into / "source"
        target.mkdir()
        self._write(repository, files, target)
        return target

    def _check(self, source: Source) -> None:
        parts = urlsplit(source.git)
        if not (parts.scheme == "https" or (parts.scheme == "file" and self.unsafe_allow_file_protocol)):
            raise TransportError("git is only spoken over https", where=f"{parts.scheme}://{parts.hostname or ''}")
        if parts.username is not None or parts.password is not None:
            raise TransportError("the address of a repository may not hold credentials", where=parts.hostname or "")
        if not _COMMIT.fullmatch(source.commit):
            raise TransportError("a git source names a full commit id", where=source.git)

    def _transfer(self, repository: Path, source: Source) -> None:
        fetch = ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", source.git, source.commit]
        done = self._run(repository, fetch, timeout_s=self.deadline_s, max_bytes=self.max_clone_bytes, check=False)
        if done.status == 0:
            return
        if any(sign in done.errors for sign in _NO_SUCH_COMMIT):
            raise NotFoundError(
                f"there is no commit {source.commit}", where=source.git, why="or no branch or tag holds it"
            )
        if any(sign in done.errors for sign in _NO_SUCH_REPOSITORY):
            raise NotFoundError("there is no such repository, or it is not public", where=source.git)
        raise TransportError("a repository could not be fetched", where=source.git, why=f"git ended with {done.status}")

    def _listing(self, repository: Path, source: Source) -> bytes:
        tree = source.commit
        if source.subdir not in ("", "."):
            try:
                check_member_name(source.subdir)
            except ArchiveError as error:
                raise NotFoundError("there cannot be such a folder", where=source.subdir, why=error.what) from error
            tree += f":{source.subdir}"
        done = self._run(repository, ["ls-tree", "-r", "-z", "-l", tree], check=False)
        if done.status != 0:
            raise NotFoundError("there is no such folder in the commit", where=f"{source.git} {source.subdir}")
        return done.output

    def _write(self, repository: Path, files: list[_File], target: Path) -> None:
        heads = [b"%b blob %d\n" % (file.blob, file.size) for file in files]
        output = self._run(
            repository,
            ["cat-file", "--batch"],
            feed=b"".join(file.blob + b"\n" for file in files),
            timeout_s=self.deadline_s,
            max_output_bytes=sum(len(head) + file.size + 1 for head, file in zip(heads, files, strict=True)),
        ).output
        at = 0
        for head, file in zip(heads, files, strict=True):
            start = at + len(head)
            at = start + file.size + 1
            if not output.startswith(head, start - len(head)) or len(output) < at:
                raise TransportError("git did not answer with the file that was asked for", where=file.name)
            path = target / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(output[start : at - 1])
            path.chmod(0o755 if file.executable else 0o644)

    def _run(
        self,
        folder: Path,
        arguments: list[str],
        *,
        timeout_s: float = _QUICK_S,
        max_bytes: int | None = None,
        max_output_bytes: int = MAX_OUTPUT_BYTES,
        feed: bytes = b"",
        check: bool = True,
    ) -> Finished:
        done = run_tool(
            [*HARDENED, *arguments],
            folder=folder,
            variables=git_variables(folder, with_files=self.unsafe_allow_file_protocol),
            timeout_s=timeout_s,
            max_bytes=max_bytes,
            max_output_bytes=max_output_bytes,
            feed=feed,
        )
        if check and done.status != 0:
            raise TransportError("git failed", where=arguments[0], why=f"it ended with {done.status}")
        return done


def git_variables(home: Path, *, with_files: bool) -> dict[str, str]:
    """Return the environment for git to speak with strangers: nothing of the user in it, and only https."""
    return environment() | {
        "LC_ALL": "C",
        "HOME": str(home),  # no .netrc of the user
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": "https:file" if with_files else "https",
        "GIT_NO_LAZY_FETCH": "1",
    }


def _files_in(listing: bytes, max_bytes: int) -> list[_File]:
    """Return the files that ``git ls-tree -r -z -l`` lists."""
    files: list[_File] = []
    names = TakenNames()
    left = max_bytes
    for line in listing.split(b"\0")[:-1]:
        head, _, raw_name = line.partition(b"\t")
        mode, _, blob, size = head.split()
        name = raw_name.decode(errors="surrogateescape")
        if mode not in (_FILE_MODE, _OLD_FILE_MODE, _PROGRAM_MODE):
            raise DocumentError("a source tree holds files and folders, no links or submodules", where=repr(name))
        try:
            check_member_name(name)
            names.add(name, is_directory=False)
        except ArchiveError as error:
            raise DocumentError("a source tree has an unsafe name in it", where=error.where, why=error.what) from error
        left -= int(size)
        if left < 0 or len(files) >= _MAX_FILES:
            raise TransportError(
                "a source tree is larger than it may be", why=f"more than {max_bytes:,} bytes or 10,000 files"
            )
        files.append(_File(name, blob, int(size), executable=mode == _PROGRAM_MODE))
    return files
