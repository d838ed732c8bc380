"""What the build asks of git, through the git command. Never writes to a repository and never runs its hooks.

In: a folder of a checkout. Out: commits, and what folders below it held before, written elsewhere. Names in a
repository are those of strangers: none leads out of where it is written, none is taken for an option or a pattern.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pluginry.adapters.git_trees import trees_in
from pluginry.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.adapters.git_trees import Entry

_HARMLESS = (
    "--no-optional-locks",  # asking for the status does not rewrite the index
    "--no-replace-objects",  # what a commit holds does not depend on notes in this copy
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),  # a program of the repository's choice
    *("-c", "safe.bareRepository=explicit"),  # a folder of files that looks like a repository is none
)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_PLAIN_FILES: Final = {b"100644": 0o644, b"100755": 0o755}
_DEPTHS: Final = {"plugins": 3, "namespaces": 2}
"""How deep names of content go below these folders; everything else has one name at the top."""
_MAX_FILES: Final = 10_000
_MAX_NAME_BYTES: Final = 255


class _Blob(NamedTuple):
    """A file as a commit has it: ``name`` is its path in the folder, ``mode`` one of a disk."""

    name: str
    mode: int
    id: bytes
    size: int


@dataclass(frozen=True, slots=True)
class GitCheckout:
    """The repository around ``folder``; where there is none, there is no commit either.

    What is in it is compared with HEAD, file by file, unless it is known that the checkout ``is_clean``.
    """

    folder: Path
    timeout_s: float = 60
    is_clean: bool = False

    def head_commit(self) -> str | None:
        """Return the commit that is checked out, or None when it does not hold what is in the folder."""
        if self._git("check-ignore", "--quiet", ".") is not None:
            return None
        commit = self._git("rev-parse", "HEAD")
        return commit if self.is_clean or self._git("status", "--porcelain", "--", ".") == "" else None

    def content_names(self) -> Mapping[str, str]:
        """Return a name for the content of each plugin's folder, and of what lies beside; see `GitHistory`."""
        changed = self._changed()
        if changed is None:
            return {}
        top, namespaces, owners = self._trees("HEAD:./", "HEAD:./namespaces", "HEAD:./plugins")
        folders = [owner for owner in owners if owner.is_folder]
        found = {one.name: one.id for one in top} | {f"namespaces/{one.name}": one.id for one in namespaces}
        for owner, plugins in zip(folders, self._trees(*(owner.id for owner in folders)), strict=True):
            found |= {f"plugins/{owner.name}/{one.name}": one.id for one in plugins if one.is_folder}
        found |= {"/".join(path.split("/")[: _DEPTHS.get(path.partition("/")[0], 1)]): "" for path in changed}
        return found

    def trees_of(self, *folders: str, is_clean: bool = False) -> tuple[str, ...] | None:
        """Return the ids of what HEAD holds in `folders`, or None when that is not what is in them.

        Each file is compared with HEAD, unless it is known that the checkout `is_clean`.
        """
        if not is_clean and self._git("status", "--porcelain", "--", *(f":(literal){name}" for name in folders)) != "":
            return None
        found = self._git("rev-parse", *(f"HEAD:./{folder}" for folder in folders))
        return None if found is None else tuple(found.split())

    def fetched_commit(self) -> str | None:
        """Return the commit that was fetched last, or None when that fetch found nothing."""
        return self._git("rev-parse", "--verify", "--quiet", "FETCH_HEAD")

    def would_track(self, path: Path) -> bool:
        """Return whether git would take the file at `path` into the repository."""
        top = self._git("rev-parse", "--show-toplevel")
        file = path.resolve()
        if top is None or not file.is_relative_to(Path(top).resolve()):
            return False
        return self._git("check-ignore", "--quiet", "--", str(file)) is None

    def is_complete(self) -> bool:
        """Return whether the whole history is here; see `GitHistory`."""
        return (
            self._git("rev-parse", "--is-shallow-repository") == "false" and self._git("rev-parse", "HEAD") is not None
        )

    def commits_of(self, folder: str, *, limit: int) -> tuple[str, ...]:
        """Return the commits of the main line that changed `folder`, newest first; see `GitHistory`."""
        found = self._run("rev-list", "--first-parent", f"--max-count={limit}", "HEAD", "--", f":(literal){folder}")
        return tuple((found or b"").decode().split())

    def position_of(self, commit: str) -> int:
        """Return how many commits of the main line end in `commit`; see `GitHistory`."""
        count = self._run("rev-list", "--first-parent", "--count", commit, "--") if _COMMIT.fullmatch(commit) else None
        return int(count or 0)

    def write_folder(self, commit: str, folder: str, into: Path, *, max_bytes: int) -> bool:
        """Write what `folder` held as of `commit` below `into`, and return whether it could be; see `GitHistory`."""
        if not _COMMIT.fullmatch(commit):
            return False
        listed = self._run("ls-tree", "-r", "-z", "-l", "--full-tree", f"{commit}:./{folder}")
        blobs = [_blob_of(line) for line in (listed or b"").split(b"\0") if line]
        plain = [blob for blob in blobs if blob is not None]
        if not plain or len(plain) < len(blobs) or len(plain) > _MAX_FILES or sum(b.size for b in plain) > max_bytes:
            return False
        contents = self._run("cat-file", "--batch", feed=b"".join(blob.id + b"\n" for blob in plain))
        return contents is not None and _write(plain, contents, into)

    def _changed(self) -> tuple[str, ...] | None:
        """Return the paths that differ from HEAD, below the folder; None when git does not say."""
        if self.is_clean:
            return ()
        inside = self._git("rev-parse", "--show-prefix")
        every = ("--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignored")
        listed = None if inside is None else self._git("status", *every, "--", ".")
        if inside is None or listed is None:
            return None
        return tuple(line[3:].removeprefix(inside) for line in listed.split("\0") if line)

    def _trees(self, *names: str) -> tuple[tuple[Entry, ...], ...]:
        """Return the folders with these names, each empty where there is none, or git does not answer."""
        try:
            printed = self._run("cat-file", "--batch", feed="".join(f"{name}\n" for name in names).encode())
        except TransportError:
            printed = None
        found = tuple(trees_in(printed or b""))
        return found if len(found) == len(names) else ((),) * len(names)

    def _git(self, *arguments: str) -> str | None:
        """Return what git prints, or None when it fails, takes too long or is not there."""
        try:
            output = self._run(*arguments)
        except TransportError:
            return None
        return None if output is None else os.fsdecode(output).rstrip("\n")

    def _run(self, *arguments: str, feed: bytes = b"") -> bytes | None:
        """Return what git prints when it reads `feed`, or None when it fails or is not there.

        Raises:
            TransportError: it takes too long: who asks again may well get an answer.

        """
        try:
            done = subprocess.run(
                ["git", "-C", str(self.folder), *_HARMLESS, *arguments],
                input=feed,
                capture_output=True,
                check=False,
                timeout=self.timeout_s,
            )
        except OSError:
            return None
        except subprocess.TimeoutExpired as error:
            raise TransportError("git does not answer", where=str(self.folder)) from error
        return done.stdout if done.returncode == 0 else None


def _blob_of(line: bytes) -> _Blob | None:
    """Return a line of ``git ls-tree -l`` as a plain file with a plain name, or None."""
    facts, _, name = line.partition(b"\t")
    mode, _, identity, size = facts.split()
    if mode not in _PLAIN_FILES or not all(map(_is_plain, name.split(b"/"))):
        return None
    return _Blob(os.fsdecode(name), _PLAIN_FILES[mode], identity, int(size))


def _is_plain(part: bytes) -> bool:
    """Return whether `part` of a path is one on every system, and leads nowhere else."""
    return part not in (b"", b".", b"..") and not set(part) & set(b"\\:") and len(part) <= _MAX_NAME_BYTES


def _write(blobs: list[_Blob], contents: bytes, into: Path) -> bool:
    """Write `blobs` from what ``git cat-file --batch`` prints: for each a line that ends in its size, and its bytes."""
    at = 0
    for blob in blobs:
        start = contents.find(b"\n", at) + 1
        if not start or contents[at:start].split() != [blob.id, b"blob", str(blob.size).encode()]:
            return False
        at = start + blob.size + 1
        path = into / blob.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                stream.write(contents[start : start + blob.size])
        except (FileExistsError, NotADirectoryError):  # names that this disk takes for the same
            return False
        path.chmod(blob.mode)
    return True
