"""Texts against schemas of a line or two, and what is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pluginry.encoding.schema import SchemaSet
from pluginry.encoding.strict_yaml import parse

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.finding import Finding


class Checker:
    """Checks a text against one small schema."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self, schema: Any, text: str) -> list[Finding]:
        document = {"$id": "urn:pluginry:schemas:v1:thing", **schema}
        (self._folder / "thing.schema.json").write_text(json.dumps(document), encoding="utf-8")
        return list(SchemaSet.load(self._folder).check(parse(text.encode(), file="f"), "thing"))

    def one(self, schema: Any, text: str) -> Finding:
        (finding,) = self.all(schema, text)
        return finding

    def rules(self, schema: Any, text: str) -> list[tuple[str, str]]:
        return [(finding.rule, str(finding.where)) for finding in self.all(schema, text)]


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}
