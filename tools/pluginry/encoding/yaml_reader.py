"""The parser's events to plain values and places, refusing what does not belong into a document.

In: events of PyYAML, one by one. Out: the value, where each part of it stands, and findings.
Never lets an anchor, tag or merge key have an effect, and never lets the second of two keys win.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pluginry.encoding.parsed_document import Mark
from pluginry.encoding.quoting import quoted
from pluginry.encoding.yaml_rules import (
    ALIAS,
    DIRECTIVE,
    DUPLICATE_KEY,
    KEY_NOT_TEXT,
    MERGE_KEY,
    MULTIPLE_DOCUMENTS,
    TAG,
    TOO_DEEP,
)
from pluginry.encoding.yaml_text import hidden_character_in
from pluginry.encoding.yaml_values import plain_value
from pluginry.model.finding import Location

if TYPE_CHECKING:
    import yaml

    from pluginry.model.finding import DocumentPath, Finding
    from pluginry.model.rule import Rule


class _Key(NamedTuple):
    """A key that waits for its value; a value under a refused key is read for its findings only."""

    text: str
    line: int
    column: int
    refused: bool


@dataclass(slots=True, kw_only=True)
class _Open:
    """A mapping or list whose end has not come yet. What is not ``kept`` lies under a refused key."""

    into: dict[str, Any] | list[Any]
    path: DocumentPath
    kept: bool
    key: _Key | None = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.into, dict) and self.key is None


class YamlReader:
    """Takes events one by one; iterative, so that no input reaches Python's recursion limit.

    ``root`` and ``marks`` are the document so far; ``stopped`` says that nothing further can be understood.
    """

    def __init__(self, file: str, max_depth: int, findings: list[Finding]) -> None:
        self.root: Any = None
        self.marks: dict[DocumentPath, Mark] = {}
        self.findings = findings
        self.documents = 0
        self.stopped = False
        self._file = file
        self._max_depth = max_depth
        self._open: list[_Open] = []
        self._hidden_in_text = bool(findings)

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the parser."""
        kind = type(event).__name__  # compared by name: asking for each of PyYAML's classes in turn takes longer
        if kind == "ScalarEvent":
            self._take_scalar(cast("yaml.ScalarEvent", event))
        elif kind == "MappingStartEvent":
            self._take_start(cast("yaml.CollectionStartEvent", event), {})
        elif kind == "SequenceStartEvent":
            self._take_start(cast("yaml.CollectionStartEvent", event), [])
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._open.pop()
        elif kind == "AliasEvent":
            self._report(ALIAS, event)
            self._refuse_key(event) if self._wants_key else self._place(None, event)
        elif kind == "DocumentStartEvent":
            self._take_document(cast("yaml.DocumentStartEvent", event))

    def _take_document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._report(MULTIPLE_DOCUMENTS, event)
            self.stopped = True
        elif event.version or event.tags:
            self._report(DIRECTIVE, event)

    def _take_scalar(self, event: yaml.ScalarEvent) -> None:
        self._check_decoration(event)
        if found := hidden_character_in(event.value):
            rule, name = found
            # One that stands in the file itself was reported at its exact place; this is an escape such as \u202e.
            if not self._hidden_in_text:
                self._report(rule, event, f"this text holds the invisible character {name}")
        value = _value_of(event)
        if not self._wants_key:
            self._place(value, event)
        elif not isinstance(value, str):
            self._report(KEY_NOT_TEXT, event, f"the key {quoted(value)} is not text")
            self._refuse_key(event)
        elif value == "<<" and not event.style:
            self._report(MERGE_KEY, event)
            self._refuse_key(event)
        else:
            self._take_key(value, event)

    def _take_key(self, key: str, event: yaml.Event) -> None:
        mapping = self._open[-1]
        repeated = key in mapping.into
        if repeated:
            first = self.marks.get((*mapping.path, key)) if mapping.kept else None
            before = f"; it already stands in line {first.key_line}" if first else ""
            self._report(DUPLICATE_KEY, event, f"the key {quoted(key)} stands here again{before}")
        mapping.key = _Key(key, *_position(event), refused=repeated)

    def _refuse_key(self, event: yaml.Event) -> None:
        self._open[-1].key = _Key("", *_position(event), refused=True)

    def _take_start(self, event: yaml.CollectionStartEvent, into: dict[str, Any] | list[Any]) -> None:
        self._check_decoration(event)
        if len(self._open) >= self._max_depth:
            self._report(TOO_DEEP, event, f"the document is nested more than {self._max_depth} levels deep")
            self.stopped = True
            return
        if self._wants_key:
            self._report(KEY_NOT_TEXT, event, f"the key here is {quoted(into)}, not text")
            self._refuse_key(event)
            self._open.append(_Open(into=into, path=self._open[-1].path, kept=False))
        else:
            path, kept = self._place(into, event)
            self._open.append(_Open(into=into, path=path, kept=kept))

    def _place(self, value: object, event: yaml.Event) -> tuple[DocumentPath, bool]:
        """Put `value` where the innermost open collection expects it; return its path and whether it counts."""
        line, column = _position(event)
        if not self._open:
            self.root = value
            self.marks[()] = Mark(line, column, line, column)
            return (), True
        parent = self._open[-1]
        if isinstance(parent.into, list):
            path, kept = (*parent.path, len(parent.into)), parent.kept
            parent.into.append(value)
            mark = Mark(line, column, line, column)
        else:
            key, parent.key = parent.key, None
            assert key is not None, "the parser gives every value its key"  # noqa: S101 - holds for any input
            path, kept = (*parent.path, key.text), parent.kept and not key.refused
            if not key.refused:
                parent.into[key.text] = value
            # Parsers disagree where a value that is not written starts, so it is found at its key.
            start = (key.line, key.column) if _is_unwritten(event) else (line, column)
            mark = Mark(*start, key.line, key.column)
        if kept:
            self.marks[path] = mark
        return path, kept

    @property
    def _wants_key(self) -> bool:
        return bool(self._open) and self._open[-1].wants_key

    def _check_decoration(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._report(ALIAS, event)
        if event.tag is not None:
            self._report(TAG, event, f"the tag {quoted(event.tag)} is not allowed")

    def _report(self, rule: Rule, event: yaml.Event, message: str = "") -> None:
        line, column = _position(event)
        where = Location(file=self._file, line=line, column=column, path=self._open[-1].path if self._open else ())
        self.findings.append(rule.finding(where, message))


def _value_of(event: yaml.ScalarEvent) -> str | int | bool | None:
    text: str = event.value
    return text if event.style else plain_value(text)  # quoted or a block: always text


def _is_unwritten(event: yaml.Event) -> bool:
    value: object = getattr(event, "value", None)
    style: object = getattr(event, "style", None)
    return value == "" and not style


def _position(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark  # both parsers set it on every event
    return mark.line + 1, mark.column + 1
