"""Everything in the registry is valid, complete and finished."""

from __future__ import annotations

import ast
import inspect
import json
import re
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from pluginry.encoding.schema import check_against_schema
from pluginry.encoding.strict_yaml import parse
from pluginry.model.finding import Severity
from pluginry.publisher.load import load_registry
from pluginry.publisher.pack import packed_digest
from pluginry.publisher.validate import validate
from plugins.plugin_sources import (
    REGISTRY,
    entry_of,
    is_deprecated,
    load,
    load_file,
    manifest_of,
    newest_of,
    plugin_ids,
    read_yaml,
    registry,
    releases_of,
    settings_of,
    tree_of,
    versions_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

RELEASES = [(plugin, str(version)) for plugin in plugin_ids() for version in versions_of(plugin)]
KINDS = {
    "registry.yaml": "registry",
    "reserved.yaml": "reserved",
    "hosts/*.yaml": "host",
    "namespaces/*.yaml": "namespace",
    "advisories/*.yaml": "advisory",
    "plugins/*/*/listing.yaml": "listing",
    "plugins/*/*/releases/*.yaml": "release",
    "plugins/*/*/source/*/plugin.yaml": "manifest",
}


@pytest.mark.parametrize("pattern", KINDS)
def test_every_document_satisfies_its_schema(pattern: str) -> None:
    files = sorted(REGISTRY.glob(pattern))
    assert files
    for file in files:
        document = parse(file.read_bytes(), file=file.relative_to(REGISTRY).as_posix())
        assert document.findings == ()
        assert list(check_against_schema(document, KINDS[pattern])) == []


def test_the_registry_passes_its_own_checks() -> None:
    loaded = load_registry(REGISTRY)
    found = [*loaded.findings, *validate(loaded)]
    assert [finding for finding in found if finding.severity is Severity.BLOCKS] == []


def test_names_that_are_reserved_are_nobodys() -> None:
    reserved = {str(name.name) for name in registry().reserved.namespaces}
    assert reserved.isdisjoint(map(str, registry().namespaces))
    tombstones = {tombstone.id for tombstone in registry().reserved.tombstones}
    assert tombstones
    assert tombstones.isdisjoint(registry().plugins)


@pytest.mark.parametrize(("plugin", "version"), RELEASES)
def test_every_release_names_the_digest_of_its_package(plugin: str, version: str) -> None:
    for artifact in releases_of(plugin)[version].artifacts:
        assert artifact.source.path == f"source/{version}"
        assert artifact.sha256 == packed_digest(tree_of(plugin, version), platform=artifact.platform).sha256


@pytest.mark.parametrize(("plugin", "version"), RELEASES)
def test_every_target_of_an_entry_point_is_there(plugin: str, version: str) -> None:
    manifest = manifest_of(plugin, version)
    points = [point for group in manifest.entry_points.values() for point in group]
    assert points
    for point in points:
        if ":" not in point.target:
            in_package = (tree_of(plugin, version) / point.target).is_file()
            assert in_package or manifest.runtime.kind == "process", point.target
            continue
        module, _, attributes = point.target.partition(":")
        assert f"{module}:{attributes.partition('.')[0]}" == manifest.runtime.entry_point
        method = getattr(load(plugin, version).Plugin, attributes.partition(".")[2])
        assert inspect.getdoc(method), f"{point.target} says nothing"


@pytest.mark.parametrize(("plugin", "version"), RELEASES)
def test_every_module_has_a_name_of_its_own_and_says_what_it_is_for(plugin: str, version: str) -> None:
    for file in tree_of(plugin, version).rglob("*.py"):
        is_program = manifest_of(plugin, version).runtime.kind == "process"
        assert is_program or file.stem.startswith(plugin.partition("/")[0].partition("-")[0] + "_")
        said = ast.get_docstring(ast.parse(file.read_bytes()))
        assert said, file
        assert {"In:", "Out:"} & set(said.split()), file


def test_no_two_plugins_have_a_module_of_the_same_name() -> None:
    taken: dict[str, str] = {}
    for plugin in plugin_ids():
        names = {file.stem for version in versions_of(plugin) for file in tree_of(plugin, version).rglob("*.py")}
        for name in names:
            assert taken.setdefault(name, plugin) == plugin, name


@pytest.mark.parametrize(("plugin", "version"), RELEASES)
def test_settings_are_a_schema_that_no_settings_at_all_satisfy(plugin: str, version: str) -> None:
    if not manifest_of(plugin, version).config_schema:
        return
    schema = settings_of(plugin, version)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors({})) == []
    defaults = {key: value["default"] for key, value in schema["properties"].items() if "default" in value}
    assert list(validator.iter_errors(defaults)) == []
    assert all(value.get("title") for value in schema["properties"].values())


@pytest.mark.parametrize("plugin", plugin_ids())
def test_the_readme_names_every_setting_and_speaks_of_permissions(plugin: str) -> None:
    readme = (REGISTRY / "plugins" / plugin / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# {entry_of(plugin).listing.name}\n")
    assert "permission" in readme.lower()
    if manifest_of(plugin, newest_of(plugin)).config_schema and not is_deprecated(plugin):
        missing = [key for key in settings_of(plugin, newest_of(plugin))["properties"] if key not in readme]
        assert missing == []


def test_sources_are_clean() -> None:
    leftovers = [
        path for path in REGISTRY.rglob("*") if path.name in ("__pycache__", ".DS_Store") or path.suffix == ".pyc"
    ]
    assert leftovers == []


def test_no_file_of_ours_speaks_of_what_is_not_finished() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|lorem ipsum)\b", re.IGNORECASE)
    ours = (file for plugin in plugin_ids() for file in (REGISTRY / "plugins" / plugin).rglob("*"))
    for file in ours:
        if file.is_file() and file.suffix in (".py", ".yaml", ".md", ".json"):
            assert not unfinished.search(file.read_text(encoding="utf-8")), file


def test_loading_leaves_no_trace() -> None:
    first, second = load("mairust/dns-cache", "1.0.0"), load("mairust/dns-cache", "1.1.0")
    assert first.__file__ != second.__file__
    assert load_file(tree_of("mlebotics/webhook-step", "1.0.0") / "webhook_step.py").main([]) == 2


def test_the_themes_and_locales_are_json() -> None:
    files = list(REGISTRY.glob("plugins/*/*/source/*/*/*.json"))
    assert len(files) >= 7
    for file in files:
        assert isinstance(json.loads(file.read_bytes()), dict)


def test_pages_of_the_dashboard_are_described_in_its_own_file() -> None:
    assert list(pages())
    for actions, capabilities in pages():
        assert actions <= capabilities


def pages() -> Iterator[tuple[set[str], set[str]]]:
    for file in REGISTRY.glob("plugins/oko/*/source/*/ui.yaml"):
        manifest = manifest_of(f"oko/{file.parents[2].name}", file.parent.name)
        actions = {section["action"] for section in read_yaml(file)["sections"]}
        yield actions, {point.name for point in manifest.entry_points["capabilities"]}
