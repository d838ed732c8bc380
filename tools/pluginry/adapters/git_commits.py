"""Commits of a registry, compared and read as data through the git command.

In: a repository and commits in it. Out: what their trees differ in, and the content of files. Nothing is checked out,
no hook, filter, merge driver or attribute of the repository comes to life, and nothing is written to it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pluginry.adapters.tool_process import environment, run_tool
from pluginry.errors import TransportError, UsageError
from pluginry.model.tree_change import TreeDifference, TreeEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_GIT: Final = (
    "git",
    "--no-optional-locks",
    "--no-replace-objects",
    *("-c", "core.hooksPath=" + os.devnull),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.attributesFile=" + os.devnull),
)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NO_ENTRY: Final = "000000"
_FOLDER_MODE: Final = "040000"
_AT_ONCE: Final = 200
_MAX_OUTPUT: Final = 1 << 30
_SHALLOW = "the clone needs the whole history: fetch it (fetch-depth: 0)"


@dataclass(frozen=True, slots=True)
class GitCommits:
    """The commits of the repository in ``folder``; see `RegistryCommits`."""

    folder: Path
    timeout_s: float = 120

    def commit_of(self, name: str) -> str:
        """Return the full id of the commit `name`; see `RegistryCommits`."""
        found = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", status=None)
        commit = (found or b"").decode().strip()
        if not _COMMIT.fullmatch(commit):
            raise UsageError("there is no such commit here", where=name[:80], hint="fetch it first")
        return commit

    def merge_bases(self, base: str, head: str) -> tuple[str, ...]:
        """Return the newest commits that both share; see `RegistryCommits`."""
        found = self._run("merge-base", "--all", base, head, status=None)
        if found:
            return tuple(found.decode().split())
        if self._run("rev-parse", "--is-shallow-repository") == b"true\n":
            raise TransportError("git cannot tell where the two commits parted", hint=_SHALLOW)
        return ()

    def differences(self, before: str, after: str, *, limit: int) -> tuple[TreeDifference, ...]:
        """Return what the two commits differ in; see `RegistryCommits`."""
        options = ("-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv")
        fields = self._listed("diff-tree", *options, before, after)
        found: list[TreeDifference] = []
        for facts, path in zip(fields[::2], fields[1::2], strict=True):
            if len(found) == limit:
                break
            old_mode, new_mode, old, new, _ = facts.removeprefix(":").split()
            found.append(
                TreeDifference(path=path, before=_entry(path, old_mode, old), after=_entry(path, new_mode, new))
            )
        return tuple(found)

    def entries(self, commit: str, paths: Iterable[str]) -> Mapping[str, TreeEntry]:
        """Return those of `paths` that are in `commit`; see `RegistryCommits`."""
        wanted = sorted(set(paths))
        found: dict[str, TreeEntry] = {}
        for at in range(0, len(wanted), _AT_ONCE):
            some = wanted[at : at + _AT_ONCE]
            lines = self._listed("ls-tree", "-z", "--full-tree", commit, "--", *some)
            found |= {entry.path: entry for entry in _entries(lines) if entry.mode != _FOLDER_MODE}
        return found

    def below(self, commit: str, folder: str) -> tuple[TreeEntry, ...]:
        """Return everything below `folder`; see `RegistryCommits`."""
        return tuple(_entries(self._listed("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{folder}/")))

    def names_in(self, commit: str, folder: str, *, depth: int = 1) -> tuple[str, ...]:
        """Return folders below `folder`; see `RegistryCommits`."""
        folders = [entry.path for entry in self._folders(commit, (folder,))]
        for _ in range(depth - 1):
            deeper: list[str] = []
            for at in range(0, len(folders), _AT_ONCE):
                deeper += [entry.path for entry in self._folders(commit, folders[at : at + _AT_ONCE])]
            folders = deeper
        return tuple(path.removeprefix(f"{folder}/") for path in folders)

    def mentions(self, commit: str, texts: Iterable[str], pattern: str) -> tuple[tuple[str, str], ...]:
        """Return the lines that hold one of `texts`; see `RegistryCommits`."""
        wanted = [word for text in texts for word in ("-e", text)]
        if not wanted:
            return ()
        options = ("-z", "-a", "-i", "-F", "--full-name", "--no-textconv", "--no-recurse-submodules")
        found = self._run("grep", *options, *wanted, commit, "--", f":(top,glob){pattern}", status=None, literal=False)
        lines = (line.partition(b"\0") for line in (found or b"").split(b"\n") if b"\0" in line)
        return tuple((_text(path).removeprefix(f"{commit}:"), _text(line)) for path, _, line in lines)

    def sizes(self, blobs: Iterable[str]) -> Mapping[str, int]:
        """Return the sizes of blobs; see `RegistryCommits`."""
        feed = "".join(f"{blob}\n" for blob in dict.fromkeys(blobs)).encode()
        lines = (self._run("cat-file", "--batch-check", feed=feed) or b"").decode().splitlines() if feed else []
        facts = [line.split() for line in lines]
        return {parts[0]: int(parts[2]) for parts in facts if parts[1] == "blob"}

    def contents(self, blobs: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of blobs; see `RegistryCommits`."""
        wanted = tuple(dict.fromkeys(blobs))
        feed = "".join(f"{blob}\n" for blob in wanted).encode()
        output = self._run("cat-file", "--batch", feed=feed) or b"" if feed else b""
        found: dict[str, bytes] = {}
        at = 0
        for blob in wanted:
            end = output.index(b"\n", at)
            name, kind, *size = output[at:end].decode().split()
            if name != blob or kind != "blob":
                raise TransportError("git does not have a file that a commit names", where=blob, hint=_SHALLOW)
            at = end + 1 + int(size[0])
            found[blob] = output[end + 1 : at]
            at += 1
        return found

    def _folders(self, commit: str, folders: Iterable[str]) -> Iterator[TreeEntry]:
        paths = [f"{folder}/" for folder in folders]
        lines = self._listed("ls-tree", "-d", "-z", "--full-tree", commit, "--", *paths) if paths else []
        return (entry for entry in _entries(lines) if entry.mode == _FOLDER_MODE)

    def _listed(self, *arguments: str) -> list[str]:
        return [_text(field) for field in (self._run(*arguments) or b"").split(b"\0") if field]

    def _run(self, *arguments: str, feed: bytes = b"", status: int | None = 0, literal: bool = True) -> bytes | None:
        """Return what git prints; None when it ends otherwise than with `status` 0, unless any will do."""
        variables = environment() | {
            "LC_ALL": "C",
            "HOME": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }
        done = run_tool(
            [*_GIT, *(("--literal-pathspecs",) if literal else ()), *arguments],
            folder=self.folder,
            variables=variables,
            timeout_s=self.timeout_s,
            max_output_bytes=_MAX_OUTPUT,
            feed=feed,
        )
        if done.status != 0 and status is not None:
            raise TransportError("git does not answer", where=arguments[0], why=f"it ended with {done.status}")
        return done.output if done.status == 0 else None


def _entry(path: str, mode: str, blob: str) -> TreeEntry | None:
    return None if mode == _NO_ENTRY else TreeEntry(path=path, mode=mode, blob=blob)


def _entries(lines: Iterable[str]) -> Iterator[TreeEntry]:
    """Yield the lines of ``git ls-tree -z``."""
    for line in lines:
        facts, _, path = line.partition("\t")
        mode, _, blob = facts.split()
        yield TreeEntry(path=path, mode=mode, blob=blob)


def _text(raw: bytes) -> str:
    """Return a path as text; bytes that are not UTF-8 stay recognisable and are refused as a name."""
    return raw.decode(errors="surrogateescape")
