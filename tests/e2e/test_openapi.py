"""What a publication wrote is what the OpenAPI document beside it says: every key, and the body of each document."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from openapi_paths import fitting, patterns
from pluginry.encoding import strict_json
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.model.headers import headers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.marketplace_on_disk import Workspace


def named(schema: Any) -> Iterator[str]:
    """Yield the names of the schemas, of which one must fit."""
    for one in schema.get("anyOf", [schema]):
        yield re.fullmatch(r"schemas/([a-z-]+)\.schema\.json", one["$ref"])[1]  # type: ignore[index]  # or it fails


def fits(body: bytes, key: str, schema: Any) -> bool:
    value = strict_json.parse(body, what=key, max_bytes=len(body))
    document = ParsedDocument(file=key, value=value)
    return any(not list(check_against_schema(document, name)) for name in named(schema))


def test_every_published_key_is_described_and_every_document_fits_its_schema(published: Workspace) -> None:
    document = json.loads((published.dist / "v1" / "openapi.json").read_text("utf-8"))
    known = patterns(document, published.dist / "v1" / "schemas")
    seen: set[str] = set()
    for file in sorted((published.dist / "v1").rglob("*")):
        key = file.relative_to(published.dist).as_posix()
        if not file.is_file() or "/." in key:
            continue
        paths = fitting(known, key)
        assert len(paths) == 1, key
        seen.add(paths[0])
        answer = document["paths"][paths[0]]["get"]["responses"]["200"]
        assert answer["x-cache-control"] == headers_of(key)["Cache-Control"]
        (content,) = answer["content"].values()
        if "schema" in content:
            assert fits(file.read_bytes(), key, content["schema"]), key
        for line in file.read_bytes().splitlines() if "x-lines" in content else ():
            assert fits(line, key, content["x-lines"]), key
    assert {"/v1/index.json", "/v1/plugins/{namespace}/{name}.json", "/v1/t/{start}/{sha256}.json"} <= seen
    others = {
        path for file in published.dist.rglob("*") for path in fitting(known, str(file.relative_to(published.dist)))
    }
    assert {path for path in known if not path.startswith("/v1/")} <= others
