"""Schema and dataclass say the same in both directions: every key a field, every field a key, at every depth."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pluginry.encoding import strict_json
from pluginry.encoding.schema import URN_PREFIX, schema_folder
from pluginry.model.advisory import Advisory, AdvisoryList
from pluginry.model.catalogue_log import CatalogueLog
from pluginry.model.decision import Decision
from pluginry.model.digest import Digest
from pluginry.model.facts import Facts
from pluginry.model.host import HostProfile
from pluginry.model.index import Catalogue, PluginRecord, TreeNode, TreeRoot, TreeShard, TrustPolicy
from pluginry.model.intent import Lock
from pluginry.model.ledger import Event
from pluginry.model.listing import Listing, Namespace, Review
from pluginry.model.manifest import FileList, Manifest
from pluginry.model.names import PluginId
from pluginry.model.quarantine import PublicationStatus
from pluginry.model.queue import Queue
from pluginry.model.receipt import ClientPolicy, Generation, Receipt, Sources, SourceState
from pluginry.model.registry import RegistryConfig, Reserved
from pluginry.model.release import Release
from pluginry.model.revocation import Revocation
from pluginry.model.turn import Turn
from pluginry.model.versions import Version, VersionRange

MODELS: Mapping[str, Any] = {
    "advisories": AdvisoryList,
    "advisory": Advisory,
    "catalogue-log": CatalogueLog,
    "decision": Decision,
    "facts": Facts,
    "files": FileList,
    "generation": Generation,
    "host": HostProfile,
    "index": Catalogue,
    "ledger-line": Event,
    "listing": Listing,
    "manifest": Manifest,
    "namespace": Namespace,
    "plugin-record": PluginRecord,
    "plugins-lock": Lock,
    "policy-toml": ClientPolicy,
    "queue": Queue,
    "receipt": Receipt,
    "registry": RegistryConfig,
    "release": Release,
    "reserved": Reserved,
    "review": Review,
    "revocation-line": Revocation,
    "source-state": SourceState,
    "sources-toml": Sources,
    "status": PublicationStatus,
    "tree-node": TreeNode,
    "tree-root": TreeRoot,
    "tree-shard": TreeShard,
    "trust-policy": TrustPolicy,
    "turn": Turn,
}
WITHOUT_MODEL = {
    "backfill-predicate": "part of an in-toto statement, built and compared as it stands",
    "command-event": "written line by line by cli/console.py, whose own tests hold it to the schema",
    "common": "definitions only",
    "index-predicate": "part of an in-toto statement, built and compared as it stands",
    "plugin": "written for simple clients from several models, and read by none of ours",
    "plugins-toml": "a wish is a range or a table: client/intent_files.py reads it key by key",
    "publish-plan": "printed by `pluginry publish --plan`, whose own tests hold it to the schema",
    "publish-predicate": "part of an in-toto statement, built and compared as it stands",
    "report": "written by `pluginry check`, whose own tests hold it to the schema",
    "stats": "written for people and simple clients only",
}
# Keys without a field: they are for editors, and mean nothing to programs.
FOR_EDITORS = {"$schema"}
VALUES = (PluginId, Version, VersionRange, Digest)
SCHEMAS: Mapping[str, Any] = {
    path.name.removesuffix(".schema.json"): strict_json.parse(
        path.read_bytes(), what=path.name, max_bytes=1 << 20, max_depth=64
    )
    for path in sorted(schema_folder().glob("*.schema.json"))
}


def test_every_schema_has_a_model_or_a_reason_to_have_none() -> None:
    assert set(SCHEMAS) == set(MODELS) | set(WITHOUT_MODEL)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_schema_and_model_say_the_same(name: str) -> None:
    assert list(differences(SCHEMAS[name], MODELS[name], name)) == []


def test_a_difference_is_found_at_any_depth() -> None:
    schema = {
        "properties": {"name": {}, "extra": {}, "owners": {"items": {"properties": {"login": {}}}}},
        "required": ["name"],
    }
    found = "\n".join(differences(schema, Namespace, "x"))
    assert "x: key without a field: extra" in found
    assert "x: field without a key: namespace" in found
    assert "x.owners: field without a key: id" in found
    assert "x: needed by the model only: owners" in found


def differences(schema: Any, kind: Any, where: str) -> Iterator[str]:
    """Yield where `schema` and the annotation `kind` differ."""
    forms = list(forms_of(schema))
    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        yield from union_differences(forms, [option for option in arguments if option is not types.NoneType], where)
    elif origin is tuple and arguments[-1] is Ellipsis:
        items = [form["items"] for form in forms if "items" in form]
        if dataclasses.is_dataclass(arguments[0]) and not items:
            yield f"{where}: a list without a schema of its items"
        for item in items:
            yield from differences(item, arguments[0], where)
    elif origin is Mapping:
        for form in forms:
            if isinstance(form.get("additionalProperties"), dict):
                yield from differences(form["additionalProperties"], arguments[1], where)
    elif dataclasses.is_dataclass(kind) and kind not in VALUES:
        yield from object_differences(forms, kind, where)


def union_differences(forms: list[Any], options: list[Any], where: str) -> Iterator[str]:
    if len(options) == 1:
        for form in forms:
            yield from differences(form, options[0], where)
        return
    by_event = {form["properties"]["event"]["const"]: form for form in forms}
    kinds = {next(f.default for f in dataclasses.fields(option) if f.name == "event"): option for option in options}
    yield from (f"{where}: event without a model: {name}" for name in sorted(set(by_event) - set(kinds)))
    yield from (f"{where}: model without an event: {name}" for name in sorted(set(kinds) - set(by_event)))
    for name in sorted(set(kinds) & set(by_event)):
        yield from differences(by_event[name], kinds[name], f"{where}[{name}]")


def object_differences(forms: list[Any], kind: type, where: str) -> Iterator[str]:
    properties = {key: schema for form in forms for key, schema in form.get("properties", {}).items()}
    fields = {str(f.metadata.get("key", f.name)): f for f in dataclasses.fields(kind)}
    yield from (f"{where}: key without a field: {key}" for key in sorted(set(properties) - set(fields) - FOR_EDITORS))
    yield from (f"{where}: field without a key: {key}" for key in sorted(set(fields) - set(properties)))
    always = [set(form.get("required", ())) for form in forms]
    required = set.intersection(*always) if always else set()
    needed = {key for key, f in fields.items() if not has_default(f)}
    yield from (f"{where}: needed by the model only: {key}" for key in sorted(needed - required))
    hints = typing.get_type_hints(kind)
    for key in sorted(set(fields) & set(properties)):
        yield from differences(properties[key], hints[fields[key].name], f"{where}.{key}")


def has_default(f: dataclasses.Field[Any]) -> bool:
    return f.default is not dataclasses.MISSING or f.default_factory is not dataclasses.MISSING


def forms_of(schema: Any) -> Iterator[Any]:
    """Yield the mappings that `schema` may be, through references and choices."""
    if "$ref" in schema:
        name, _, pointer = schema["$ref"].removeprefix(URN_PREFIX).partition("#/")
        target = SCHEMAS[name]
        for step in pointer.split("/") if pointer else ():
            target = target[step]
        yield from forms_of(target)
        return
    choices = [choice for keyword in ("oneOf", "anyOf") for choice in schema.get(keyword, ())]
    if not choices:
        yield schema
    for choice in choices:
        yield from forms_of(choice)
