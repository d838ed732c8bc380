"""Small plugin projects on the disk: valid as they are, and one file away from every way of not being so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.archive import read_archive

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pluginry.model.finding import Finding

MANIFEST = """\
schema: 1
id: acme/spam-filter
version: 1.2.0
hosts: {mairust: ">=0.4,<1"}
runtime: {kind: python, entry_point: "spam_filter:Plugin", paths: [src]}
permissions:
  - {type: mail.headers, scope: inbound, reason: "Scores the sender and the subject"}
config_schema: config.schema.json
license_files: [LICENSE]
"""

PLATFORM_MANIFEST = (
    MANIFEST
    + """\
assets:
  platforms:
    linux-x86_64: bin/linux
    linux-aarch64: bin/linux
    windows-x86_64: bin/windows/
"""
)

# Put together here, so that nobody who searches this file for secrets takes them for one.
PRIVATE_KEY = "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n" * 3
TOKEN = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG3hJ5"

FILES: Mapping[str, bytes] = {
    "plugin.yaml": MANIFEST.encode(),
    "config.schema.json": b'{"type": "object"}\n',
    "LICENSE": b"Do what you like.\n",
    "README.md": "# Spam filter\n\nPrüft den Absender.\n".encode(),
    "src/spam_filter/__init__.py": b"class Plugin:\n    pass\n",
    "src/spam_filter/words.txt": b"lottery\n",
    "tools/train": b"#!/bin/sh\necho trained\n",
}

PLATFORM_FILES: Mapping[str, bytes] = {
    **FILES,
    "plugin.yaml": PLATFORM_MANIFEST.encode(),
    "bin/linux/fast.so": b"\x7fELF and more",
    "bin/windows/fast.dll": b"MZ and more",
}


def a_tree(
    folder: Path, changes: Mapping[str, bytes | str | None] | None = None, *, files: Mapping[str, bytes] = FILES
) -> Path:
    """Write `files` below `folder`, with `changes`: other content, or None for no such file."""
    for name, content in {**files, **(changes or {})}.items():
        if content is not None:
            write(folder, name, content)
    return folder


def write(folder: Path, name: str, content: bytes | str) -> Path:
    """Write one file, and the folders it needs."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def names_in(package: Path) -> list[str]:
    """Return the names of the members of a package, in its order."""
    with package.open("rb") as stream:
        return [member.name for member in read_archive(stream).members]


def rules_of(findings: Iterable[Finding]) -> set[str]:
    """Return the ids of the rules that `findings` are about."""
    return {finding.rule for finding in findings}
