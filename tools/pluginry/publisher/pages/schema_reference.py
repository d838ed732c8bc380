"""A JSON Schema as a table that people read: every field, its type and limits, what it means, and whether it is needed.

In: a schema of ours. Out: sections of lines in the order of the schema. It knows the keywords that our schemas use, and
refuses one that it would leave out, so that no page says less than its schema.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pluginry.encoding import strict_json
from pluginry.encoding.data_folder import data_folder
from pluginry.encoding.schema import URN_PREFIX
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SUFFIX = ".schema.json"
_MAX_BYTES, _MAX_DEPTH = 1 << 20, 64
_KNOWN = frozenset(
    {
        *("$schema", "$id", "$defs", "$ref", "title", "description", "type", "const", "enum", "examples", "required"),
        *("properties", "propertyNames", "additionalProperties", "unevaluatedProperties", "items", "prefixItems"),
        *("oneOf", "anyOf", "allOf", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"),
        *("minProperties", "maxProperties", "uniqueItems", "pattern", "format", "dependentRequired"),
        *("x-pattern-says", "x-hint", "x-tree"),
    }
)
_LIMITS = (
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
    ("minProperties", "at least {} keys"),
    ("maxProperties", "at most {} keys"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a value is, in words, with the schema or the shared definition (``schema``, ``definition``) it refers to."""

    says: str
    schema: str = ""
    definition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One field. Dots lead into objects, ``[]`` into each item of a list, ``*`` into each value of a map."""

    path: str
    is_needed: bool
    kinds: tuple[Kind, ...]
    limits: tuple[str, ...]
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The fields of one form of a document, or of a shared definition, whose own line comes first."""

    name: str
    means: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """All that is said of a schema."""

    name: str
    title: str
    means: str
    sections: tuple[Section, ...]
    example: str


def read_schemas() -> dict[str, Any]:
    """Return every shipped schema by its name.

    Raises:
        DocumentError: this installation has none, or one is damaged.

    """
    return {
        path.name.removesuffix(_SUFFIX): strict_json.parse(
            path.read_bytes(), what=path.name, max_bytes=_MAX_BYTES, max_depth=_MAX_DEPTH
        )
        for path in sorted(data_folder("schemas").glob(f"*{_SUFFIX}"))
    }


def reference_of(name: str, schemas: Mapping[str, Any]) -> Reference:
    """Return what is to be said of the schema `name`, one of `schemas`.

    Raises:
        DocumentError: the schema uses a keyword that no page would show.

    """
    schema = schemas[name]
    reader = _Reader(name, schemas)
    return Reference(
        name=name,
        title=schema.get("title", name),
        means=schema.get("description", ""),
        sections=tuple(section for section in reader.sections(schema) if section.lines),
        example=json.dumps(schema["examples"][0], indent=2, ensure_ascii=False) if "examples" in schema else "",
    )


class _Reader:
    """Walks through one schema; what it refers to is looked up for its meaning only."""

    def __init__(self, name: str, schemas: Mapping[str, Any]) -> None:
        self._name = name
        self._schemas = schemas

    def sections(self, schema: Any) -> Iterator[Section]:
        """Yield the document itself, each of its forms, and each definition that its fields share."""
        yield Section(name="", means="", lines=tuple(self._fields(schema, "")))
        for form in schema.get("oneOf", ()):
            event = form["properties"]["event"]
            yield Section(name=event["const"], means=event["description"], lines=tuple(self._fields(form, "")))
        for name, definition in schema.get("$defs", {}).items():
            itself = self._line("", definition, is_needed=False)
            yield Section(
                name=name,
                means=definition.get("description", ""),
                lines=(itself, *self._inside(definition, "")),
            )

    def _fields(self, schema: Any, place: str) -> Iterator[Line]:
        self._check(schema, place)
        needed = schema.get("required", ())
        for key, field in schema.get("properties", {}).items():
            path = f"{place}.{key}" if place else key
            if not isinstance(field, bool):
                yield self._line(path, field, is_needed=key in needed)
                yield from self._inside(field, path)

    def _inside(self, field: Any, path: str) -> Iterator[Line]:
        """Yield the fields of what a value holds, at any depth; a reference is a link and not unfolded."""
        self._check(field, path)
        yield from self._fields(field, path)
        if isinstance(field.get("items"), dict):
            yield from self._inside(field["items"], f"{path}[]")
        if isinstance(field.get("additionalProperties"), dict):
            yield from self._inside(field["additionalProperties"], f"{path}.*" if path else "*")
        forms = (*field.get("oneOf", ()), *field.get("anyOf", ()))
        for number, form in enumerate(forms, start=1):
            for line in self._inside(form, path):
                only = f"{'needed in' if line.is_needed else 'in'} form {number} of {len(forms)}"
                yield replace(line, is_needed=False, limits=(only, *line.limits))

    def _line(self, path: str, field: Any, *, is_needed: bool) -> Line:
        return Line(
            path=path,
            is_needed=is_needed,
            kinds=tuple(dict.fromkeys(self._kinds(field))),
            limits=tuple(_limits(field)),
            means=self._meaning(field),
        )

    def _meaning(self, field: Any) -> str:
        if "description" in field:
            return str(field["description"])
        if "$ref" in field:
            return self._meaning(self._target(field["$ref"]))
        forms = (*field.get("oneOf", ()), *field.get("anyOf", ()))
        return next((form["description"] for form in forms if "description" in form), "")

    def _kinds(self, field: Any) -> Iterator[Kind]:
        if "$ref" in field:
            schema, definition = self._named(field["$ref"])
            yield Kind(says=definition or schema, schema=schema, definition=definition)
        elif "const" in field:
            yield Kind(says=f"always {field['const']}")
        elif "enum" in field:
            yield Kind(says=" | ".join(map(str, field["enum"])))
        elif "oneOf" in field or "anyOf" in field:
            for form in (*field.get("oneOf", ()), *field.get("anyOf", ())):
                yield from self._kinds(form)
        elif field.get("type") == "array":
            yield from self._of(field, "items", "list of")
        elif field.get("type") == "object" and isinstance(field.get("additionalProperties"), dict):
            yield from self._of(field, "additionalProperties", "map to")
        else:
            kinds = field.get("type", "anything")
            yield Kind(says=kinds if isinstance(kinds, str) else " or ".join(kinds))

    def _of(self, field: Any, keyword: str, words: str) -> Iterator[Kind]:
        inner = field.get(keyword)
        if isinstance(inner, dict):
            yield from (
                Kind(says=f"{words} {kind.says}", schema=kind.schema, definition=kind.definition)
                for kind in self._kinds(inner)
            )
        else:
            yield Kind(says=words.partition(" ")[0])

    def _named(self, reference: str) -> tuple[str, str]:
        place, _, pointer = reference.partition("#/")
        definition = pointer.removeprefix("$defs/")
        return place.removeprefix(URN_PREFIX) or self._name, definition

    def _target(self, reference: str) -> Any:
        schema, definition = self._named(reference)
        found = self._schemas[schema]
        return found["$defs"][definition] if definition else found

    def _check(self, schema: Any, place: str) -> None:
        unknown = sorted(set(schema) - _KNOWN)
        if unknown:
            raise DocumentError(
                f"no page would show {', '.join(unknown)}", where=f"{self._name}{_SUFFIX} {place}".rstrip()
            )


def _limits(field: Any) -> Iterator[str]:
    yield from (words.format(field[keyword]) for keyword, words in _LIMITS if keyword in field)
    if field.get("uniqueItems"):
        yield "none twice"
    if "pattern" in field:
        yield field.get("x-pattern-says") or f"of the form {field['pattern']}"
