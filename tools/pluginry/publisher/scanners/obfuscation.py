"""Scanner *obfuscation*: text that is made so that people cannot read what it does.

Minified code is not that: it is common, and its source is elsewhere. What runs text that it decodes first, what hides
characters, and what was put through an obfuscator is looked at by a person. Never decodes anything.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher.scanners.scanner import Scanner, at
from pluginry.publisher.source_reading.reading import MAX_SOURCE_BYTES, is_source, lacking_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.publisher.scanners.scanner import ScannedPackage

DECODED_CODE = Rule(
    id="scan.decoded-code",
    title="The code runs text that it decodes first",
    why="What runs is not what stands in the package: nobody can review it.",
    fix="put the code into the package as it is",
    severity=Severity.NEEDS_REVIEW,
)
HIDDEN_TEXT = Rule(
    id="scan.hidden-characters",
    title="The source has characters that cannot be seen",
    why="They make a text look like another one, or carry data that nobody sees.",
    fix="remove them, or write them as escapes",
    severity=Severity.NEEDS_REVIEW,
)
OBFUSCATED = Rule(
    id="scan.obfuscated",
    title="The source went through an obfuscator",
    why="It was made so that nobody can review it.",
    fix="publish the code as it was written, or only minified",
    severity=Severity.NEEDS_REVIEW,
)
ENCODED_DATA = Rule(
    id="scan.encoded-data",
    title="The source holds a long encoded text",
    why="Nobody sees what it is: a picture, a font, or a program.",
    fix="put it into a file of its own, with a name that says what it is",
    severity=Severity.NOTE,
)

# Overrides and isolates of direction, with which text shows in another order than it runs.
_DIRECTION = "\u202a-\u202e\u2066-\u2069"
_INVISIBLE = re.compile(
    f"[{_DIRECTION}]"
    "|[\u200b-\u200d\u2060\ufeff\u00ad]{3,}"
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}"
    "|[\U000e0000-\U000e007f]{3,}"
    "|[\u3164\uffa0\u115f\u1160]"
)
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{1500,}|(?:\\x[0-9a-fA-F]{2}){300,}")
_DATA_ADDRESS = re.compile(r"(?:data:[\w.+-]+/[\w.+-]+[;,][\w=;-]*,|base64,)\Z")
_MADE_UP_NAME = re.compile(r"\b_0x[0-9a-f]{4,}\b")
_HEX_ESCAPES = re.compile(r"(?:\\x[0-9a-fA-F]{2}){8,}")
_MANY_NAMES: Final = 20
_MANY_ESCAPES: Final = 25
_RANDOM_BITS: Final = 4.5  # bits of entropy in a character: base64 of a program has nearly 6, words have 4
_HEAD: Final = 40


def _scan(package: ScannedPackage) -> Iterator[Finding]:
    """Yield what hides what the code does, each kind once in a file."""
    for file, reading in package.sources():
        for run in reading.disguised[:1]:
            yield DECODED_CODE.finding(at(file, run.line), f"{run.what} gets text that is decoded first")
    for file in package.files:
        if is_source(file.name):
            data = package.read(file, max_bytes=MAX_SOURCE_BYTES)
            text = data.decode("utf-8", "replace").removeprefix("\ufeff") if data else ""
            for rule, position, message in _hidden_in(text):
                yield rule.finding(at(file, text.count("\n", 0, position) + 1), message)


def _hidden_in(text: str) -> Iterator[tuple[Rule, int, str]]:
    """Yield what hides in `text`: the rule, the position, and words."""
    if not text.isascii() and (match := _INVISIBLE.search(text)):
        yield HIDDEN_TEXT, match.start(), f"here stands U+{ord(match[0][0]):04X}, which nobody sees"
    names = _MADE_UP_NAME.findall(text)
    escapes = _HEX_ESCAPES.findall(text)
    if len(names) >= _MANY_NAMES or len(escapes) >= _MANY_ESCAPES:
        what = (
            f"{len(names)} names like {names[0]}"
            if len(names) >= _MANY_NAMES
            else f"{len(escapes)} texts in hexadecimal"
        )
        start = text.find(names[0] if len(names) >= _MANY_NAMES else escapes[0])
        yield OBFUSCATED, start, f"it has {what}"
    for match in _ENCODED.finditer(text):
        is_address = _DATA_ADDRESS.search(text[max(0, match.start() - _HEAD) : match.start()])
        if not is_address and (match[0].startswith("\\x") or _entropy(match[0]) >= _RANDOM_BITS):
            yield ENCODED_DATA, match.start(), f"{len(match[0]):,} characters of encoded text"
            break


def _entropy(text: str) -> float:
    """Return the bits of information in a character of `text`."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)


SCANNER = Scanner(
    name="obfuscation",
    version="1",
    rules=(DECODED_CODE, HIDDEN_TEXT, OBFUSCATED, ENCODED_DATA),
    scan=_scan,
    hindrance=lambda _setup: lacking_parser(),
)
