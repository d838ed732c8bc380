"""What a package of any origin has to keep: its two documents say exactly what is in it.

In: an archive that obeys the profile. Out: its manifest, and findings. Every member is read and hashed.
Never opens a file by itself, never writes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from pluginry.encoding import canonical_json, strict_json
from pluginry.encoding.documents import construct
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.quoting import quoted
from pluginry.encoding.schema import check_against_schema
from pluginry.errors import DocumentError
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.finding import Location
from pluginry.model.manifest import FILES_FILE, MANIFEST_FILE, FileList
from pluginry.publisher.packing import rules
from pluginry.publisher.packing.manifest_file import MAX_BYTES, judge_manifest
from pluginry.publisher.packing.references import broken_references

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.encoding.archive import Archive
    from pluginry.encoding.archive_member import Member
    from pluginry.model.finding import Finding
    from pluginry.model.manifest import Manifest

MAX_LIST_BYTES: Final = 8 << 20  # 10,000 files with names of 512 bytes each


class FinishedPackage(NamedTuple):
    """What an archive says of itself; ``manifest`` is None when ``findings`` say why there is none."""

    manifest: Manifest | None
    manifest_bytes: bytes
    findings: tuple[Finding, ...]


def judge_package(archive: Archive, *, file: str) -> FinishedPackage:
    """Return what `archive`, which locations call `file`, says of itself, and whether that is true.

    Raises:
        ArchiveError: the content of a member is damaged, or a document is too large.
    """
    data = archive.read(MANIFEST_FILE, max_bytes=MAX_BYTES)
    judged = judge_manifest(data, file=f"{file}/{MANIFEST_FILE}")
    findings = list(judged.findings)
    if judged.manifest:
        names = {member.name for member in archive.members if not member.is_directory}
        for broken in broken_references(judged.manifest, names):
            where = judged.document.location_of(broken.path)
            findings.append(broken.rule.finding(where, broken.message, hint=broken.hint))
        findings += _spelling(judged.document, data)
    findings += _file_list_findings(archive, file)
    return FinishedPackage(judged.manifest, data, tuple(findings))


def _spelling(document: ParsedDocument, data: bytes) -> Iterator[Finding]:
    if canonical_json.encode(document.value) != data:
        yield rules.NOT_CANONICAL.finding(Location(file=document.file))


def _file_list_findings(archive: Archive, file: str) -> Iterator[Finding]:
    where = Location(file=f"{file}/{FILES_FILE}")
    if archive.find(FILES_FILE) is None:
        yield rules.FILE_LIST.finding(where, "there is no files.json at the top level")
        return
    data = archive.read(FILES_FILE, max_bytes=MAX_LIST_BYTES)
    try:
        value = strict_json.parse(data, what=FILES_FILE, max_bytes=MAX_LIST_BYTES)
    except DocumentError as error:
        yield rules.FILE_LIST.finding(where, f"{error.what}: {error.why}" if error.why else error.what)
        return
    document = ParsedDocument(file=where.file, value=value)
    unfit = tuple(check_against_schema(document, "files"))
    yield from unfit
    if unfit:
        return
    yield from _spelling(document, data)
    listed = construct(FileList, value, what=FILES_FILE).files
    by_name = {entry.path: BlobRef(sha256=entry.sha256, size=entry.size) for entry in listed}
    if len(by_name) < len(listed):
        yield rules.FILE_LIST.finding(where, "a file is listed twice")
    for message in _differences(archive, by_name):
        yield rules.FILE_LIST.finding(where, message)


def _differences(archive: Archive, listed: Mapping[str, BlobRef]) -> Iterator[str]:
    there = {member.name: member for member in archive.members if not member.is_directory and member.name != FILES_FILE}
    for name in sorted(listed.keys() - there.keys()):
        yield f"{quoted(name)} is listed and not there"
    for name, member in there.items():
        if name not in listed:
            yield f"{quoted(name)} is there and not listed"
        elif _ref_of(archive, member) != listed[name]:
            yield f"{quoted(name)} is not what the list says"


def _ref_of(archive: Archive, member: Member) -> BlobRef:
    sha256 = hashlib.sha256()
    for chunk in archive.open_chunks(member):
        sha256.update(chunk)
    return BlobRef(sha256=Digest(sha256.hexdigest()), size=member.size)
