"""The manifest as its author wrote it: ``plugin.yaml``, or a finished ``plugin.json``.

In: a folder, or the bytes of a ``plugin.json``. Out: the manifest if it is one, and every finding about it
with its place. Never raises for bad content, never follows a link, never looks at other files.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pluginry.encoding import strict_json, strict_yaml
from pluginry.encoding.documents import construct
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.errors import DocumentError
from pluginry.model.finding import Location, Severity
from pluginry.model.manifest import MANIFEST_FILE, Manifest
from pluginry.publisher.packing import rules
from pluginry.publisher.secret_patterns import secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.model.finding import DocumentPath, Finding

AUTHORS_FILE: Final = "plugin.yaml"
PLACEHOLDER: Final = "REPLACE-ME"
"""Stands in templates wherever only the author knows what to write."""

MAX_BYTES: Final = strict_yaml.MAX_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFile:
    """A manifest where it was found; ``manifest`` is None when ``findings`` say why there is none."""

    document: ParsedDocument
    manifest: Manifest | None
    findings: tuple[Finding, ...]

    @property
    def is_finished(self) -> bool:
        """Whether it is a ``plugin.json``, written by a tool."""
        return self.document.file.endswith(MANIFEST_FILE)


def read_manifest(tree: Path) -> ManifestFile:
    """Return the manifest at the top of the folder `tree`."""
    authors, finished = tree / AUTHORS_FILE, tree / MANIFEST_FILE
    if not os.path.lexists(authors):
        if os.path.lexists(finished):
            return _read(finished)
        missing = rules.NO_MANIFEST.finding(Location(file=authors.as_posix()))
        return _without_manifest(missing)
    found = _read(authors)
    if not os.path.lexists(finished):
        return found
    both = rules.TWO_MANIFESTS.finding(Location(file=finished.as_posix()))
    return ManifestFile(document=found.document, manifest=found.manifest, findings=(both, *found.findings))


def judge_manifest(data: bytes, *, file: str) -> ManifestFile:
    """Return the manifest in `data`; `file`, which ends in ``.yaml`` or ``.json``, is what locations show."""
    document = strict_yaml.parse(data, file=file) if file.endswith(".yaml") else _parsed_json(data, file)
    findings = [*document.findings, *check_against_schema(document, "manifest"), *_placeholders(document)]
    manifest = None
    if not any(finding.severity is Severity.BLOCKS for finding in findings):
        try:
            manifest = construct(Manifest, document.value, what=file)
        except DocumentError as error:
            findings.append(_unreadable(error, file))
    return ManifestFile(document=document, manifest=manifest, findings=tuple(findings))


def _read(path: Path) -> ManifestFile:
    file = path.as_posix()
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return _without_manifest(rules.LINK.finding(Location(file=file)))
    if not stat.S_ISREG(mode):
        return _without_manifest(rules.SPECIAL_FILE.finding(Location(file=file)))
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)  # one more than allowed: enough for the parser to say so
    except OSError as error:
        return _without_manifest(
            rules.UNREADABLE.finding(Location(file=file), f"the file cannot be read: {error.strerror}")
        )
    judged = judge_manifest(data, file=file)
    secrets = (
        rules.SECRET.finding(Location(file=file, line=secret.line, column=1), f"this looks like {secret.kind}")
        for secret in secrets_in([data])
    )
    return replace(judged, findings=(*judged.findings, *secrets))


def _without_manifest(finding: Finding) -> ManifestFile:
    return ManifestFile(
        document=ParsedDocument(file=finding.where.file, value=None), manifest=None, findings=(finding,)
    )


def _parsed_json(data: bytes, file: str) -> ParsedDocument:
    try:
        return ParsedDocument(file=file, value=strict_json.parse(data, what=file, max_bytes=MAX_BYTES))
    except DocumentError as error:
        return ParsedDocument(file=file, value=None, findings=(_unreadable(error, file),))


def _unreadable(error: DocumentError, file: str) -> Finding:
    place = error.where.removeprefix(file).strip(":")
    message = ": ".join(part for part in (place, error.what, error.why) if part)
    return rules.BAD_MANIFEST.finding(Location(file=file), message, hint=error.hint)


def _placeholders(document: ParsedDocument) -> Iterator[Finding]:
    for path, text in _texts(document.value, ()):
        if PLACEHOLDER in text:
            yield rules.PLACEHOLDER.finding(document.location_of(path), f"{PLACEHOLDER} is still there")


def _texts(value: object, path: DocumentPath) -> Iterator[tuple[DocumentPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _texts(item, (*path, at))
