"""Everything that a package will be, decided before a byte of it is written.

In: a folder of sources and a platform. Out: a `PackagePlan`, with findings in place of whatever cannot be.
Never writes. The plan for `any` has the files of all platforms; the plan for another platform leaves out
the folders that the manifest names for the others. The manifest is the same in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginry.encoding.documents import encode
from pluginry.encoding.quoting import enumerated
from pluginry.errors import DocumentError, UsageError
from pluginry.model.digest import BlobRef
from pluginry.model.finding import Location, Verdict, in_reading_order, verdict_of
from pluginry.model.manifest import FILES_FILE, MANIFEST_FILE, FileEntry, FileList
from pluginry.model.names import ANY_PLATFORM
from pluginry.model.registry import Limits
from pluginry.publisher.packing import rules
from pluginry.publisher.packing.ignore_patterns import DEFAULTS, IGNORE_FILE, MAX_BYTES, LeftOut
from pluginry.publisher.packing.manifest_file import PLACEHOLDER, read_manifest
from pluginry.publisher.packing.plugin_files import read_plugin_files
from pluginry.publisher.packing.references import broken_references, missing_platforms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.model.finding import Finding
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import Platform
    from pluginry.publisher.packing.manifest_file import ManifestFile
    from pluginry.publisher.packing.plugin_files import PluginFile

_README = "README.md"
_LARGE_BYTES = Limits().package_bytes
_PROCESS = "process"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMember:
    """A file of the package: ``body`` is its content, or the file that has it, and ``ref`` its digest and size."""

    name: str
    body: bytes | Path
    ref: BlobRef
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePlan:
    """What the folder ``tree`` gives. Without ``manifest`` there are no ``members``."""

    tree: Path
    platform: Platform
    manifest: Manifest | None
    members: tuple[PlannedMember, ...]
    findings: tuple[Finding, ...]
    left_out: LeftOut = field(repr=False)

    @property
    def is_refused(self) -> bool:
        """Whether a finding forbids to make the package."""
        return verdict_of(self.findings) is Verdict.REFUSED


def plan_package(tree: Path, *, platform: Platform = ANY_PLATFORM, foreign: bool = False) -> PackagePlan:
    """Return what the folder `tree` gives as a package for `platform`.

    A `foreign` tree came out of the archive of another registry: nothing is left out of it, and secrets are
    left to the scan, for its author is not here to take them away.

    Raises:
        UsageError: `tree` is not a folder.
    """
    if not tree.is_dir():
        raise UsageError("there is no such folder", where=str(tree), hint="name the folder that has the plugin.yaml")
    source = read_manifest(tree)
    findings = list(source.findings)
    left_out = LeftOut(defaults=()) if foreign else _left_out(tree, source, findings)
    files = read_plugin_files(tree, left_out, report_secrets=not foreign)
    findings += files.findings
    if not foreign:
        findings += _readme_findings(tree, files.files)
    members: tuple[PlannedMember, ...] = ()
    if source.manifest:
        kept = (file for file in files.files if _is_for(platform, file.name, source.manifest))
        members = members_of(source.manifest, (_planned(file, source.manifest) for file in kept))
        findings += _size_findings(members, tree)
        if files.has_every_name:
            findings += _manifest_findings(source.document, source.manifest, files.names, platform)
    return PackagePlan(
        tree=tree,
        platform=platform,
        manifest=source.manifest,
        members=members,
        findings=in_reading_order(findings),
        left_out=left_out,
    )


def members_of(manifest: Manifest, files: Iterable[PlannedMember]) -> tuple[PlannedMember, ...]:
    """Return `files` with the two documents that describe them, by the bytes of their names."""
    described = (_document(MANIFEST_FILE, encode(manifest)), *files)
    entries = (FileEntry(path=one.name, sha256=one.ref.sha256, size=one.ref.size) for one in described)
    listing = FileList(files=tuple(sorted(entries, key=lambda entry: entry.path.encode())))
    return tuple(sorted((*described, _document(FILES_FILE, encode(listing))), key=lambda member: member.name.encode()))


def _document(name: str, body: bytes) -> PlannedMember:
    return PlannedMember(name=name, body=body, ref=BlobRef.of(body))


def _planned(file: PluginFile, manifest: Manifest) -> PlannedMember:
    is_started = manifest.runtime.kind == _PROCESS and manifest.runtime.entry_point == file.name
    return PlannedMember(name=file.name, body=file.path, ref=file.ref, executable=file.is_program or is_started)


def _left_out(tree: Path, source: ManifestFile, findings: list[Finding]) -> LeftOut:
    """Return what is left out of the package; what is wrong with the file that says so goes to `findings`."""
    # A finished plugin.json comes with the files.json of an earlier package, which is written anew.
    defaults = (*DEFAULTS, f"/{FILES_FILE}") if source.is_finished else DEFAULTS
    name = source.manifest.id.name if source.manifest else ""
    path = tree / IGNORE_FILE
    line = 0
    try:
        if path.is_symlink() or not path.is_file():
            return LeftOut(plugin_name=name, defaults=defaults)
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            message = f"the file is larger than {MAX_BYTES:,} bytes"
        else:
            return LeftOut(data.decode(), plugin_name=name, defaults=defaults)
    except UnicodeDecodeError as error:
        message, line = "the file is not UTF-8", data.count(b"\n", 0, error.start) + 1
    except DocumentError as error:
        message, line = error.what, int(error.where)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
    where = Location(file=path.as_posix(), line=line, column=1 if line else 0)
    findings.append(rules.IGNORE_FILE.finding(where, message))
    return LeftOut(plugin_name=name, defaults=defaults)


def _is_for(platform: Platform, name: str, manifest: Manifest) -> bool:
    """Return whether the file `name` goes into the package for `platform`: the innermost named folder decides."""
    if platform == ANY_PLATFORM:
        return True
    folders = ((folder.rstrip("/"), on) for on, folder in manifest.assets.platforms.items())
    around = [(len(folder), on) for folder, on in folders if name.startswith(f"{folder}/")]
    innermost = max((length for length, _ in around), default=0)
    owners = {on for length, on in around if length == innermost}
    return not owners or not owners.isdisjoint({platform, ANY_PLATFORM})


def _manifest_findings(
    document: ParsedDocument, manifest: Manifest, names: frozenset[str], platform: Platform
) -> Iterator[Finding]:
    own = frozenset(name for name in names if _is_for(platform, name, manifest))
    for broken in (*broken_references(manifest, own), *missing_platforms(manifest, names)):
        yield broken.rule.finding(document.location_of(broken.path), broken.message, hint=broken.hint)
    platforms = manifest.assets.platforms
    if platforms and platform not in {ANY_PLATFORM, *platforms} and ANY_PLATFORM not in platforms:
        message = f"there are files for {enumerated(sorted(platforms), joint='and')}, but none for {platform}"
        yield rules.PLATFORM.finding(document.location_of_key(("assets", "platforms")), message)


def _size_findings(members: tuple[PlannedMember, ...], tree: Path) -> Iterator[Finding]:
    size = sum(member.ref.size for member in members)
    if size > _LARGE_BYTES:
        yield rules.LARGE.finding(Location(file=tree.as_posix()), f"the package has {size:,} bytes")


def _readme_findings(tree: Path, files: tuple[PluginFile, ...]) -> Iterator[Finding]:
    for file in files:
        if file.name != _README:
            continue
        with file.path.open("rb") as stream:
            lines = stream.read(MAX_BYTES).decode(errors="replace").split("\n")
        for number, line in enumerate(lines, start=1):
            if PLACEHOLDER in line:
                where = Location(file=(tree / _README).as_posix(), line=number, column=line.index(PLACEHOLDER) + 1)
                yield rules.PLACEHOLDER.finding(where, f"{PLACEHOLDER} is still there")
