"""Stage *pack*: from a folder of sources to a package, the same to the byte on any machine and any day.

In: a folder with ``plugin.yaml``, or a finished package. Out: a `PackedArtifact`, written to its place in
one step. A file in a package is executable when it starts with ``#!``, is native
code, or is what the manifest starts as a process: its mode on the disk says nothing, for some disks have none.
Never runs anything of the plugin, never follows links, never leaves a half-written package.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding.archive import read_archive
from pluginry.encoding.archive_writer import NewMember, write_archive
from pluginry.errors import DocumentError, UsageError
from pluginry.model.digest import BlobRef, Digest, blob_ref_of_stream
from pluginry.model.finding import Severity
from pluginry.model.names import ANY_PLATFORM
from pluginry.publisher.packing.finished_package import judge_package
from pluginry.publisher.packing.plan import PackagePlan, PlannedMember, plan_package
from pluginry.publisher.packing.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from _typeshed import ReadableBuffer as Buffer

    from pluginry.model.finding import Finding
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import Platform

__all__ = [
    "RULES",
    "PackagePlan",
    "PackedArtifact",
    "PlannedMember",
    "adopt",
    "check_place",
    "digest_of_plan",
    "findings_of_package",
    "findings_of_tree",
    "pack",
    "packed_digest",
    "plan_package",
    "write_plan",
]

_SHOWN_REASONS = 3
_TREE_IS_REFUSED = ("this folder cannot be packed", "`pluginry pack --dry-run` lists every reason, with what to do")
_PACKAGE_IS_REFUSED = ("this is not a package", "make it with `pluginry pack`")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedArtifact:
    """A package on the disk: where, its digest and size, and its manifest as a value and as the bytes inside."""

    path: Path
    blob: BlobRef
    manifest: Manifest
    manifest_bytes: bytes


def findings_of_tree(tree: Path, *, platform: Platform = ANY_PLATFORM) -> tuple[Finding, ...]:
    """Return what is wrong with the folder `tree` as the source of a package, in reading order.

    Raises:
        UsageError: `tree` is not a folder.
    """
    return plan_package(tree, platform=platform).findings


def pack(tree: Path, *, platform: Platform = ANY_PLATFORM, out: Path, foreign: bool = False) -> PackedArtifact:
    """Write the package of the folder `tree` for `platform` to the file `out`; `foreign` as for `plan_package`.

    Raises:
        DocumentError: the folder has findings that forbid it; `findings_of_tree` lists them all.
        UsageError: `tree` is not a folder, or `out` cannot be written.
    """
    return write_plan(plan_package(tree, platform=platform, foreign=foreign), out)


def packed_digest(tree: Path, *, platform: Platform = ANY_PLATFORM) -> BlobRef:
    """Return digest and size of the package that `pack` would write.

    Raises:
        DocumentError: the folder has findings that forbid it.
        UsageError: `tree` is not a folder.
    """
    return digest_of_plan(plan_package(tree, platform=platform))


def write_plan(plan: PackagePlan, out: Path) -> PackedArtifact:
    """Write the package that `plan` describes to the file `out`, which is replaced if it is there.

    Raises:
        DocumentError: the plan is refused, or a file changed meanwhile.
        UsageError: `out` cannot be written, or would be part of the next package.
    """
    _refuse(plan.findings, *_TREE_IS_REFUSED, where=str(plan.tree))
    check_place(plan, out)
    return _write(map(_new_member, plan.members), out)


def check_place(plan: PackagePlan, out: Path) -> None:
    """Check that the file `out` is in a folder, and not where the next package of the same folder would take it in.

    Raises:
        UsageError: `out` is no such place.
    """
    if not out.parent.is_dir():
        raise UsageError("the package cannot be written", where=str(out), why="there is no such folder")
    tree, target = plan.tree.resolve(), out.resolve()
    if not target.is_relative_to(tree):
        return
    parts = target.relative_to(tree).parts
    names = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    if not any(plan.left_out.holds(name, is_folder=name != names[-1]) for name in names):
        raise UsageError(
            "the next package would contain this one",
            where=str(out),
            hint="write it outside of the folder, or name it in .pluginryignore",
        )


def digest_of_plan(plan: PackagePlan) -> BlobRef:
    """Return digest and size of the package that `write_plan` would write.

    Raises:
        DocumentError: the plan is refused, or a file changed meanwhile.
    """
    _refuse(plan.findings, *_TREE_IS_REFUSED, where=str(plan.tree))
    sink = _Hash()
    with io.BufferedWriter(sink) as stream:
        write_archive(stream, map(_new_member, plan.members))
    return sink.ref


def adopt(package: Path) -> PackedArtifact:
    """Return the finished `package` as it is, after reading all of it.

    Raises:
        DocumentError: it is not a package, or its documents do not say what is in it.
        OSError: it cannot be read.
    """
    return _adopted(package, shown=package)


def findings_of_package(package: Path) -> tuple[Finding, ...]:
    """Return what is wrong with the finished `package`, beyond the archive itself.

    Raises:
        ArchiveError: it does not obey the profile of packages.
        OSError: it cannot be read.
    """
    with package.open("rb") as stream:
        return judge_package(read_archive(stream), file=package.as_posix()).findings


class _Hash(io.RawIOBase):
    """A file that keeps nothing but digest and size of what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._sha256 = hashlib.sha256()
        self._size = 0

    @property
    def ref(self) -> BlobRef:
        return BlobRef(sha256=Digest(self._sha256.hexdigest()), size=self._size)

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer) -> int:
        self._sha256.update(data)
        size = memoryview(data).nbytes
        self._size += size
        return size


def _new_member(member: PlannedMember) -> NewMember:
    return NewMember(name=member.name, body=member.body, executable=member.executable)


def _refuse(findings: Iterable[Finding], what: str, hint: str, *, where: str) -> None:
    """Raise an error that gives the first few reasons not to go on, if there are any.

    Raises:
        DocumentError: there is such a finding.
    """
    reasons = [f"{f.where}: {f.message}" for f in findings if f.severity is Severity.BLOCKS]
    if not reasons:
        return
    rest = len(reasons) - _SHOWN_REASONS
    why = "; ".join(reasons[:_SHOWN_REASONS]) + (f"; and {rest} more" if rest > 0 else "")
    raise DocumentError(what, where=where, why=why, hint=hint)


def _adopted(package: Path, *, shown: Path) -> PackedArtifact:
    with package.open("rb") as stream:
        judged = judge_package(read_archive(stream), file=shown.as_posix())
        _refuse(judged.findings, *_PACKAGE_IS_REFUSED, where=str(shown))
        if judged.manifest is None:
            raise DocumentError("this is not a package", where=str(shown), why="it has no manifest")
        stream.seek(0)
        blob = blob_ref_of_stream(stream)
    return PackedArtifact(path=shown, blob=blob, manifest=judged.manifest, manifest_bytes=judged.manifest_bytes)


def _write(members: Iterable[NewMember], out: Path) -> PackedArtifact:
    """Write beside `out`, read what was written as anybody would, and only then give it its name."""
    partial = out.with_name(f".{out.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as stream:
            write_archive(stream, members)
        packed = _adopted(partial, shown=out)
        partial.replace(out)
    except OSError as error:
        raise UsageError("the package cannot be written", where=str(out), why=error.strerror or str(error)) from error
    finally:
        partial.unlink(missing_ok=True)
    return packed
