"""The published contract: schemas that any tool can follow, and an OpenAPI document that cannot leave the layout."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource

from openapi_paths import patterns
from pluginry.encoding.schema import schema_folder
from pluginry.model import layout
from pluginry.model.digest import Digest
from pluginry.model.headers import headers_of
from pluginry.model.names import Platform, PluginId
from pluginry.model.versions import Version
from pluginry.publisher.contract import as_published, contract_objects, openapi
from pluginry.publisher.pages import addresses
from pluginry.publisher.resources import RESOURCES

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN, VERSION, DIGEST = PluginId.parse("acme/spam-filter-2"), Version("1.2.0-rc.1"), Digest.of(b"x")
EVERY_KEY = [
    *("v1/metadata/timestamp.json", "v1/metadata/12.root.json", "v1/metadata/3.index.json"),
    *(layout.CATALOGUE_KEY, layout.ADVISORIES_KEY, layout.STATS_KEY, layout.STATUS_KEY, layout.TURN_KEY),
    layout.QUEUE_KEY,
    *(layout.node_key(DIGEST), layout.packed_key(DIGEST), layout.attestation_key(DIGEST), layout.plugin_key(PLUGIN)),
    *(layout.osv_key("PLG-2026-0001"), layout.schema_key("tree-node.schema.json"), layout.OPENAPI_KEY),
    layout.package_key(PLUGIN, VERSION, Platform("any")),
    layout.package_key(PLUGIN, VERSION, Platform("linux-x86_64")),
    layout.delta_key(PLUGIN, VERSION, DIGEST),
    *(
        layout.target_key(path, DIGEST)
        for path in (
            *(layout.INDEX_ROOT_TARGET, layout.INDEX_BUNDLE_TARGET, layout.INDEX_ADVISORIES_TARGET),
            *(layout.POLICY_TARGET, layout.TRUSTED_ROOT_TARGET, layout.REVOCATIONS_TARGET, layout.revocations_part(7)),
        )
    ),
    *(addresses.badge(PLUGIN, "version"), addresses.embedded_card(PLUGIN), addresses.RELEASES_FEED),
    *(addresses.plugin_feed(PLUGIN), addresses.publisher_feed(PLUGIN.namespace), addresses.tag_feed("dns")),
]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder ``v1`` with the contract in it."""
    folder = tmp_path_factory.mktemp("contract")
    (folder / "v1" / "schemas").mkdir(parents=True)
    for item in contract_objects("Example <Plugins>"):
        assert isinstance(item.body, bytes)
        (folder / item.key).write_bytes(item.body)
    return folder / "v1"


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_it_is_an_openapi_document_and_every_schema_it_names_is_there(published: Path) -> None:
    document = read(published / "openapi.json")
    validate(document, base_uri=(published / "openapi.json").as_uri())
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] == "Example <Plugins>"
    named = set(re.findall(r'"\$ref":"(schemas/[^"#]+)', (published / "openapi.json").read_text("utf-8")))
    assert len(named) > 15
    assert all((published / file).is_file() for file in named)


@pytest.mark.parametrize("key", EVERY_KEY)
def test_every_key_that_the_layout_makes_is_described_once(published: Path, key: str) -> None:
    document = read(published / "openapi.json")
    fitting = [
        path for path, pattern in patterns(document, published / "schemas").items() if pattern.fullmatch(f"/{key}")
    ]
    assert len(fitting) == 1
    answer = document["paths"][fitting[0]]["get"]["responses"]["200"]
    said = headers_of(key)
    assert list(answer["content"]) == [said["Content-Type"]]
    assert answer["x-cache-control"] == said["Cache-Control"]


def test_each_resource_has_a_name_of_its_own_and_a_sentence() -> None:
    assert len({resource.name for resource in RESOURCES}) == len({resource.place for resource in RESOURCES})
    for resource in RESOURCES:
        assert resource.says.endswith("."), resource.name
        assert "some-" not in resource.place


def test_a_published_schema_refers_to_its_neighbours_by_file_name(published: Path) -> None:
    for path in sorted((published / "schemas").iterdir()):
        schema = read(path)
        assert schema["$id"] == path.name
        assert "urn:pluginry" not in path.read_text("utf-8")
        for reference in re.findall(r'"\$ref": "([^"]+)"', path.read_text("utf-8")):
            file = reference.partition("#")[0]
            assert not file or (path.parent / file).is_file(), (path.name, reference)


def test_published_schemas_are_the_shipped_ones_but_for_the_names(published: Path) -> None:
    shipped = {path.name: path for path in schema_folder().iterdir()}
    assert {path.name for path in (published / "schemas").iterdir()} == shipped.keys()
    for name, path in shipped.items():
        back = re.sub(
            r'"([a-z-]+)\.schema\.json(#[^"]*)?"', r'"urn:pluginry:schemas:v1:\1\2"', as_published(path.read_text())
        )
        assert json.loads(back) == read(path), name


def test_a_validator_that_knows_nothing_of_ours_follows_the_references(published: Path) -> None:
    def retrieve(address: str) -> Resource[Any]:
        return Resource.from_contents(read(published / "schemas" / address.rpartition("/")[2]))

    schema = {**read(published / "schemas" / "manifest.schema.json")}
    schema["$id"] = "https://plugins.example/v1/schemas/manifest.schema.json"
    validator = Draft202012Validator(schema, registry=Registry(retrieve=retrieve))  # type: ignore[call-arg]  # attrs
    manifest = {
        "schema": 1,
        "id": "acme/demo",
        "version": "1.0.0",
        "hosts": {"mail": "*"},
        "runtime": {"kind": "files"},
    }
    assert [error.message for error in validator.iter_errors(manifest)] == []
    assert [list(error.path) for error in validator.iter_errors(manifest | {"version": "v1"})] == [["version"]]


def test_equal_marketplaces_have_equal_documents() -> None:
    assert openapi("A") == openapi("A")
