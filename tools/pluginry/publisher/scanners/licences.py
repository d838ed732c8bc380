"""Scanner *licences*: the text in the package beside the licence that the plugin is listed with.

A licence is recognised by sentences that no other common one has. Texts that are not recognised are not judged, and
a plugin without a text is only noted. It gives no legal advice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pluginry.encoding.quoting import enumerated
from pluginry.model.finding import Location, Severity
from pluginry.model.manifest import MANIFEST_FILE
from pluginry.model.rule import Rule
from pluginry.publisher.scanners.scanner import Scanner, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.encoding.archive_member import Member
    from pluginry.model.finding import Finding
    from pluginry.publisher.scanners.scanner import ScannedPackage

OTHER_LICENCE = Rule(
    id="scan.other-licence",
    title="The licence in the package is not the one that the plugin is listed with",
    why="People and companies decide by the licence of the listing whether they may use the plugin.",
    fix="correct `license` in listing.yaml, or put the right text into the package",
    severity=Severity.NEEDS_REVIEW,
)
NO_TEXT = Rule(
    id="scan.no-licence-text",
    title="The package has no text of its licence",
    why="Most licences ask that their text goes with every copy.",
    fix="put the text into the package as LICENSE",
    severity=Severity.NOTE,
)

_FILE_NAME = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[._-][\w.-]+)?\Z", re.IGNORECASE)
_MAX_BYTES: Final = 256 << 10
_TOP_LEVELS: Final = 2
# Words that stand in the text (all of the first group, none of the second), without punctuation and in lower case.
_SIGNS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("Apache-2.0", ("apache license", "version 2 0"), ()),
    ("MPL-2.0", ("mozilla public license version 2 0",), ()),
    ("AGPL-3.0", ("gnu affero general public license version 3",), ("gnu general public license version 3 29",)),
    ("LGPL-3.0", ("gnu lesser general public license version 3",), ("affero", "preamble")),
    ("LGPL-2.1", ("gnu lesser general public license version 2 1",), ("affero",)),
    (
        "GPL-3.0",
        ("gnu general public license version 3 29 june 2007", "preamble"),
        ("lesser general public license version 3 29",),
    ),
    ("GPL-2.0", ("gnu general public license version 2 june 1991",), ()),
    ("BSD-3-Clause", ("redistribution and use in source and binary forms", "to endorse or promote products"), ()),
    ("BSD-2-Clause", ("redistribution and use in source and binary forms",), ("to endorse or promote products",)),
    (
        "MIT",
        ("permission is hereby granted free of charge to any person obtaining a copy", "the above copyright notice"),
        (),
    ),
    (
        "MIT-0",
        ("permission is hereby granted free of charge to any person obtaining a copy",),
        ("the above copyright notice",),
    ),
    ("ISC", ("permission to use copy modify and or distribute this software", "copyright notice"), ()),
    ("0BSD", ("permission to use copy modify and or distribute this software",), ("provided that the above",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",), ()),
    ("CC0-1.0", ("cc0 1 0 universal",), ()),
)
_SUFFIXES = ("-only", "-or-later", "+")


def _scan(package: ScannedPackage) -> Iterator[Finding]:
    """Yield texts of other licences, and the lack of any text."""
    declared = _families_in(package.licence)
    if not declared:
        return
    texts = [file for file in package.files if _is_text_of_package(file)]
    if not texts:
        yield NO_TEXT.finding(Location(file=MANIFEST_FILE))
    recognised = {file.name: (file, _recognised(package, file)) for file in texts}
    all_known = {licence for _, licences in recognised.values() for licence in licences}
    if all_known & declared:
        return  # further texts beside the right one are those of parts
    for file, licences in recognised.values():
        if licences:
            said = enumerated(sorted(licences))
            yield OTHER_LICENCE.finding(at(file), f"this is {said}, and the listing says {package.licence}")


def _is_text_of_package(file: Member) -> bool:
    """Return whether `file` is a licence of the package, and not of something vendored in it."""
    folder, _, name = file.name.rpartition("/")
    parts = [part for part in folder.split("/") if part]
    is_metadata = any(part.endswith(".dist-info") for part in parts)
    return bool(_FILE_NAME.match(name)) and (len(parts) < _TOP_LEVELS or is_metadata)


def _recognised(package: ScannedPackage, file: Member) -> frozenset[str]:
    """Return the licences whose sentences stand in `file`."""
    return licences_in(package.read(file, max_bytes=_MAX_BYTES) or b"")


def licences_in(text: bytes) -> frozenset[str]:
    """Return the licences whose sentences stand in `text`; which versions after it are meant is not among them."""
    words = " ".join(re.findall(r"[a-z0-9]+", text.decode("utf-8", "replace").lower()))
    return frozenset(
        licence
        for licence, present, absent in _SIGNS
        if all(sign in words for sign in present) and not any(sign in words for sign in absent)
    )


def _families_in(expression: str) -> frozenset[str]:
    """Return the licences that an SPDX expression names, without which later versions are meant."""
    names = re.findall(r"[A-Za-z0-9.+-]+", expression)
    return frozenset(_family(name) for name in names if name not in ("AND", "OR", "WITH"))


def _family(name: str) -> str:
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name


SCANNER = Scanner(name="licences", version="1", rules=(OTHER_LICENCE, NO_TEXT), scan=_scan)
