"""Where our schemas and jsonschema would disagree about what a keyword means, the schemas' meaning.

In: schemas as they are written. Out: schemas, a validator and a format checker that Python reads as the standard does.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema import FormatChecker, ValidationError
    from jsonschema.protocols import Validator

_SCHEMAS_BY_NAME = frozenset({"$defs", "properties", "dependentSchemas"})
_SCHEMAS_IN_ORDER = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_FALSE_IS_EXPLAINED = frozenset({"items", "additionalProperties", "unevaluatedItems", "unevaluatedProperties"})
_SCHEMA = _FALSE_IS_EXPLAINED | {"not", "if", "then", "else", "contains", "propertyNames"}
_UNESCAPED_DOLLAR = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


def prepared(schema: Any, identifier: str) -> Any:
    r"""Return a schema whose references are absolute and whose patterns mean in Python what they mean in JSON Schema.

    There ``$`` does not match before a final line feed, and ``\d`` and ``\w`` know ASCII only. A schema that is
    just ``false`` is written as ``{"not": {}}``, because jsonschema does not tell where that one was violated.
    """
    if schema is False:
        return {"not": {}}
    if not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "$ref":
            result[key] = identifier + value if value.startswith("#") else value
        elif key == "pattern":
            result[key] = _python_pattern(value)
            result.setdefault("x-pattern-says", f"of the form {value}")
        elif key == "patternProperties":
            result[key] = {_python_pattern(pattern): prepared(part, identifier) for pattern, part in value.items()}
        elif key in _SCHEMAS_BY_NAME:
            result[key] = {name: prepared(part, identifier) for name, part in value.items()}
        elif key in _SCHEMAS_IN_ORDER:
            result[key] = [prepared(part, identifier) for part in value]
        elif key in _SCHEMA and not (key in _FALSE_IS_EXPLAINED and value is False):
            result[key] = prepared(value, identifier)
        else:
            result[key] = value
    return result


def _python_pattern(pattern: str) -> str:
    return "(?a)" + _UNESCAPED_DOLLAR.sub(lambda part: r"\Z" if part[0] == "$" else part[0], pattern)


def references_in(node: Any) -> set[str]:
    """Return every ``$ref`` below `node`."""
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references_in(value) for value in node.values()))
    return set().union(*(references_in(item) for item in node)) if isinstance(node, list) else set()


@cache
def validator_class() -> type[Validator]:
    """Return jsonschema's validator for 2020-12 with our own `uniqueItems`."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    kind: type[Validator] = extend(  # type: ignore[no-untyped-call]  # the stubs say nothing about it
        Draft202012Validator, {"uniqueItems": _unique_items}
    )
    return kind


def _unique_items(validator: Validator, wanted: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Yield every repeated item at its own place; unlike jsonschema's own check, in linear time for any mixture."""
    from jsonschema import ValidationError

    if not wanted or not validator.is_type(instance, "array"):
        return
    seen: set[str] = set()
    for index, item in enumerate(instance):
        written = json.dumps(item, sort_keys=True)
        if written in seen:
            yield ValidationError("", instance=item, path=[index])
        seen.add(written)


def is_date_time(value: object) -> bool:
    """Return whether `value` is no text, or a moment as our schemas mean it."""
    if not isinstance(value, str):
        return True
    try:
        return bool(_DATE_TIME.fullmatch(value) and datetime.fromisoformat(value))
    except ValueError:
        return False


def is_uri(value: object) -> bool:
    """Return whether `value` is no text, or an address with a host."""
    if not isinstance(value, str):
        return True
    try:
        return bool(_URI.fullmatch(value) and urlsplit(value).netloc)
    except ValueError:
        return False


FORMATS: Mapping[str, Callable[[object], bool]] = MappingProxyType({"date-time": is_date_time, "uri": is_uri})
"""The two formats that our schemas use; what a URL may be is said by their patterns."""


@cache
def format_checker() -> FormatChecker:
    """Return jsonschema's checker of `FORMATS`."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    for name, conforms in FORMATS.items():
        checker.checks(name)(conforms)
    return checker
