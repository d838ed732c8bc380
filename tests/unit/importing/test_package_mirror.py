from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from foreign_archives import a_wheel, an_npm_package
from pluginry.errors import DocumentError, NotFoundError, TransportError
from pluginry.importing.npm import NpmPackages
from pluginry.importing.package_kind import Wanted
from pluginry.importing.package_mirror import mirror_package
from pluginry.importing.pypi import PypiPackages
from pluginry.importing.target import Target, read_target
from pluginry.model.digest import Digest
from pluginry.model.finding import Severity
from pluginry.model.names import Name
from pluginry.publisher.load import load_registry
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.importing.report import Outcome
    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

CONFIG = """
schema: 1
name: Example
default_channel: stable
categories: [{id: testing, title: Testing}, {id: linting, title: Linting}]
"""
NAMESPACE = """
schema: 1
namespace: NAME
title: Mirror
owners: [{login: keeper, id: 7}]
proof: {kind: registry, value: there}
status: mirror
"""
HOST = """
schema: 1
id: NAME
title: Host
summary: A host
versions: [8.0.0]
runtimes: [{kind: KIND, summary: Modules}]
permissions: []
id_mapping: {pattern: "[@A-Za-z0-9/._-]+", example: a, template: "{name}"}
upstream: UPSTREAM
"""
PYTEST = '{pypi: {requires: [pytest], entry_point_groups: [pytest11]}, npm: {requires: ["never"]}}'
ESLINT = "{npm: {requires: [eslint, eslint-plugin]}}"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    folder = tmp_path / "registry"
    files = {
        "registry.yaml": CONFIG,
        "namespaces/pypi.yaml": NAMESPACE.replace("NAME", "pypi"),
        "namespaces/npm.yaml": NAMESPACE.replace("NAME", "npm"),
        "hosts/pytest.yaml": HOST.replace("NAME", "pytest").replace("KIND", "python").replace("UPSTREAM", PYTEST),
        "hosts/eslint.yaml": HOST.replace("NAME", "eslint").replace("KIND", "node").replace("UPSTREAM", ESLINT),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.strip() + "\n")
    return folder


@dataclass
class FakeRegistry:
    """Another registry: archives are made when they are asked for; None stands for one without a file."""

    releases: dict[str, Callable[[Path], Path] | None]
    asked: list[str] = field(default_factory=list)

    def versions(self, name: str) -> tuple[str, ...]:
        if name == "missing":
            raise NotFoundError("there is no such package")
        return tuple(self.releases)

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        assert expected is None
        assert max_bytes > 0
        self.asked.append(source.version)
        make = self.releases[source.version]
        if make is None:
            raise NotFoundError("there is no such wheel")
        return make(into)


def _wheels(*versions: str, **changes: Any) -> FakeRegistry:
    # mypy does not infer a lambda with a default.
    return FakeRegistry({v: lambda folder, v=v: a_wheel(folder, version=v, **changes) for v in versions})  # type: ignore[misc]


def _tarballs(*versions: str, **fields: Any) -> FakeRegistry:
    # As above.
    return FakeRegistry({v: lambda folder, v=v: an_npm_package(folder, version=v, **fields) for v in versions})  # type: ignore[misc]


def _target(registry: Path, namespace: str) -> Target:
    return read_target(registry, Name(namespace))


def _pypi(registry: Path, source: FakeRegistry, name: str = "demo-plugin", **wanted: Any) -> Outcome:
    target = _target(registry, "pypi")
    return mirror_package(name, kind=PypiPackages(), registry=source, target=target, wanted=Wanted(**wanted))


def _npm(registry: Path, source: FakeRegistry, name: str = "eslint-plugin-demo", **wanted: Any) -> Outcome:
    target = _target(registry, "npm")
    return mirror_package(name, kind=NpmPackages(), registry=source, target=target, wanted=Wanted(**wanted))


def _rules(outcome: Outcome) -> list[str]:
    return [finding.rule for finding in outcome.findings]


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts of everything


def test_wheels_become_a_plugin_without_findings(registry: Path) -> None:
    outcome = _pypi(registry, _wheels("1.10", "1.9", "1.8.1"), name="Demo.Plugin_x")

    assert [str(version) for version in outcome.added] == ["1.10.0", "1.9.0", "1.8.1"]
    assert outcome.findings == ()
    loaded = load_registry(registry)
    assert loaded.findings == ()
    assert [str(plugin) for plugin in loaded.registry.plugins] == ["pypi/demo-plugin-x"]
    blocks = [finding for finding in validate(loaded) if finding.severity is Severity.BLOCKS]
    assert blocks == []


def test_a_release_names_the_wheel_and_the_hosts_it_wants(registry: Path, tmp_path: Path) -> None:
    _pypi(registry, _wheels("1.2"))

    release = _yaml(registry / "plugins/pypi/demo-plugin/releases/1.2.0.yaml")
    wheel = a_wheel(tmp_path, version="1.2")
    assert release == {
        "schema": "1",
        "version": "1.2.0",
        "channel": "stable",
        "artifacts": [
            {
                "platform": "any",
                "source": {"pypi": "demo-plugin", "version": "1.2", "file": wheel.name},
                "sha256": Digest.of(wheel.read_bytes()).hex,
                "size": str(wheel.stat().st_size),
                "wrap": {
                    "format": "wheel",
                    "hosts": {"pytest": ">=7,<9"},
                    "origin": {"kind": "pypi", "name": "demo-plugin", "version": "1.2"},
                },
            }
        ],
    }


def test_the_newest_wheel_makes_the_listing(registry: Path) -> None:
    headers = [
        "Summary: Shows demos",
        "Keywords: Demo Things,testing",
        "Project-URL: Source, http://github.com/acme/demo",
        "Project-URL: Bug Tracker, https://example.com/bugs",
        "Project-URL: Documentation, http://example.com/docs",
        "Classifier: License :: OSI Approved :: MIT License",
        "Description-Content-Type: text/markdown; charset=UTF-8",
    ]
    _pypi(registry, _wheels("1.0", "2.0", headers=headers, description="# Demo\n\n![badge](https://x.example)\nText\n"))

    folder = registry / "plugins/pypi/demo-plugin"
    assert _yaml(folder / "listing.yaml") == {
        "schema": "1",
        "name": "demo-plugin",
        "summary": "Shows demos",
        "hosts": ["pytest"],
        "categories": ["testing"],
        "license": "MIT",
        "owners": [{"login": "keeper", "id": "7"}],
        "sources": ["pypi:demo-plugin"],
        "status": "active",
        "tags": ["demo-things", "testing"],
        "source": "https://github.com/acme/demo",
        "issues": "https://example.com/bugs",
        "origin": {"kind": "pypi", "name": "demo-plugin"},
    }
    assert (folder / "README.md").read_text() == "# Demo\n\nText\n"


def test_versions_without_a_portable_form_are_listed(registry: Path) -> None:
    outcome = _pypi(registry, _wheels("1.2.post1", "1.2", "1.2.3.4", "2.0.dev1"), count=5)

    assert [str(version) for version in outcome.added] == ["1.2.0"]
    assert outcome.left_out == ("1.2.post1", "1.2.3.4", "2.0.dev1")
    assert _rules(outcome) == ["import.version-form"]


def test_pre_releases_come_only_when_asked_for(registry: Path) -> None:
    source = _wheels("2.0rc1", "2.0a1", "1.9")

    assert [str(version) for version in _pypi(registry, source).added] == ["1.9.0"]
    assert [str(version) for version in _pypi(registry, source, versions=("2.0rc1", "2.0a1")).added] == [
        "2.0.0-rc.1",
        "2.0.0-alpha.1",
    ]
    folder = registry / "plugins/pypi/demo-plugin/releases"
    assert _yaml(folder / "2.0.0-rc.1.yaml")["channel"] == "beta"
    assert _yaml(folder / "2.0.0-alpha.1.yaml")["channel"] == "experimental"


def test_releases_that_are_there_are_neither_changed_nor_fetched(registry: Path) -> None:
    _pypi(registry, _wheels("1.0", "1.1"))
    before = {path: path.read_bytes() for path in registry.rglob("*") if path.is_file()}
    source = _wheels("1.2", "1.1", "1.0", files={"changed.py": b"x"})

    outcome = _pypi(registry, source)

    assert source.asked == ["1.2"]
    assert [str(version) for version in outcome.kept] == ["1.1.0", "1.0.0"]
    after = {path: path.read_bytes() for path in registry.rglob("*") if path.is_file()}
    assert before.items() <= after.items()
    assert {path.name for path in after.keys() - before.keys()} == {"1.2.0.yaml"}


def test_older_releases_stand_in_for_those_without_a_wheel(registry: Path) -> None:
    source = _wheels("1.3", "1.2", "1.1")
    source.releases["1.3"] = None

    outcome = _pypi(registry, source, count=2)

    assert [str(version) for version in outcome.added] == ["1.2.0", "1.1.0"]
    assert outcome.left_out == ("1.3",)
    assert _rules(outcome) == ["import.no-artifact"]


def test_a_version_that_there_is_not_is_named(registry: Path) -> None:
    outcome = _pypi(registry, _wheels("1.0"), versions=("1.0", "9.9"))

    assert outcome.left_out == ("9.9",)
    assert [str(version) for version in outcome.added] == ["1.0.0"]


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"entry_points": "", "headers": ["Requires-Dist: requests"]}, ["import.no-host"]),
        ({"headers": ["Requires-Dist: ???"]}, ["import.unreadable"]),
        ({"files": {"../x": b""}}, ["import.unreadable"]),
    ],
)
def test_a_wheel_that_cannot_be_listed_leaves_nothing_behind(
    registry: Path, changes: dict[str, Any], rules: list[str]
) -> None:
    outcome = _pypi(registry, _wheels("1.0", **changes))

    assert outcome.refused
    assert _rules(outcome) == rules
    assert not (registry / "plugins").exists()


def test_a_package_without_signs_can_be_given_a_host(registry: Path) -> None:
    source = _wheels("1.0", entry_points="", headers=["Requires-Dist: requests"])

    _pypi(registry, source, host=Name("pytest"))

    release = _yaml(registry / "plugins/pypi/demo-plugin/releases/1.0.0.yaml")
    assert release["artifacts"][0]["wrap"]["hosts"] == {"pytest": "*"}


def test_a_requirement_shows_the_host_when_no_entry_point_does(registry: Path) -> None:
    _pypi(registry, _wheels("1.0", entry_points="", headers=["Requires-Dist: PyTest!=7.1.*,>=7"]))

    release = _yaml(registry / "plugins/pypi/demo-plugin/releases/1.0.0.yaml")
    assert release["artifacts"][0]["wrap"]["hosts"] == {"pytest": ">=7"}


def test_what_is_lost_is_noted(registry: Path) -> None:
    headers = ["Requires-Dist: pytest!=7.1.*", "License: Proprietary", "Description-Content-Type: text/x-rst"]

    outcome = _pypi(registry, _wheels("1.0", headers=headers, description="Demo\n====\n"))

    assert sorted(_rules(outcome)) == ["import.license", "import.range-widened", "import.text-lost"]
    assert (registry / "plugins/pypi/demo-plugin/README.md").read_text().startswith("# demo-plugin\n\nA plugin called")
    assert _yaml(registry / "plugins/pypi/demo-plugin/listing.yaml")["license"] == "LicenseRef-unstated"


def test_an_unknown_package_is_refused(registry: Path) -> None:
    assert _rules(_pypi(registry, _wheels(), name="missing")) == ["import.no-artifact"]
    assert _rules(_pypi(registry, _wheels(), name="___")) == ["import.name"]


def test_an_unreachable_registry_ends_the_import(registry: Path) -> None:
    source = _wheels("1.0")

    def _unreachable(_folder: Path) -> Path:
        raise TransportError("no network")

    source.releases["1.0"] = _unreachable
    with pytest.raises(TransportError):
        _pypi(registry, source)


def test_npm_packages_become_a_plugin_without_findings(registry: Path) -> None:
    outcome = _npm(
        registry,
        _tarballs("1.0.0", "1.2.0", "1.1.0", "2.0.0-beta.1", files={"README.md": b"# Demo\n"}, keywords=["lint"]),
        name="@acme/eslint-plugin-demo",
        count=2,
    )

    assert [str(version) for version in outcome.added] == ["1.2.0", "1.1.0"]
    assert outcome.findings == ()
    loaded = load_registry(registry)
    assert loaded.findings == ()
    assert [finding for finding in validate(loaded) if finding.severity is Severity.BLOCKS] == []
    folder = registry / "plugins/npm/acme-eslint-plugin-demo"
    assert (folder / "README.md").read_text() == "# Demo\n"
    artifact = _yaml(folder / "releases/1.2.0.yaml")["artifacts"][0]
    assert artifact["source"] == {"npm": "@acme/eslint-plugin-demo", "version": "1.2.0"}
    assert artifact["wrap"]["format"] == "npm"
    assert artifact["wrap"]["hosts"] == {"eslint": ">=8.0.0,<10.0.0"}
    assert _yaml(folder / "listing.yaml")["aliases"] == ["@acme/eslint-plugin-demo"]


@pytest.mark.parametrize(
    ("fields", "expected", "rules"),
    [
        ({"peerDependencies": {"eslint": ">=9"}, "engines": {"eslint": ">=7"}}, ">=9.0.0", []),
        ({"peerDependencies": {}, "engines": {"eslint": ">=7"}}, ">=7.0.0", []),
        ({"peerDependencies": {}, "dependencies": {"eslint": "^8"}}, ">=8.0.0,<9.0.0", []),
        ({"peerDependencies": {}, "keywords": ["ESLint"]}, "*", ["import.range-widened"]),
        ({"peerDependencies": {"eslint": "^7 || ^9"}}, ">=7.0.0,<10.0.0", ["import.range-widened"]),
    ],
)
def test_the_strongest_sign_shows_the_host(
    registry: Path, fields: dict[str, Any], expected: str, rules: list[str]
) -> None:
    outcome = _npm(registry, _tarballs("1.0.0", **fields))

    assert _rules(outcome) == rules
    release = _yaml(registry / "plugins/npm/eslint-plugin-demo/releases/1.0.0.yaml")
    assert release["artifacts"][0]["wrap"]["hosts"] == {"eslint": expected}


def test_a_package_that_runs_scripts_is_left_out(registry: Path) -> None:
    outcome = _npm(registry, _tarballs("1.0.0", scripts={"postinstall": "node x"}))

    assert _rules(outcome) == ["import.install-script"]
    assert outcome.refused


def test_an_import_needs_a_registry_with_the_namespace(registry: Path, tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        read_target(tmp_path / "nowhere", Name("pypi"))
    with pytest.raises(DocumentError):
        read_target(registry, Name("other"))
    (registry / "hosts/pytest.yaml").write_text("schema: 1\nid: pytest\n")
    with pytest.raises(DocumentError):
        read_target(registry, Name("pypi"))
