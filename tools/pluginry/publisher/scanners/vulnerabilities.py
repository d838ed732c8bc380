"""Scanner *vulnerabilities*: which of the packages of PyPI and npm inside are known to be vulnerable.

Without a database it cannot run, and the facts say so: no finding does not mean that nothing is known. It asks nobody.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from pluginry.encoding.quoting import quoted
from pluginry.errors import DocumentError
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher.scanners.scanner import Scanner, at
from pluginry.publisher.vendored.osv import open_database
from pluginry.publisher.vendored.recognise import MAX_BYTES, packages_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.publisher.scan_setup import ScanSetup
    from pluginry.publisher.scanners.scanner import ScannedPackage

VULNERABLE = Rule(
    id="scan.vulnerable-package",
    title="A package inside is known to be vulnerable",
    why="Whoever installs the plugin gets it, and no other tool sees it there.",
    fix="put a newer version of it into the package, or tell the reviewer why it does no harm",
    severity=Severity.NEEDS_REVIEW,
)
NO_DATABASE: Final = "no database of vulnerabilities was given"


def _scan(package: ScannedPackage) -> Iterator[Finding]:
    """Yield a finding for each known problem of each package inside."""
    path = package.setup.osv
    if path is None:
        return
    database = open_database(path)
    for file in package.files:
        for inside in packages_in(file.name, partial(package.read, file, max_bytes=MAX_BYTES)):
            for known in database.problems_of(inside.ecosystem, inside.name, inside.version):
                said = f": {quoted(known.summary)}" if known.summary else ""
                what = f"{inside.name} {inside.version} ({inside.ecosystem}) is hit by {known.id}{said}"
                yield VULNERABLE.finding(at(file), what)


def _hindrance(setup: ScanSetup) -> str:
    if setup.osv is None:
        return NO_DATABASE
    try:
        open_database(setup.osv)
    except DocumentError as error:
        return error.what
    return ""


def _data(setup: ScanSetup) -> str:
    """Return which database it is."""
    return open_database(setup.osv).digest if setup.osv is not None else ""


SCANNER = Scanner(
    name="vulnerabilities", version="1", rules=(VULNERABLE,), scan=_scan, hindrance=_hindrance, data=_data
)
