"""Reads the release documents of an NVDA add-on store (JSON, one for each release), strictly.

In: the bytes of a document and where it lies. Out: an `NvdaRelease`, or None with the findings that say why. The
documents hold more than is read here (results of virus scanners, addresses of reviews): that is left alone.
Never raises for bad content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding import strict_json
from pluginry.encoding.quoting import path_as_text, quoted
from pluginry.errors import DocumentError
from pluginry.importing import rules
from pluginry.importing.texts import is_download_address
from pluginry.model.channel import Channel
from pluginry.model.finding import Location, Severity
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from pluginry.model.finding import DocumentPath, Finding
    from pluginry.model.rule import Rule

CHANNELS: Final = {"stable": Channel.STABLE, "beta": Channel.BETA, "dev": Channel.EXPERIMENTAL}
_MAX_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ENDING: Final = ".nvda-addon"
_MAX_NUMBER = 999_999_999
_START = (0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NvdaTranslation:
    """Name and description in another language."""

    language: str
    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NvdaRelease:
    """One release; ``version_name`` is how its author writes the version; host versions are triples."""

    addon: str
    name: str
    description: str
    version: Version
    version_name: str
    channel: Channel
    url: str
    sha256: str
    oldest_host: tuple[int, int, int]
    newest_host: tuple[int, int, int]
    source: str
    homepage: str
    license: str
    changelog: str
    translations: tuple[NvdaTranslation, ...]


def read_nvda_release(
    data: bytes, *, file: str, addon: str, version: str
) -> tuple[NvdaRelease | None, tuple[Finding, ...]]:
    """Return the release in `data`, which by the place of its file is `version` of `addon`."""
    try:
        value = strict_json.parse(data, what=file, max_bytes=_MAX_BYTES)
    except DocumentError as error:
        place = Location(file=file)
        return None, (rules.SHAPE.finding(place, f"{error.what}: {error.why}" if error.why else error.what),)
    reader = _Reader(file)
    release = reader.release(value, addon, version)
    return release, tuple(reader.findings)


class _Reader:
    """Takes a document apart; what is wrong is noted, and reading goes on."""

    def __init__(self, file: str) -> None:
        self.findings: list[Finding] = []
        self._file = file

    def release(self, value: object, addon: str, version_text: str) -> NvdaRelease | None:
        if not isinstance(value, dict):
            self._report(rules.SHAPE, (), "a mapping belongs here")
            return None
        self._check_equal(("addonId",), self._text(value, "addonId", required=True), addon)
        version = self._triple(value, "addonVersionNumber")
        self._check_equal(("addonVersionNumber",), ".".join(map(str, version)), version_text)
        channel = self._text(value, "channel", required=True)
        if channel and channel not in CHANNELS:
            self._report(rules.CHANNEL, ("channel",), f"{quoted(channel)} is not a channel")
        release = NvdaRelease(
            addon=addon,
            name=self._text(value, "displayName", required=True),
            description=self._text(value, "description", required=True),
            version=Version(".".join(map(str, version))),
            version_name=self._text(value, "addonVersionName", required=True),
            channel=CHANNELS.get(channel, Channel.EXPERIMENTAL),
            url=self._url(value),
            sha256=self._sha256(value),
            oldest_host=self._triple(value, "minNVDAVersion"),
            newest_host=self._triple(value, "lastTestedVersion"),
            source=self._text(value, "sourceURL"),
            homepage=self._text(value, "homepage"),
            license=self._text(value, "license"),
            changelog=self._text(value, "changelog"),
            translations=self._translations(value.get("translations")),
        )
        return None if any(finding.severity is Severity.BLOCKS for finding in self.findings) else release

    def _check_equal(self, path: DocumentPath, found: str, expected: str) -> None:
        if found and found != expected:
            message = f"by its place this is {quoted(expected)}, but here stands {quoted(found)}"
            self._report(rules.FILE_NAME, path, message)

    def _url(self, value: dict[str, Any]) -> str:
        url = self._text(value, "URL", required=True)
        if url and not is_download_address(url):
            self._report(rules.ADDRESS, ("URL",), f"{quoted(url)} cannot be fetched from")
        elif url and not url.endswith(_ENDING):
            self._report(rules.ARCHIVE, ("URL",), f"{quoted(url)} is no {_ENDING} file")
        return url

    def _sha256(self, value: dict[str, Any]) -> str:
        sha256 = self._text(value, "sha256", required=True).lower()  # the store writes them in either case
        if sha256 and not _SHA256.fullmatch(sha256):
            self._report(rules.DIGEST, ("sha256",), f"{quoted(sha256)} is not a sha256 digest")
        return sha256

    def _triple(self, value: dict[str, Any], key: str) -> tuple[int, int, int]:
        parts = value.get(key)
        found = [parts.get(part) for part in ("major", "minor", "patch")] if isinstance(parts, dict) else []
        numbers = [part for part in found if type(part) is int and 0 <= part <= _MAX_NUMBER]
        if len(numbers) != len(_START):
            self._report(rules.VERSION, (key,), f"{quoted(parts)} where major, minor and patch belong")
            return _START
        major, minor, patch = numbers
        return major, minor, patch

    def _translations(self, value: object) -> tuple[NvdaTranslation, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._report(rules.SHAPE, ("translations",), f"{quoted(value)} where a list of mappings belongs")
            return ()
        return tuple(
            NvdaTranslation(
                language=self._text(item, "language"),
                name=self._text(item, "displayName"),
                description=self._text(item, "description"),
            )
            for item in value
        )

    def _text(self, mapping: dict[str, Any], key: str, *, required: bool = False) -> str:
        value = mapping.get(key)
        if isinstance(value, str) and (value.strip() or not required):
            return value
        if value is not None:
            self._report(rules.SHAPE, (key,), f"{quoted(value)} where text belongs")
        elif required:
            self._report(rules.SHAPE, (key,), "it is missing")
        return ""

    def _report(self, rule: Rule, path: DocumentPath, message: str) -> None:
        where = path_as_text(path)
        text = f"{where}: {message}" if where else message
        self.findings.append(rule.finding(Location(file=self._file, path=path), text))
