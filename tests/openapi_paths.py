"""What the paths of a published OpenAPI document allow, as expressions that keys can be held against."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def patterns(document: Mapping[str, Any], schemas: Path) -> dict[str, re.Pattern[str]]:
    """Return, for each path of the document, an expression of what its parameters allow."""
    found = {}
    for path in document["paths"]:
        parts = re.split(r"\{([a-z0-9]+)\}", path)
        for place, name in enumerate(parts[1::2]):
            parts[2 * place + 1] = f"(?:{_allowed(document['components']['parameters'][name]['schema'], schemas)})"
        parts[::2] = map(re.escape, parts[::2])
        found[path] = re.compile("".join(parts))
    return found


def fitting(known: Mapping[str, re.Pattern[str]], key: str) -> list[str]:
    """Return the paths that `key` could be meant by."""
    return [path for path, pattern in known.items() if pattern.fullmatch(f"/{key}")]


def _allowed(schema: Any, schemas: Path) -> str:
    if "$ref" in schema:
        file, _, pointer = schema["$ref"].removeprefix("schemas/").partition("#/")
        target = json.loads((schemas / file).read_text("utf-8"))
        for step in pointer.split("/"):
            target = target[step]
        return _allowed(target, schemas)
    return "|".join(schema["enum"]) if "enum" in schema else str(schema["pattern"]).removeprefix("^").removesuffix("$")
