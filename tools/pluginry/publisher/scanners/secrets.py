"""Scanner *secrets*: passwords, tokens and private keys that somebody packed by mistake.

They may be samples or tests of a foreign project, so a person looks at them. (What an author packs from
sources is refused outright by the stage *pack*.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher.scanners.scanner import Scanner, at
from pluginry.publisher.secret_patterns import kind_of_secret_file, secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.publisher.scanners.scanner import ScannedPackage

SECRET_FILE = Rule(
    id="scan.secret-file",
    title="The package has a file of a kind that holds secrets",
    why="A secret that was published has to be replaced: mirrors keep what was published once.",
    fix="release again without the file and replace the secret, or tell the reviewer why it is harmless",
    severity=Severity.NEEDS_REVIEW,
)
SECRET = Rule(
    id="scan.secret",
    title="The package has a secret in a file",
    why="A secret that was published has to be replaced: mirrors keep what was published once.",
    fix="revoke the secret and release again without it, or tell the reviewer why it is harmless",
    severity=Severity.NEEDS_REVIEW,
)


def _scan(package: ScannedPackage) -> Iterator[Finding]:
    """Yield files that hold secrets by their name, and secrets by file and line."""
    for file in package.files:
        if kind := kind_of_secret_file(file.name):
            yield SECRET_FILE.finding(at(file), f"files of this name hold {kind}")
        for secret in secrets_in(package.archive.open_chunks(file)):
            yield SECRET.finding(at(file, secret.line), f"this looks like {secret.kind}")


SCANNER = Scanner(name="secrets", version="1", rules=(SECRET_FILE, SECRET), scan=_scan)
