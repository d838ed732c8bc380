"""One violation of a schema with what the schema's author said about the place: the material of a finding.

In: an error of jsonschema and the document. Out: places, notes and the parts of schemas that apply.
Knows the two keywords of ours: ``x-hint`` (the fix, as a sentence) and ``x-pattern-says`` (a pattern in words).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pluginry.encoding.quoting import path_as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import ValidationError

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.model.finding import DocumentPath, Location

Resolve = Callable[[str], Any]
"""Returns the schema that an absolute ``$ref`` names."""

# Keywords followed by a name or position in the path of a schema.
_WITH_NAME = frozenset(
    {"properties", "patternProperties", "prefixItems", "allOf", "anyOf", "oneOf", "dependentSchemas"}
)
# Keywords whose schemas speak about the same value as the schema around them.
_SAME_VALUE = frozenset({"allOf", "anyOf", "oneOf", "dependentSchemas", "then", "else"})


class Problem:
    """The ``value`` at ``path`` does not fit ``schema``, whose ``keyword`` asks for what is ``wanted``.

    A problem about a key has the key for its value.
    """

    def __init__(self, error: ValidationError, document: ParsedDocument, root: Any, resolve: Resolve) -> None:
        self.value: Any = error.instance
        self.schema: Any = error.schema
        self.keyword = str(error.validator)
        self.wanted: Any = error.validator_value
        self.document = document
        self._error = error
        self._root = root
        self._resolve = resolve
        self._trail, self.is_about_key = self._walk()
        path: DocumentPath = tuple(error.absolute_path)
        self.path = (*path, str(self.value)) if self.is_about_key else path

    @property
    def subject(self) -> str:
        """The value's place, as the subject of a sentence."""
        return path_as_text(self.path) or "the document"

    @property
    def inside(self) -> str:
        """`` in <place>`` for what is missing or unknown in a mapping; nothing at the root."""
        return f" in {path_as_text(self.path)}" if self.path else ""

    @property
    def where(self) -> Location:
        """Where the value starts."""
        return self.document.location_of(self.path)

    @property
    def where_key(self) -> Location:
        """Where the value's key starts."""
        return self.document.location_of_key(self.path)

    def note(self, keyword: str) -> str:
        """Return what the schemas of this value say under `keyword`; who refers to a definition is asked before it."""
        return next((str(schema[keyword]) for schema in self._trail if keyword in schema), "")

    def note_of(self, schema: Any, keyword: str) -> str:
        """Return what `schema`, or the definition it refers to, says under `keyword`."""
        return next((str(part[keyword]) for part in self.with_definitions(schema) if keyword in part), "")

    def with_definitions(self, schema: Any) -> Iterator[dict[str, Any]]:
        """Yield `schema` and the definitions it refers to, one after the other."""
        while isinstance(schema, dict):
            yield schema
            schema = self._resolve(schema["$ref"]) if "$ref" in schema else None

    def known_keys(self, schema: Any) -> set[str]:
        """Return the keys that `schema` knows, directly or through the schemas it consists of."""
        keys: set[str] = set()
        for part in self.with_definitions(schema):
            keys.update(part.get("properties", ()))
            for keyword in ("allOf", "anyOf", "oneOf"):
                keys.update(*(self.known_keys(branch) for branch in part.get(keyword, ())))
            for keyword in ("then", "else"):
                keys.update(self.known_keys(part.get(keyword)))
            keys.update(*(self.known_keys(branch) for branch in part.get("dependentSchemas", {}).values()))
        return keys

    def branches(self) -> dict[int, list[Problem]]:
        """Return the problems with each form that the value may have, by the form's position in ``wanted``."""
        found: dict[int, list[Problem]] = {}
        for child in self._error.context or ():
            problem = Problem(child, self.document, self._root, self._resolve)
            found.setdefault(int(child.relative_schema_path[0]), []).append(problem)
        return found

    def _walk(self) -> tuple[list[dict[str, Any]], bool]:
        """Follow the error's path through the schemas; return those about this value, and whether it is a key.

        jsonschema names only the innermost schema, but a note beside a ``$ref`` is more to the point.
        """
        *schemas, _keyword = self._error.absolute_schema_path
        steps = iter(schemas)
        trail: list[Any] = [self._root]
        is_about_key = False
        for step in steps:
            name = next(steps) if step in _WITH_NAME else None
            trail.extend(self._definitions_until(trail[-1], step, name))
            if not _holds(trail[-1], step, name):
                return [self.schema], is_about_key
            schema = trail[-1][step] if name is None else trail[-1][step][name]
            same_value = step in _SAME_VALUE
            trail = [*trail, schema] if same_value else [schema]
            is_about_key = step == "propertyNames" or (is_about_key and same_value)
        trail.extend(self._definitions_until(trail[-1], self.keyword))
        return [schema for schema in trail if isinstance(schema, dict)], is_about_key

    def _definitions_until(self, schema: Any, step: str | int, name: str | int | None = None) -> Iterator[Any]:
        while not _holds(schema, step, name) and isinstance(schema, dict) and "$ref" in schema:
            schema = self._resolve(schema["$ref"])
            yield schema


def _holds(schema: Any, step: str | int, name: str | int | None) -> bool:
    if not isinstance(schema, dict) or step not in schema:
        return False
    if isinstance(schema[step], list) and isinstance(name, int):
        return name < len(schema[step])
    return name is None or name in schema[step]
