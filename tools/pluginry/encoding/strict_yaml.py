"""YAML without surprises: one file, one document, one meaning, every value with its line and column.

In: bytes. Out: a `ParsedDocument` of plain values; whatever is wrong is a finding in it, all of them in one run.
Read is a small part of YAML that every version of it understands alike: mappings with text keys, lists, and scalars
that are ``null``, ``true``, ``false``, decimal integers or else text (``1.10``, ``no`` and dates are text).
Never resolves tags, aliases or merge keys, never builds objects, never raises for bad content.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from pluginry.encoding.parsed_document import Mark, ParsedDocument
from pluginry.encoding.yaml_reader import YamlReader
from pluginry.encoding.yaml_rules import BIDI_CONTROL, DUPLICATE_KEY, EMPTY, RULES, SYNTAX
from pluginry.encoding.yaml_text import read_text
from pluginry.encoding.yaml_values import AMISS, value_in
from pluginry.model.finding import DocumentPath, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from pluginry.model.finding import Finding

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_FINDINGS", "RULES", "ParsedDocument", "parse"]

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
MAX_FINDINGS = 100

# With these the values are still clear enough to be judged in the same run: a repeated key keeps its first value.
_READABLE_WITH = frozenset({DUPLICATE_KEY.id, BIDI_CONTROL.id})
_SYNTAX_HINTS = (
    ("mapping values are not allowed", "put a text that holds ': ' in quotes, or check the indentation"),
    ("cannot start any token", "put a text that starts with this character in quotes"),
    ("unexpected end of stream", "a quote or bracket that was opened is never closed"),
    ("unknown escape character", "in double quotes write \\\\ for a backslash, or use single quotes"),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
)
_TAB_HINT = "the line starts with a tab: YAML indents with spaces only"


def parse(data: bytes, *, file: str, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> ParsedDocument:
    """Return what `data` says; `file` is the name that locations show.

    A document of a single mapping has depth 1. At most `MAX_FINDINGS` findings are listed. The value of a document
    with findings is None, unless they are only about repeated keys and characters that change direction.
    """
    text, hidden = read_text(data, file=file, max_bytes=max_bytes)
    findings = list(islice(hidden, MAX_FINDINGS))
    if text is None:
        return ParsedDocument(file=file, value=None, findings=tuple(findings))
    value = AMISS if findings else value_in(text, max_depth=max_depth)
    if value is not AMISS:
        return parsed_before(data, value, file=file, max_depth=max_depth)
    reader = YamlReader(file, max_depth, findings)
    complete = _read(text, reader, file)
    if complete and not reader.documents:
        findings.append(EMPTY.finding(Location(file=file)))
    readable = complete and all(finding.rule in _READABLE_WITH for finding in findings)
    return ParsedDocument(
        file=file, value=reader.root if readable else None, findings=tuple(findings), marks=reader.marks
    )


def parsed_before(data: bytes, value: object, *, file: str, max_depth: int = MAX_DEPTH) -> ParsedDocument:
    """Return what `parse` returns for `data`, whose ``value`` is known and which has no findings.

    Where things stand in it is found out when somebody asks: that is seldom, and takes more memory than the rest.
    """
    return ParsedDocument(file=file, value=value, marks=_LaterMarks(data, file, max_depth))


class _LaterMarks(Mapping[DocumentPath, Mark]):
    """The marks of a document, read when somebody wants the first one."""

    __slots__ = ("_data", "_file", "_marks", "_max_depth")

    def __init__(self, data: bytes, file: str, max_depth: int) -> None:
        self._data, self._file, self._max_depth = data, file, max_depth
        self._marks: dict[DocumentPath, Mark] | None = None

    def __getitem__(self, path: DocumentPath) -> Mark:
        return self._all()[path]

    def __iter__(self) -> Iterator[DocumentPath]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[DocumentPath, Mark]:
        if self._marks is None:
            reader = YamlReader(self._file, self._max_depth, [])
            text, _ = read_text(self._data, file=self._file, max_bytes=len(self._data))
            _read(text or "", reader, self._file)
            self._marks = reader.marks
        return self._marks


def _read(text: str, reader: YamlReader, file: str) -> bool:
    """Let `reader` take all of `text`; return whether its end was reached."""
    import yaml

    try:
        for event in _events(text):
            reader.take(event)
            if reader.stopped or len(reader.findings) >= MAX_FINDINGS:
                return False
    except yaml.YAMLError as error:
        reader.findings.append(_syntax_finding(error, text, file))
        return False
    except (ValueError, OverflowError):
        # PyYAML lets what its own conversions raise escape: characters beyond Unicode, broken UTF-8 in a tag.
        reader.findings.append(SYNTAX.finding(Location(file=file)))
        return False
    return True


def _events(text: str) -> Iterator[yaml.Event]:
    """Yield the parser's events: libyaml's where PyYAML was built with it, several times as fast."""
    import yaml

    return yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _syntax_finding(error: yaml.YAMLError, text: str, file: str) -> Finding:
    problem = str(getattr(error, "problem", None) or "it cannot be read")
    context, began = getattr(error, "context", None), getattr(error, "context_mark", None)
    about = f" {context} that starts in line {began.line + 1}:" if context and began else ""
    mark = getattr(error, "problem_mark", None)
    lines = text.split("\n")
    if mark and mark.line < len(lines):
        line, column = mark.line + 1, mark.column + 1
    else:  # libyaml sees the end of a file without a last line feed one line further down
        line, column = len(lines), len(lines[-1]) + 1
    source = lines[line - 1]
    indent = source[: len(source) - len(source.lstrip())]
    hint = _TAB_HINT if "\t" in indent else next((h for part, h in _SYNTAX_HINTS if part in problem), "")
    where = Location(file=file, line=line, column=column)
    return SYNTAX.finding(where, f"this is not valid YAML:{about} {problem}", hint=hint)
