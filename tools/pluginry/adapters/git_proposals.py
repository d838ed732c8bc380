"""Makes and pushes the commits of proposals, in a clone of the registry; see `ProposalBranches`.

In: contents of files, a commit to put them on. Out: commits, patches, pushed branches. The working tree, its index and
its branches are not touched, no hook is run, and a token is handed to git by environment, never as an argument.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pluginry.adapters.tool_process import USER_FOLDERS, Finished, environment, run_tool
from pluginry.errors import AuthError, NotFoundError, TransportError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.listing import Account

_GIT: Final = ("git", "-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", "-c", "commit.gpgSign=false")
_HELPER: Final = '!f() { test "$1" = get && echo username=x-access-token && echo "password=$PLUGINRY_PUSH_TOKEN"; }; f'
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_MAX_FILE_BYTES: Final = 16 << 20
_REFUSED: Final = ("could not read Username", "Authentication failed", "Permission denied", "returned error: 403")
_BASE_REF: Final = "refs/pluginry/base"
_HEAD_REF: Final = "refs/pluginry/pushed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitProposals:
    """The clone around ``folder``. ``token`` is for pushing to ``token_host`` over https; else git asks as it does."""

    folder: Path
    token: str = field(default="", repr=False)
    token_host: str = "github.com"  # noqa: S105 - the name of a machine
    timeout_s: float = 300.0

    def remote(self, name: str) -> str:
        """Return the address of a remote, or `name` itself when it is an address.

        Raises:
            UsageError: there is no such remote.

        """
        if "/" in name or ":" in name:
            return name
        found = self._try("remote", "get-url", "--", name)
        if found.status != 0:
            raise UsageError("there is no such remote", where=name, hint="name one of `git remote`, with --remote")
        return found.output.decode().strip()

    def top(self) -> Path:
        """Return the folder of the clone.

        Raises:
            UsageError: there is none.

        """
        found = self._try("rev-parse", "--show-toplevel")
        if found.status != 0:
            hint = "clone the marketplace's repository with git"
            raise UsageError("the registry is not in a clone of a repository", where=str(self.folder), hint=hint)
        return Path(os.fsdecode(found.output).rstrip("\n"))

    def fetch(self, address: str, branch: str) -> str:
        """Return the commit of a branch elsewhere; see `ProposalBranches`."""
        found = self._fetch(address, branch, _BASE_REF)
        if not found:
            raise NotFoundError(f"there is no branch {branch}", where=_shown(address))
        return found

    def fetch_request(self, address: str, number: int) -> str:
        """Return the commit that pull request `number` ends in, fetched as objects that nothing checks out.

        Raises:
            NotFoundError: there is none.
            AuthError, TransportError: as `fetch`.

        """
        found = self._fetch_ref(address, f"refs/pull/{number:d}/head", _HEAD_REF)
        if not found:
            raise NotFoundError(f"there is no pull request {number}", where=_shown(address))
        return found

    def changed(self, commit: str, folder: str) -> Mapping[str, bytes]:
        """Return what differs from `commit`; see `ProposalBranches`."""
        top, start = self.top(), self._parting(commit)
        with tempfile.TemporaryDirectory(prefix="pluginry-index-") as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            self._run("read-tree", start, more=index)
            self._run("-C", str(top), "add", "--all", "--", f":(top,literal){folder}", more=index)
            options = ("--cached", "-r", "-z", "--no-renames", "--name-status")
            told = self._run("diff-index", *options, start, "--", f":(top,literal){folder}", more=index)
        fields = os.fsdecode(told).split("\0")[:-1]
        since = self._run("diff-tree", "-r", "-z", "--no-renames", "--name-only", start, commit)
        if both := sorted(set(fields[1::2]) & set(os.fsdecode(since).split("\0"))):
            hint = "bring your clone up to date with `git pull`, and look at both changes"
            raise UsageError("the registry changed this meanwhile", where=both[0], hint=hint)
        return {path: _content(top / path, kind) for kind, path in zip(fields[::2], fields[1::2], strict=True)}

    def commit(self, base: str, files: Mapping[str, bytes], *, message: str, author: Account | None) -> str:
        """Return a commit with `files`; see `ProposalBranches`."""
        with tempfile.TemporaryDirectory(prefix="pluginry-index-") as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            self._run("read-tree", base, more=index)
            lines = []
            for path, content in files.items():
                blob = self._run("hash-object", "-w", "--stdin", "--no-filters", feed=content).strip()
                lines.append(b"100644 %s\t%s\0" % (blob, path.encode()))
            self._run("update-index", "-z", "--index-info", feed=b"".join(lines), more=index)
            tree = self._run("write-tree", more=index).decode().strip()
        names = self._names(author)
        return self._run("commit-tree", tree, "-p", base, feed=message.encode(), more=names).decode().strip()

    def push(self, commit: str, *, address: str, branch: str) -> bool:
        """Let a branch end in `commit`; see `ProposalBranches`."""
        there = self._fetch(address, branch, _HEAD_REF)
        if there and self._change(there) == self._change(commit):
            return False
        lease = f"--force-with-lease=refs/heads/{branch}:{there}"
        done = self._try(
            *self._helper(address), "push", "--quiet", "--no-verify", lease, "--", address,
            f"{commit}:refs/heads/{branch}",
        )  # fmt: skip
        if done.status != 0:
            raise _failure(done, address, "the branch could not be pushed")
        return True

    def patch(self, commit: str) -> bytes:
        """Return `commit` as a patch; see `ProposalBranches`."""
        return self._run("format-patch", "--stdout", "--no-signature", "--no-ext-diff", "-1", commit)

    def _parting(self, commit: str) -> str:
        """Return where the clone went its own way from `commit`: what differs from there is its own change."""
        found = self._try("merge-base", "HEAD", commit)
        if found.status != 0:
            hint = "clone the whole repository, or `git fetch --unshallow`"
            raise UsageError("the clone shares no history with the registry", where=str(self.folder), hint=hint)
        return found.output.decode().split()[0]

    def _change(self, commit: str) -> bytes:
        """Return what a commit changes, as git lists it."""
        return self._run("diff-tree", "-r", "--no-commit-id", "--no-renames", "--root", commit)

    def _fetch(self, address: str, branch: str, ref: str) -> str:
        """Return the commit of `branch` at `address`, or empty text when there is none."""
        if not _BRANCH.fullmatch(branch):
            raise UsageError("this is no name of a branch", where=branch[:80])
        return self._fetch_ref(address, f"refs/heads/{branch}", ref)

    def _fetch_ref(self, address: str, there: str, ref: str) -> str:
        wanted = f"+{there}:{ref}"
        done = self._try(*self._helper(address), "fetch", "--quiet", "--no-tags", "--", address, wanted)
        if done.status != 0 and "couldn't find remote ref" in done.errors:
            return ""
        if done.status != 0:
            raise _failure(done, address, "a branch could not be fetched")
        return self._run("rev-parse", "--verify", ref).decode().strip()

    def _names(self, author: Account | None) -> dict[str, str]:
        """Return who makes a commit: who git is configured for, else the account by its number."""
        if author is None or self._try("config", "user.email").status == 0:
            return {}
        mail = f"{author.id}+{author.login}@users.noreply.github.com"
        return {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", author.login), ("EMAIL", mail))
        }

    def credential(self, address: str) -> bytes:
        """Return what git would be told to log in with at `address`, as ``git credential fill`` writes it."""
        parts = urlsplit(address)
        asked = f"protocol={parts.scheme}\nhost={parts.hostname}\n\n".encode()
        return self._try(*self._helper(address), "credential", "fill", feed=asked).output

    def _helper(self, address: str) -> tuple[str, ...]:
        parts = urlsplit(address)
        if not self.token or (parts.scheme, parts.hostname) != ("https", self.token_host):
            return ()
        return ("-c", "credential.helper=", "-c", f"credential.helper={_HELPER}")

    def _run(self, *arguments: str, feed: bytes = b"", more: Mapping[str, str] | None = None) -> bytes:
        done = self._try(*arguments, feed=feed, more=more)
        if done.status != 0:
            raise TransportError("git failed", where=arguments[0], why=f"it ended with {done.status}")
        return done.output

    def _try(self, *arguments: str, feed: bytes = b"", more: Mapping[str, str] | None = None) -> Finished:
        kept = environment(*USER_FOLDERS, "SSH_AUTH_SOCK", prefixes=("git_author_", "git_committer_"))
        variables = kept | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
        if f"credential.helper={_HELPER}" in arguments:
            variables["PLUGINRY_PUSH_TOKEN"] = self.token
        return run_tool(
            [*_GIT, *arguments],
            folder=self.folder,
            variables={**variables, **(more or {})},
            timeout_s=self.timeout_s,
            feed=feed,
        )


def _content(path: Path, kind: str) -> bytes:
    """Return the content of a changed file; `kind` is what git says happened to it."""
    if kind not in ("A", "M") or path.is_symlink() or not path.is_file():
        hint = "releases are for ever; a plugin that shall go has status: removed in its listing"
        raise UsageError("files are only added or changed, not removed or linked", where=str(path), hint=hint)
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise UsageError("the file is too large for a registry", where=str(path))
    return path.read_bytes()


def _failure(done: Finished, address: str, what: str) -> AuthError | TransportError:
    if any(sign in done.errors for sign in _REFUSED):
        hint = "log in with `gh auth login`, or let git know a credential"
        return AuthError(what, where=_shown(address), why="git was not let in", hint=hint)
    return TransportError(what, where=_shown(address), why=f"git ended with {done.status}")


def _shown(address: str) -> str:
    """Return an address without what may be secret."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}" if parts.scheme else address.rpartition("@")[2]
