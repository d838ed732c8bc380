"""Scanner *vendored*: which packages of PyPI and npm are inside, and whether one is called nearly like a famous one.

What is inside is told as facts. It asks nobody, and needs no data from outside.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher.scanners.scanner import Scanner, at
from pluginry.publisher.vendored.look_alike import taken_for
from pluginry.publisher.vendored.recognise import MAX_BYTES, packages_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.publisher.scanners.scanner import Noticed, ScannedPackage

LOOK_ALIKE = Rule(
    id="scan.look-alike-package",
    title="A package inside is called nearly like a famous one",
    why="Harmful packages are given such names, so that a slip of the hand installs them.",
    fix="use the package that was meant, or tell the reviewer that this one is",
    severity=Severity.NEEDS_REVIEW,
)


def _scan(package: ScannedPackage) -> Iterator[Noticed]:
    """Yield every package inside, and a finding for names that can be taken for others."""
    for file in package.files:
        for inside in packages_in(file.name, partial(package.read, file, max_bytes=MAX_BYTES)):
            yield inside
            if other := taken_for(inside.ecosystem, inside.name):
                yield LOOK_ALIKE.finding(at(file), f"{inside.name} can be taken for {other} ({inside.ecosystem})")


SCANNER = Scanner(name="vendored", version="1", rules=(LOOK_ALIKE,), scan=_scan)
