"""The contract, published: every JSON Schema, and an OpenAPI description of all that programs find in a marketplace.

In: the shipped schemas, `RESOURCES`, and what the marketplace is called. Out: `v1/schemas/` and `v1/openapi.json`. A
published schema refers to others by their file names, so that any tool finds them beside it; the ids that programs of
ours know are URNs, and stay in the shipped files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pluginry.encoding import canonical_json
from pluginry.encoding.data_folder import data_folder
from pluginry.encoding.schema import URN_PREFIX
from pluginry.model import layout
from pluginry.model.headers import cache_of
from pluginry.model.published import json_page, media_type_of
from pluginry.publisher.pages.badges import KINDS
from pluginry.publisher.resources import RESOURCES, Readers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.published import PublishedObject
    from pluginry.publisher.resources import Resource

SUFFIX = ".schema.json"
_URN = re.compile(rf'"{re.escape(URN_PREFIX)}([a-z-]+)(#[^"]*)?"')
_PARAMETER = re.compile(r"\{([a-z0-9]+)\}")
_TWO_DIGITS = {"type": "string", "pattern": "^[0-9a-f]{2}$"}
_PARAMETERS = {
    "namespace": ("Whose plugin it is: the part of its id before the slash.", "common#/$defs/name"),
    "name": ("The part of the plugin's id after the slash.", "common#/$defs/name"),
    "version": ("A version of the plugin.", "common#/$defs/version"),
    "sha256": ("The digest that names the object.", "common#/$defs/sha256"),
    "advisory": ("The id of an advisory.", "advisory#/properties/id"),
    "tag": ("A tag of plugins.", "common#/$defs/tag"),
    "start": ("The first two digits of sha256.", _TWO_DIGITS),
    "package": (
        "Name and version of the plugin, and the platform unless the package is for any: demo-1.0.0-linux-x86_64.",
        {"type": "string", "pattern": "^[a-z0-9-]+-[0-9][a-zA-Z0-9._-]*$"},
    ),
    "number": ("Counted from 1.", {"type": "string", "pattern": "^[1-9][0-9]{0,15}$"}),
    "role": ("A role of TUF.", {"type": "string", "pattern": "^[a-z]+$"}),
    "schema": ("The name of a schema.", {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"}),
    "badge": ("What the badge is about.", {"enum": list(KINDS)}),
}


def contract_objects(market: str) -> Iterator[PublishedObject]:
    """Yield the schemas and the OpenAPI document of the marketplace that is called `market`.

    Raises:
        DocumentError: this installation has no schemas.

    """
    for path in sorted(data_folder("schemas").glob(f"*{SUFFIX}")):
        yield json_page(layout.schema_key(path.name), as_published(path.read_text("utf-8")).encode())
    yield json_page(layout.OPENAPI_KEY, canonical_json.encode(openapi(market)))


def as_published(schema: str) -> str:
    """Return the text of a schema with ids and references that are file names in its own folder."""
    return _URN.sub(lambda urn: f'"{urn[1]}{SUFFIX}{urn[2] or ""}"', schema)


def openapi(market: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the marketplace that is called `market`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": market,
            "version": "1",
            "summary": "A marketplace for plugins that is nothing but files.",
            "description": "Every address is a file: GET and HEAD, no query strings, no redirects. Clients "
            "that install start from the trust metadata and check every byte.",
        },
        "servers": [{"url": "..", "description": "Wherever this copy lies"}],
        "tags": [{"name": readers.value} for readers in Readers],
        "paths": {f"/{resource.place}": {"get": _operation(resource)} for resource in RESOURCES},
        "components": {
            "parameters": {name: _parameter(name) for name in _PARAMETERS},
            "headers": {
                "CacheControl": {
                    "description": "How long a copy may be kept.",
                    "schema": {"type": "string"},
                }
            },
            "responses": {"NotThere": {"description": "There is no such object, or not yet: ask again in a minute."}},
        },
    }


def _operation(resource: Resource) -> dict[str, Any]:
    names = dict.fromkeys(_PARAMETER.findall(resource.place))
    content: dict[str, Any] = {}
    if resource.schemas:
        references = [_reference(name) for name in resource.schemas]
        content["schema"] = references[0] if len(references) == 1 else {"anyOf": references}
    if resource.lines:
        content["x-lines"] = _reference(resource.lines)
    answer = {
        "description": resource.says,
        "headers": {"Cache-Control": {"$ref": "#/components/headers/CacheControl"}},
        "content": {media_type_of(resource.place): content},
        "x-cache-control": cache_of(resource.place.replace("{number}.{role}", "1.root")).value,
    }
    return {
        "operationId": resource.name,
        "summary": resource.says,
        "tags": [resource.readers.value],
        "security": [],
        **({"parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names]} if names else {}),
        "responses": {"200": answer, "404": {"$ref": "#/components/responses/NotThere"}},
    }


def _parameter(name: str) -> dict[str, Any]:
    says, schema = _PARAMETERS[name]
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": says,
        "schema": _reference(schema) if isinstance(schema, str) else schema,
    }


def _reference(place: str) -> dict[str, str]:
    """Return a reference to a schema (``index``) or to a part of one (``common#/$defs/name``)."""
    name, sign, part = place.partition("#")
    return {"$ref": f"schemas/{name}{SUFFIX}{sign}{part}"}
