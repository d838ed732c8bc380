"""Keeps what publications proved in a branch of git that holds nothing else, and there before anybody can read of it.

In: the folder ``index/`` of a git checkout, and a branch of its remote ``origin``. Out: ledger and list of revocations
in the folder, or a commit of them on the branch. Files and branch only ever grow: a file whose beginning differs is
never taken and never pushed. Never runs hooks, never touches what is checked out or staged, and never shows what git
prints: it may hold addresses and credentials.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluginry.adapters.tool_process import USER_FOLDERS, environment, run_tool
from pluginry.errors import AuthError, PublishConflictError, TransportError, UsageError
from pluginry.model.layout import REVOCATIONS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.adapters.tool_process import Finished

_LEDGER = "ledger"
_TRIES = 5
_TIMEOUT_S = 300.0
_GIT: Final = (
    "git",
    "-c", "core.hooksPath=" + os.devnull,
    "-c", "core.fsmonitor=false",
    "-c", "core.autocrlf=false",
    "-c", "core.symlinks=false",
    "-c", "gc.auto=0",
)  # fmt: skip
_NOBODY: Final = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "pluginry"), ("EMAIL", "pluginry@localhost"))
}
"""Who commits where nobody said so."""
_NOT_THERE, _BEHIND = "couldn't find remote ref", "[rejected]"
_NOT_ALLOWED = ("[remote rejected]", "Permission", "denied to", " 403", " 401", "could not read Username")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerBranch:
    """The ``branch`` of ``origin`` where ledger and revocations of ``folder`` are kept."""

    folder: Path
    branch: str

    def take(self) -> None:
        """Bring the folder up to the branch; nothing to do while there is no such branch.

        Raises:
            UsageError: the folder is not in a git checkout, or the branch has no usable name.
            PublishConflictError: the folder holds something else than the branch, and not only more or less.
            TransportError: the remote cannot be reached.

        """
        self._take()

    def push(self) -> None:
        """Make the files in the folder the end of the branch; what others added meanwhile stays and comes here too.

        Raises:
            AuthError: the branch may not be written.
            PublishConflictError: somebody else wrote to the same file meanwhile; and see `take`.

        """
        for _ in range(_TRIES):
            tip = self._take()
            commit = self._commit(tip)
            if commit is None:
                return
            pushed = self._git("push", "--quiet", "origin", f"{commit}:refs/heads/{self.branch}")
            if pushed.status == 0:
                return
            if _BEHIND not in pushed.errors:
                raise self._refused(pushed)
        raise PublishConflictError(
            "the branch cannot be written", where=self.branch, hint="somebody else keeps writing it: run again later"
        )

    def _take(self) -> str:
        """Bring the folder up to the branch, and return the commit at its end; empty when there is none."""
        if self._git("check-ref-format", f"refs/heads/{self.branch}").status:
            raise UsageError(f"a branch cannot be called {self.branch!r}")
        inside = self._git("rev-parse", "--show-prefix")
        if inside.status:
            raise UsageError("this is not a git checkout", where=str(self.folder))
        fetched = self._git("fetch", "--quiet", "--no-tags", "origin", f"refs/heads/{self.branch}")
        if fetched.status and _NOT_THERE not in fetched.errors:
            raise self._refused(fetched)
        if fetched.status:
            return ""
        tip = self._must("rev-parse", "FETCH_HEAD")
        with tempfile.TemporaryDirectory() as scratch:
            index, files = {"GIT_INDEX_FILE": f"{scratch}/index"}, Path(scratch, "files")
            files.mkdir()
            self._must("read-tree", tip, **index)
            self._must(f"--work-tree={files}", "checkout-index", "--all", "--quiet", **index)
            _join(files / inside.output.decode().strip(), self.folder)
        return tip

    def _commit(self, tip: str) -> str | None:
        """Return a commit of the files in the folder after `tip`; None when they are those of `tip`."""
        with tempfile.TemporaryDirectory() as scratch:
            index = {"GIT_INDEX_FILE": f"{scratch}/index"}
            there = [name for name in (_LEDGER, REVOCATIONS_FILE) if (self.folder / name).exists()]
            if there:
                self._must("add", "--force", "--", *there, **index)
            tree = self._must("write-tree", **index)
        if tip and tree == self._must("rev-parse", f"{tip}^{{tree}}"):
            return None
        parent = ("-p", tip) if tip else ()
        registry = self._must("rev-parse", "HEAD")
        return self._must("commit-tree", tree, *parent, "-m", f"What was proved of {registry}")

    def _refused(self, done: Finished) -> AuthError | TransportError:
        if any(word in done.errors for word in _NOT_ALLOWED):
            return AuthError(
                "the branch is not open to this run",
                where=self.branch,
                hint="it needs the right to read and push it, and no rule of the branch may stand in the way",
            )
        return TransportError("the remote repository cannot be reached", where=f"origin {self.branch}")

    def _must(self, *arguments: str, **more: str) -> str:
        done = self._git(*arguments, **more)
        if done.status:
            raise UsageError(f"git {arguments[0]} failed", where=str(self.folder), hint="run it by hand to see why")
        return done.output.decode().strip()

    def _git(self, *arguments: str, **more: str) -> Finished:
        variables = {**_NOBODY, **environment(*USER_FOLDERS, "SSH_AUTH_SOCK", prefixes=("git_",))}
        return run_tool(
            [*_GIT, *arguments],
            folder=self.folder,
            variables={**variables, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", **more},
            timeout_s=_TIMEOUT_S,
        )


def _join(theirs: Path, ours: Path) -> None:
    """Give `ours` what `theirs` has more of.

    Raises:
        PublishConflictError: a file does not only go on, but differs; nothing was changed.

    """
    longer: dict[Path, bytes] = {}
    for file in _files(theirs):
        name, body = file.relative_to(theirs), file.read_bytes()
        have = (ours / name).read_bytes() if (ours / name).exists() else b""
        if body.startswith(have):
            longer[ours / name] = body
        elif not have.startswith(body):
            raise PublishConflictError(
                "what was proved is not the same here and in the branch",
                where=str(ours / name),
                hint="a file in index/ is only ever appended to, by one publication at a time: take it from the branch",
            )
    for path, body in longer.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob(f"{_LEDGER}/*/*.jsonl"))
    yield from folder.glob(REVOCATIONS_FILE)
