"""Quarantines incoming messages with attached programs, whatever they call themselves and in whatever they hide.

In: names and contents of the attachments. Out: a verdict and the reasons. Never unpacks, runs or keeps an attachment.
"""

from __future__ import annotations

import base64
import binascii
import io
import unicodedata
import zipfile
from collections.abc import Iterator
from typing import Any

PROGRAMS = frozenset("bat cmd com cpl exe hta iso jar js lnk msi ps1 scr vbs wsf".split())
_DOCUMENTS = frozenset("doc docx gif jpg jpeg pdf png txt xls xlsx".split())
_MOST_MEMBERS = 1000
_PROGRAM_STARTS = {b"MZ": "a Windows program", b"\x7fELF": "a Linux program", b"#!": "a script"}


def plain_name(name: str) -> str:
    """Return `name` as Windows opens it: without invisible characters, and without dots and spaces at its end."""
    visible = "".join(character for character in name if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFKC", visible).rstrip(". ").lower()


def name_reasons(name: str, refused: frozenset[str]) -> Iterator[str]:
    """Yield what speaks against an attachment called `name`."""
    shown = plain_name(name)
    parts = shown.split(".")
    if len(parts) > 1 and parts[-1] in refused:
        yield f"{shown} is a program ({parts[-1]})"
        if len(parts) > 2 and parts[-2] in _DOCUMENTS:
            yield f"{shown} poses as a document ({parts[-2]})"
    if any(unicodedata.bidirectional(character) in ("RLO", "LRO", "RLI", "RLE") for character in name):
        yield f"the name of {shown} is written to be read backwards"


def content_reasons(name: str, start: bytes) -> Iterator[str]:
    """Yield what speaks against an attachment called `name` that begins with the bytes `start`."""
    shown = plain_name(name)
    for signature, what in _PROGRAM_STARTS.items():
        if start.startswith(signature) and shown.rpartition(".")[2] in _DOCUMENTS:
            yield f"{shown} looks like a document but is {what}"


def archive_reasons(name: str, content: bytes, refused: frozenset[str]) -> Iterator[str]:
    """Yield what speaks against the members of a ZIP archive; reads their names only."""
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile:
        yield f"{plain_name(name)} is not the archive that it says it is"
        return
    if len(members) > _MOST_MEMBERS:
        yield f"{plain_name(name)} holds more than {_MOST_MEMBERS} files"
    for member in members[:_MOST_MEMBERS]:
        if member.flag_bits & 0x1:
            yield f"{plain_name(name)} hides {plain_name(member.filename)} behind a password"
        for reason in name_reasons(member.filename.rpartition("/")[2], refused):
            yield f"in {plain_name(name)}: {reason}"


class Plugin:
    """What the mail server loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._refused = PROGRAMS | {extension.lower() for extension in config.get("more_extensions", [])}

    def inspect(self, attachments: list[dict[str, str]]) -> dict[str, Any]:
        """Return whether to deliver or quarantine a message, and why.

        Each attachment has a ``name`` and may have its ``content`` (or its first bytes, ``start``) in base64.
        """
        reasons = [reason for attachment in attachments for reason in self._reasons(attachment)]
        return {"verdict": "quarantine" if reasons else "deliver", "reasons": reasons}

    def _reasons(self, attachment: dict[str, str]) -> Iterator[str]:
        yield from name_reasons(attachment["name"], self._refused)
        try:
            content = base64.b64decode(attachment.get("content") or attachment.get("start", ""), validate=True)
        except binascii.Error:
            yield f"the content of {plain_name(attachment['name'])} cannot be read"
        else:
            yield from content_reasons(attachment["name"], content)
            if "content" in attachment and plain_name(attachment["name"]).endswith(".zip"):
                yield from archive_reasons(attachment["name"], content, self._refused)
