"""The files of a folder, as they would lie in a package.

In: a folder from anybody, and what is left out of it. Out: the files with digest, size and whether they are
programs, and what is wrong with them. The answer depends on names and contents only: not on file modes,
times, the order of the disk, the locale or where the folder is. Never follows links, never writes.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pluginry.encoding.archive_profile import DEFAULT_LIMITS
from pluginry.encoding.member_names import TakenNames, check_package_name
from pluginry.errors import ArchiveError
from pluginry.model.digest import BlobRef, Digest, chunks_of
from pluginry.model.finding import Location
from pluginry.model.manifest import FILES_FILE, MANIFEST_FILE
from pluginry.publisher.packing import rules
from pluginry.publisher.programs import HEAD_BYTES, is_program
from pluginry.publisher.secret_patterns import kind_of_secret_file, secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.model.finding import Finding
    from pluginry.model.rule import Rule
    from pluginry.publisher.packing.ignore_patterns import LeftOut
    from pluginry.publisher.secret_patterns import Secret

_WRITTEN_BY_PACK = (MANIFEST_FILE, FILES_FILE)
_MAX_FILES = DEFAULT_LIMITS.entries - len(_WRITTEN_BY_PACK)
_MAX_FINDINGS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFile:
    """A file of the plugin: its ``name`` in the package, where its content is, and what that is."""

    name: str
    path: Path
    ref: BlobRef
    is_program: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFiles:
    """``files`` that could be read, in the order of their names' bytes, and ``findings``.

    Without ``has_every_name`` something has no place in a package, or there is too much: do not say what is missing.
    """

    files: tuple[PluginFile, ...]
    names: frozenset[str]
    has_every_name: bool
    findings: tuple[Finding, ...]


def read_plugin_files(tree: Path, left_out: LeftOut, *, report_secrets: bool = True) -> PluginFiles:
    """Return the files below the folder `tree` that are not `left_out`, and what is wrong with them."""
    walk = _Walk(tree, left_out)
    walk.read_folder(tree, "")
    has_every_name = not walk.findings
    files: tuple[PluginFile, ...] = ()
    if not walk.is_too_large:
        walk.report_links_from_elsewhere()
        files = tuple(walk.read_contents(report_secrets=report_secrets))
    return PluginFiles(
        files=files,
        names=frozenset(name for name, _, _ in walk.seen),
        has_every_name=has_every_name,
        findings=tuple(walk.findings[:_MAX_FINDINGS]),
    )


class _Seen(NamedTuple):
    name: str
    path: Path
    status: os.stat_result


class _Walk:
    """Collects regular files with good names in ``seen``; whatever is wrong becomes a finding."""

    def __init__(self, tree: Path, left_out: LeftOut) -> None:
        self.seen: list[_Seen] = []
        self.findings: list[Finding] = []
        self.is_too_large = False
        self._tree = tree
        self._left_out = left_out
        self._names = TakenNames()
        for name in _WRITTEN_BY_PACK:
            self._names.add(name, is_directory=False)
        self._bytes = 0

    def read_folder(self, folder: Path, prefix: str) -> None:
        """Read `folder`, whose files have names that start with `prefix`; no deeper than names may be."""
        try:
            with os.scandir(folder) as entries:
                found = sorted((_member_name(entry.name), entry.path) for entry in entries)
        except OSError as error:
            self._report(rules.UNREADABLE, prefix, f"the folder cannot be read: {error.strerror}")
            return
        for name, path in found:
            if self.is_too_large or len(self.findings) >= _MAX_FINDINGS:
                return
            self._read_entry(prefix + name, Path(path))

    def report_links_from_elsewhere(self) -> None:
        """Report files that have more names than were seen here."""
        names_here = Counter((status.st_dev, status.st_ino) for _, _, status in self.seen)
        for name, _, status in self.seen:
            if status.st_nlink > names_here[status.st_dev, status.st_ino]:
                self._report(rules.HARD_LINK, name)

    def read_contents(self, *, report_secrets: bool) -> Iterator[PluginFile]:
        """Yield the files that can be read."""
        for name, path, _ in sorted(self.seen, key=lambda seen: seen.name.encode()):
            try:
                file, secrets = _read_file(name, path)
            except OSError as error:
                self._report(rules.UNREADABLE, name, f"the file cannot be read: {error.strerror}")
                continue
            if report_secrets:
                self._report_secrets(name, secrets)
            yield file

    def _read_entry(self, name: str, path: Path) -> None:
        status = path.lstat()
        is_folder = stat.S_ISDIR(status.st_mode)
        if name == MANIFEST_FILE or self._left_out.holds(name, is_folder=is_folder):
            return
        if stat.S_ISLNK(status.st_mode):
            self._report(rules.LINK, name)
        elif not is_folder and not stat.S_ISREG(status.st_mode):
            self._report(rules.SPECIAL_FILE, name)
        elif not self._is_good_name(name, is_folder=is_folder):
            return
        elif is_folder:
            self.read_folder(path, name + "/")
        elif self._has_room_for(status.st_size):
            self.seen.append(_Seen(name, path, status))

    def _is_good_name(self, name: str, *, is_folder: bool) -> bool:
        if name == FILES_FILE and not is_folder:
            self._report(rules.RESERVED_NAME, name)
            return False
        try:
            check_package_name(name)
            self._names.add(name, is_directory=is_folder)
        except ArchiveError as error:
            collides = error.rule in {"archive.name-collision", "archive.name-file-and-directory"}
            rule = rules.COLLIDING_NAME if collides else rules.UNSAFE_NAME
            self._report(rule, name, error.what, hint=error.hint)
            return False
        return True

    def _has_room_for(self, size: int) -> bool:
        self._bytes += size
        if len(self.seen) >= _MAX_FILES:
            limit = f"{_MAX_FILES:,} files"
        elif self._bytes > DEFAULT_LIMITS.expanded_bytes:
            limit = f"{DEFAULT_LIMITS.expanded_bytes:,} bytes"
        else:
            return True
        self.is_too_large = True
        self._report(rules.TOO_LARGE, "", f"there are more than {limit}")
        return False

    def _report_secrets(self, name: str, secrets: tuple[Secret, ...]) -> None:
        if kind := kind_of_secret_file(name):
            self._report(rules.SECRET_FILE, name, f"files of this name hold {kind}")
        for secret in secrets:
            self._report(rules.SECRET, name, f"this looks like {secret.kind}", line=secret.line)

    def _report(self, rule: Rule, name: str, message: str = "", *, hint: str = "", line: int = 0) -> None:
        where = Location(file=(self._tree / name).as_posix(), line=line, column=1 if line else 0)
        self.findings.append(rule.finding(where, message, hint=hint))


def _member_name(name: str) -> str:
    """Return a name from the disk as every locale sees it: bytes that are not UTF-8 become what no member may hold."""
    return os.fsencode(name).decode(errors="surrogateescape")


def _read_file(name: str, path: Path) -> tuple[PluginFile, tuple[Secret, ...]]:
    """Read the content once, in pieces."""
    sha256 = hashlib.sha256()
    size = 0
    head = b""

    def counted(chunks: Iterable[bytes]) -> Iterator[bytes]:
        nonlocal size, head
        for chunk in chunks:
            sha256.update(chunk)
            size += len(chunk)
            head = head or chunk[:HEAD_BYTES]
            yield chunk

    with path.open("rb") as stream:
        secrets = tuple(secrets_in(counted(chunks_of(stream))))
    ref = BlobRef(sha256=Digest(sha256.hexdigest()), size=size)
    return PluginFile(name=name, path=path, ref=ref, is_program=is_program(head)), secrets
