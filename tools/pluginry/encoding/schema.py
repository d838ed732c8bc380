"""The public contract, applied: documents checked against the JSON Schemas (2020-12) in ``schemas/``.

In: a parsed document and the name of a schema. Out: findings with file, line and column.
Never raises for bad content, never fetches: a reference leads to another schema of the same folder or nowhere.
"""

from __future__ import annotations

from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from pluginry.encoding import strict_json
from pluginry.encoding.data_folder import data_folder
from pluginry.encoding.quick_verdict import QuickVerdict
from pluginry.encoding.schema_dialect import format_checker, prepared, references_in, validator_class
from pluginry.encoding.schema_findings import explain
from pluginry.encoding.schema_problem import Problem
from pluginry.encoding.schema_rules import RULES
from pluginry.errors import DocumentError
from pluginry.model.finding import in_reading_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from jsonschema.protocols import Validator
    from referencing import Registry

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.model.finding import Finding

__all__ = ["MAX_FINDINGS", "RULES", "URN_PREFIX", "SchemaSet", "check_against_schema", "schema_folder"]

URN_PREFIX = "urn:pluginry:schemas:v1:"
MAX_FINDINGS = 100
_SUFFIX = ".schema.json"
_MAX_SCHEMA_BYTES = 1 << 20
_MAX_SCHEMA_DEPTH = 64


def schema_folder() -> Path:
    """Return the folder of the schemas, in a checkout or in an installed package.

    Raises:
        DocumentError: this installation does not have it.

    """
    return data_folder("schemas")


def check_against_schema(document: ParsedDocument, schema_name: str) -> Iterator[Finding]:
    """Yield what makes `document` unfit for the schema of this name (``listing``), at most `MAX_FINDINGS`.

    A document that could not be read yields nothing more: its own findings say why.

    Raises:
        DocumentError: there is no such schema, or the schemas of this installation are damaged.

    """
    yield from _schemas_of_this_installation().check(document, schema_name)


@cache
def _schemas_of_this_installation() -> SchemaSet:
    return SchemaSet.load(schema_folder())


class SchemaSet:
    """Schemas that refer to each other by ``$id``; a validator is compiled once, when it is first needed."""

    def __init__(self, schemas: Mapping[str, Any], quick: QuickVerdict) -> None:
        self._schemas = schemas
        self._quick = quick
        self._validators: dict[str, Validator] = {}

    @classmethod
    def load(cls, folder: Path, *, is_quick: bool = True) -> SchemaSet:
        """Return the schemas in the files ``<name>.schema.json`` of `folder`.

        Unless it `is_quick`, what fits is seen by the same validator that explains what does not.

        Raises:
            DocumentError: a file is not strict JSON, its ``$id`` does not have its name, or a ``$ref`` leads nowhere.

        """
        schemas: dict[str, Any] = {}
        as_written: dict[str, Any] = {}
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            name = path.name.removesuffix(_SUFFIX)
            schema = strict_json.parse(
                path.read_bytes(), what=str(path), max_bytes=_MAX_SCHEMA_BYTES, max_depth=_MAX_SCHEMA_DEPTH
            )
            identifier = schema.get("$id") if isinstance(schema, dict) else None
            if identifier != URN_PREFIX + name:
                raise DocumentError(f"the $id of this schema must be {URN_PREFIX}{name}", where=str(path))
            as_written[identifier] = schema
            schemas[name] = prepared(schema, identifier)
        loaded = cls(schemas, QuickVerdict(as_written if is_quick else {}))
        for reference in sorted(references_in(list(schemas.values()))):
            loaded.resolve(reference)
        return loaded

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the schemas, sorted."""
        return tuple(sorted(self._schemas))

    def check(self, document: ParsedDocument, schema_name: str) -> Iterator[Finding]:
        """Yield findings in reading order; see `check_against_schema`."""
        root = self._schemas.get(schema_name)
        if root is None:
            raise DocumentError(f"no schema is called {schema_name!r}", hint=f"there are {', '.join(self.names)}")
        if not document.readable or self._quick.accepts(URN_PREFIX + schema_name, document.value):
            return
        found = (
            finding
            for error in self._validator(schema_name).iter_errors(document.value)
            for finding in explain(Problem(error, document, root, self.resolve))
        )
        yield from in_reading_order(islice(found, MAX_FINDINGS))

    def resolve(self, reference: str) -> Any:
        """Return the schema that an absolute reference names: a whole one, or one in it by a path of plain names.

        Raises:
            DocumentError: there is none.

        """
        identifier, _, path = reference.partition("#")
        found = self._schemas.get(identifier.removeprefix(URN_PREFIX)) if identifier.startswith(URN_PREFIX) else None
        anchor, *names = path.split("/")
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        if anchor or found is None:
            raise DocumentError(f"no schema is called {reference}", why="a $ref leads nowhere")
        return found

    @cached_property
    def _registry(self) -> Registry[Any]:
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012

        resources = ((URN_PREFIX + name, DRAFT202012.create_resource(schema)) for name, schema in self._schemas.items())
        return Registry().with_resources(resources)

    def _validator(self, name: str) -> Validator:
        """Return what explains itself; most documents are fine, and nobody asks."""
        if name not in self._validators:
            self._validators[name] = validator_class()(
                self._schemas[name], registry=self._registry, format_checker=format_checker()
            )
        return self._validators[name]
