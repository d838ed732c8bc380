"""Reads the plugin manifests of a krew index, strictly: every mistake becomes a finding with its place.

In: a parsed YAML document and the name of its file. Out: a `KrewManifest`, or None with the findings that say why.
Never raises for bad content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding.member_names import check_member_name
from pluginry.encoding.quoting import quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import ArchiveError
from pluginry.importing import rules
from pluginry.importing.krew_selector import KrewSelector, read_selector
from pluginry.importing.texts import is_download_address
from pluginry.model.finding import Severity
from pluginry.model.release import WrapFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.model.finding import DocumentPath, Finding
    from pluginry.model.rule import Rule

_API_VERSION = "krew.googlecontainertools.github.com/v1alpha2"
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_SEMVER = re.compile(
    r"v(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEYS: Final = ("apiVersion", "kind", "metadata", "spec")
_METADATA_KEYS: Final = ("name", "annotations", "labels")
_SPEC_KEYS: Final = ("version", "homepage", "shortDescription", "description", "caveats", "platforms")
_PLATFORM_KEYS: Final = ("selector", "uri", "sha256", "bin", "files")
# krew itself looks into the file and knows these two formats only, so a .tar is a tar.gz under another name.
_FORMATS: Final = ((".tar.gz", "tar.gz"), (".tgz", "tar.gz"), (".tar", "tar.gz"), (".zip", "zip"))


@dataclass(frozen=True, slots=True, kw_only=True)
class KrewPlatform:
    """One archive: for which systems, where from, what is taken out of it and what is started."""

    selector: KrewSelector
    uri: str
    format: str
    sha256: str
    program: str
    files: tuple[WrapFile, ...]
    path: DocumentPath


@dataclass(frozen=True, slots=True, kw_only=True)
class KrewManifest:
    """A plugin with its one current release; ``version`` with its ``v``."""

    name: str
    version: str
    summary: str
    description: str
    caveats: str
    homepage: str
    platforms: tuple[KrewPlatform, ...]

    @property
    def digests(self) -> frozenset[str]:
        """The digests of all archives."""
        return frozenset(platform.sha256 for platform in self.platforms)


def read_krew_manifest(document: ParsedDocument, *, name: str) -> tuple[KrewManifest | None, tuple[Finding, ...]]:
    """Return the manifest in `document`, whose file says that the plugin is called `name`."""
    reader = _Reader(document)
    manifest = reader.manifest(name) if document.readable else None
    findings = (*document.findings, *reader.findings)
    if any(finding.severity is Severity.BLOCKS for finding in findings):
        return None, findings
    return manifest, findings


class _Reader:
    """Takes a document apart; what is wrong is noted, and reading goes on."""

    def __init__(self, document: ParsedDocument) -> None:
        self.findings: list[Finding] = []
        self._document = document

    def manifest(self, name: str) -> KrewManifest:
        top = self._mapping((), self._document.value, _KEYS)
        self._constant(("apiVersion",), top, _API_VERSION)
        self._constant(("kind",), top, "Plugin")
        metadata = self._mapping(("metadata",), top.get("metadata"), _METADATA_KEYS)
        self._check_name(metadata, name)
        spec = self._mapping(("spec",), top.get("spec"), _SPEC_KEYS)
        version = self._text(("spec", "version"), spec, required=True)
        if version and not _SEMVER.fullmatch(version):
            self._report(rules.VERSION, ("spec", "version"), f"{quoted(version)} is not a version such as v1.2.0")
        return KrewManifest(
            name=name,
            version=version,
            summary=self._text(("spec", "shortDescription"), spec, required=True),
            description=self._text(("spec", "description"), spec),
            caveats=self._text(("spec", "caveats"), spec),
            homepage=self._text(("spec", "homepage"), spec),
            platforms=self._platforms(spec.get("platforms")),
        )

    def _check_name(self, metadata: dict[str, Any], name: str) -> None:
        path = ("metadata", "name")
        found = self._text(path, metadata, required=True)
        if found and not _NAME.fullmatch(found):
            self._report(rules.NAME, path, f"{quoted(found)} is not a name")
        elif found and found != name:
            self._report(rules.FILE_NAME, path, f"the plugin is called {quoted(found)}, but its file {quoted(name)}")

    def _platforms(self, value: object) -> tuple[KrewPlatform, ...]:
        path = ("spec", "platforms")
        platforms = tuple(self._platform((*path, at), item) for at, item in enumerate(self._list(path, value)))
        uris: dict[str, str] = {}
        for platform in platforms:
            if platform.sha256 and uris.setdefault(platform.sha256, platform.uri) != platform.uri:
                message = "the digest is also given for another file"
                self._report(rules.SAME_DIGEST, (*platform.path, "sha256"), message)
        return platforms

    def _platform(self, path: DocumentPath, value: object) -> KrewPlatform:
        platform = self._mapping(path, value, _PLATFORM_KEYS)
        uri = self._text((*path, "uri"), platform, required=True)
        if uri and not is_download_address(uri):
            self._report(rules.ADDRESS, (*path, "uri"), f"{quoted(uri)} cannot be fetched from")
        archive_format = next((name for ending, name in _FORMATS if uri.lower().endswith(ending)), "")
        if uri and not archive_format:
            self._report(rules.ARCHIVE, (*path, "uri"))
        sha256 = self._text((*path, "sha256"), platform, required=True)
        if sha256 and not _SHA256.fullmatch(sha256):
            self._report(rules.DIGEST, (*path, "sha256"), f"{quoted(sha256)} is not a sha256 digest")
        program = self._text((*path, "bin"), platform, required=True)
        return KrewPlatform(
            selector=read_selector(
                platform.get("selector"), lambda rule, inner, why: self._report(rule, (*path, "selector", *inner), why)
            ),
            uri=uri,
            format=archive_format,
            sha256=sha256,
            program=self._inside((*path, "bin"), program) if program else "",
            files=self._files((*path, "files"), platform.get("files")) if "files" in platform else (),
            path=path,
        )

    def _files(self, path: DocumentPath, value: object) -> tuple[WrapFile, ...]:
        files = []
        for at, item in enumerate(self._list(path, value)):
            entry = self._mapping((*path, at), item, ("from", "to"))
            source = self._text((*path, at, "from"), entry, required=True)
            target = self._text((*path, at, "to"), entry, required=True)
            if source and target:
                target = "." if target.strip("./") == "" else self._inside((*path, at, "to"), target)
                files.append(WrapFile(source=self._inside((*path, at, "from"), source, glob=True), target=target))
        return tuple(files)

    def _inside(self, path: DocumentPath, text: str, *, glob: bool = False) -> str:
        """Return `text` without what means nothing at its start, when it stays inside of the package."""
        inner = "/".join(part for part in text.split("/") if part not in ("", "."))
        try:
            check_member_name(re.sub(r"[*?]", "x", inner) if glob else inner)
        except ArchiveError as error:
            self._report(rules.PATH, path, f"{quoted(text)}: {error.what}")
        return inner

    def _constant(self, path: DocumentPath, mapping: dict[str, Any], expected: str) -> None:
        found = self._text(path, mapping, required=True)
        if found and found != expected:
            self._report(rules.SHAPE, path, f"{quoted(found)} where {quoted(expected)} belongs")

    def _text(self, path: DocumentPath, mapping: dict[str, Any], *, required: bool = False) -> str:
        value = mapping.get(str(path[-1]))
        if isinstance(value, str) and (value.strip() or not required):
            return value
        if value is not None:
            self._report(rules.SHAPE, path, f"{quoted(value)} where text belongs")
        elif required:
            self._report(rules.SHAPE, path, f"{path[-1]} is missing")
        return ""

    def _mapping(self, path: DocumentPath, value: object, known: Iterable[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._report(rules.SHAPE, path, f"{quoted(value)} where a mapping belongs")
            return {}
        for key in value:
            if key not in known:
                message = f"the key {quoted(key)} is not known"
                self._report(rules.UNKNOWN_KEY, (*path, key), message, hint=did_you_mean(key, known))
        return value

    def _list(self, path: DocumentPath, value: object) -> list[Any]:
        if isinstance(value, list) and value:
            return value
        self._report(rules.SHAPE, path, f"{quoted(value)} where a list of at least one item belongs")
        return []

    def _report(self, rule: Rule, path: DocumentPath, message: str = "", *, hint: str = "") -> None:
        locate = self._document.location_of_key if rule is rules.UNKNOWN_KEY else self._document.location_of
        self.findings.append(rule.finding(locate(path), message, hint=hint))
