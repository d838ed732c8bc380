"""Bytes of a YAML file to text that every reader, parser and editor sees alike.

In: the bytes and how many are allowed. Out: the text, or None, and findings with their exact place.
Refuses what makes the same file look different to different eyes: other encodings, control characters, line breaks
that only some parsers know, and characters that reorder what a person sees. Never looks at the YAML itself.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import TYPE_CHECKING

from pluginry.model.finding import Location
from pluginry.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding

TOO_LARGE = Rule(
    id="yaml.too-large",
    title="The file is too large",
    why="Files of the registry are read by people and by every build; a limit keeps both possible.",
    fix="move long texts into their own files, and data into the package",
)
ENCODING = Rule(
    id="yaml.encoding",
    title="The file is not UTF-8 without a byte order mark",
    why="Readers guess differently what other bytes mean, so a reviewer and a client could read different texts.",
    fix="save the file as UTF-8 without BOM",
)
CONTROL_CHARACTER = Rule(
    id="yaml.control-character",
    title="The file holds an invisible control character",
    why="Control characters and rare line breaks are shown by no editor and read differently by different parsers.",
    fix="delete the character; a line ends with a line feed",
)
BIDI_CONTROL = Rule(
    id="yaml.bidi-control",
    title="The file holds a character that changes the direction of text",
    why="With it a text reads differently on the screen of a reviewer than it is stored.",
    fix="delete the character; right-to-left text needs none",
)
RULES = (TOO_LARGE, ENCODING, CONTROL_CHARACTER, BIDI_CONTROL)

# C0 and C1 controls, DEL, line and paragraph separator, byte order mark, noncharacters, surrogates.
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
# Unicode's property Bidi_Control.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN_IN_FILE = re.compile(f"(?P<bidi>[{_BIDI}])|[{_CONTROL}]|\r(?!\n)")
_HIDDEN_IN_VALUE = re.compile(f"(?P<bidi>[{_BIDI}])|[{_CONTROL}\r]")


def read_text(data: bytes, *, file: str, max_bytes: int) -> tuple[str | None, Iterator[Finding]]:
    """Return the text of `data` (None when it cannot be parsed) and what is wrong with its characters."""
    if len(data) > max_bytes:
        message = f"the file has {len(data):,} bytes; at most {max_bytes:,} are allowed"
        return None, iter([TOO_LARGE.finding(Location(file=file), message)])
    for mark, encoding in (
        (codecs.BOM_UTF8, "UTF-8 with a byte order mark"),
        (codecs.BOM_UTF16_LE, "UTF-16"),
        (codecs.BOM_UTF16_BE, "UTF-16"),
    ):
        if data.startswith(mark):
            place = Location(file=file, line=1, column=1)
            return None, iter([ENCODING.finding(place, f"the file is saved as {encoding}")])
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        place = place_in(before, len(before), file=file)
        message = f"the byte 0x{data[error.start]:02x} here is not UTF-8"
        return None, iter([ENCODING.finding(place, message)])
    if not _HIDDEN_IN_FILE.search(text):
        return text, iter(())
    unreadable = any(not match["bidi"] for match in _HIDDEN_IN_FILE.finditer(text))
    return None if unreadable else text, _hidden_characters(text, file)


def hidden_character_in(value: str) -> tuple[Rule, str] | None:
    """Return the rule that a decoded text breaks and the character by name, or None: escapes hide characters too."""
    match = _HIDDEN_IN_VALUE.search(value)
    return (_rule_of(match), _name_of(match[0])) if match else None


def place_in(text: str, index: int, *, file: str) -> Location:
    """Return line and column, in characters from 1, of the character at `index` of `text`."""
    line_start = text.rfind("\n", 0, index) + 1
    column = index - line_start + 1
    return Location(file=file, line=text.count("\n", 0, index) + 1, column=column)


def _hidden_characters(text: str, file: str) -> Iterator[Finding]:
    for match in _HIDDEN_IN_FILE.finditer(text):
        place = place_in(text, match.start(), file=file)
        yield _rule_of(match).finding(place, f"here stands the invisible character {_name_of(match[0])}")


def _rule_of(match: re.Match[str]) -> Rule:
    return BIDI_CONTROL if match["bidi"] else CONTROL_CHARACTER


def _name_of(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}{f' ({name.lower()})' if name else ''}"
