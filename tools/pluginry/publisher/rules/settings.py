"""Settings of plugins: the schema that a manifest names can be read as one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pluginry.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.model.registry import Registry, SourceTree
    from pluginry.publisher.loaded_registry import Locate

NOT_A_SCHEMA = Rule(
    id="settings.not-a-schema",
    title="The schema of the settings is not a JSON Schema",
    why="Hosts draw the plugin's settings page from it, and check what users enter.",
    fix="write a JSON Schema (2020-12) with type: object",
)
RULES = (NOT_A_SCHEMA,)

_SHOWN_CHARACTERS = 200


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about the settings of plugins whose sources are in the registry."""
    for entry in registry.plugins.values():
        for tree in entry.sources.values():
            yield from check_tree(tree, locate)


def check_tree(tree: SourceTree, locate: Locate) -> Iterator[Finding]:
    """Yield findings about the settings in one source tree."""
    if tree.config_schema is None:
        return
    problem = _problem_of(tree.config_schema)
    if problem:
        file = tree.manifest.config_schema
        where = locate(f"{tree.folder}/{file}" if tree.folder else file)
        yield NOT_A_SCHEMA.finding(where, f"this is not a schema of settings: {problem[:_SHOWN_CHARACTERS]}")


def _problem_of(data: bytes) -> str:
    """Return what keeps `data` from being a JSON Schema of a mapping, or empty text."""
    from jsonschema import Draft202012Validator, SchemaError

    try:
        schema: Any = json.loads(data)  # not strict_json: limits of settings may be fractions
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return str(error.message)
    except (ValueError, RecursionError) as error:
        return f"it is not JSON: {error}"
    return "" if isinstance(schema, dict) and schema.get("type") == "object" else "its type is not object"
