"""Whether a document fits its schema, said many times faster, where jsonschema-rs is installed (extra ``fast``).

In: schemas as they are written, and plain values. Out: True for a value that certainly fits. Anything else (it does not
fit, it cannot be said, the program is not there) is False, and the validator that explains itself (schema.py) decides.
So findings never come from here, and a test holds both to the same verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pluginry.encoding.schema_dialect import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Accepts(Protocol):
    def is_valid(self, instance: Any) -> bool: ...


class QuickVerdict:
    """Says yes for the schemas in `schemas`, by identifier; each is compiled when it is first needed."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._compiled: dict[str, _Accepts | None] = {}

    def accepts(self, identifier: str, value: Any) -> bool:
        """Return whether `value` certainly fits the schema `identifier`."""
        if identifier not in self._compiled:
            self._compiled[identifier] = self._compile(identifier)
        validator = self._compiled[identifier]
        if validator is None:
            return False
        try:
            return validator.is_valid(value)
        except (ValueError, TypeError, OverflowError):  # what it cannot take: half a character, too deep, too large
            return False

    def _compile(self, identifier: str) -> _Accepts | None:
        if identifier not in self._schemas:
            return None
        try:
            import jsonschema_rs
        except ImportError:
            return None
        registry = jsonschema_rs.Registry([*self._schemas.items()], draft=jsonschema_rs.Draft202012)
        return jsonschema_rs.Draft202012Validator(
            self._schemas[identifier], formats={**FORMATS}, validate_formats=True, registry=registry
        )
