from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from krew_index import LEFT_OUT, SHA256, a_manifest, a_platform, an_index, as_text
from pluginry.errors import DocumentError
from pluginry.importing.krew import import_krew, judge_submission
from pluginry.importing.rules import RULES
from pluginry.model.finding import Severity
from pluginry.model.listing import Account
from pluginry.publisher.load import load_registry
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.importing.report import ImportReport

OWNER = Account(login="acme", id=7)
SCRIPT = {"matchExpressions": [{"key": "os", "operator": "In", "values": ["linux", "darwin"]}]}


def _import(tmp_path: Path, *manifests: dict[str, Any], **files: str) -> tuple[ImportReport, Path]:
    registry = tmp_path / "registry"
    return import_krew(an_index(tmp_path, *manifests, **files), registry, owner=OWNER), registry


def _blocks(report: ImportReport) -> list[tuple[str, str]]:
    return [(f.rule, str(f.where)) for f in report.findings if f.severity is Severity.BLOCKS]


def _release(registry: Path, name: str = "view-secret", version: str = "1.2.0") -> Any:
    return yaml.safe_load((registry / f"plugins/krew/{name}/releases/{version}.yaml").read_text())


def test_an_index_becomes_a_registry_without_findings(tmp_path: Path) -> None:
    report, registry = _import(
        tmp_path,
        a_manifest(platforms=[a_platform("linux"), a_platform("darwin", "arm64"), a_platform("windows", arch="386")]),
        a_manifest(name="pod_logs", platforms=[a_platform(selector=SCRIPT, bin="./pod-logs.sh")]),
    )

    assert _blocks(report) == []
    loaded = load_registry(registry)
    assert loaded.findings == ()
    assert [str(plugin) for plugin in loaded.registry.plugins] == ["krew/pod-logs", "krew/view-secret"]
    assert [f for f in validate(loaded) if f.severity is not Severity.NOTE] == []
    assert report.as_document()["counts"]["artifacts_added"] == 3 + 9


def test_a_manifest_becomes_a_listing_a_readme_and_a_release(tmp_path: Path) -> None:
    files = [{"from": "*/LICENSE", "to": "."}, {"from": "./bin/tool", "to": "sbin/"}]
    _, registry = _import(
        tmp_path,
        a_manifest(platforms=[a_platform(files=files, bin="sbin/tool")], caveats="Needs:\n  a cluster\n"),
    )

    folder = registry / "plugins/krew/view-secret"
    listing = yaml.safe_load((folder / "listing.yaml").read_text())
    assert listing["sources"] == ["https://github.com/acme/view-secret/"]
    assert listing["owners"] == [{"login": "acme", "id": 7}]
    assert listing["origin"] == {"kind": "krew", "name": "view-secret"}
    assert (folder / "README.md").read_text() == (
        "# view-secret\n\nShows what is in a secret.\n\n## Caveats\n\n```text\nNeeds:\n  a cluster\n```\n"
    )
    (artifact,) = _release(registry)["artifacts"]
    assert artifact["platform"] == "linux-x86_64"
    assert artifact["wrap"] == {
        "format": "tar.gz",
        "hosts": {"kubectl": "*"},
        "runtime": {"kind": "process", "entry_point": "sbin/tool"},
        "files": [{"from": "*/LICENSE", "to": "."}, {"from": "bin/tool", "to": "sbin"}],
        "origin": {"kind": "krew", "name": "view-secret", "version": "v1.2.0"},
    }


def test_each_platform_gets_the_first_archive_that_fits(tmp_path: Path) -> None:
    _, registry = _import(
        tmp_path,
        a_manifest(platforms=[a_platform("linux"), a_platform(selector=SCRIPT, uri="https://example.com/s.zip")]),
    )

    urls = {artifact["platform"]: artifact["source"]["url"] for artifact in _release(registry)["artifacts"]}
    assert urls["linux-x86_64"].endswith("view-secret-linux-amd64.tar.gz")
    assert urls["linux-aarch64"] == urls["macos-x86_64"] == "https://example.com/s.zip"
    assert not [platform for platform in urls if platform.startswith("windows")]


def test_one_archive_for_everything_is_for_any_platform(tmp_path: Path) -> None:
    everywhere = {"matchExpressions": [{"key": "os", "operator": "NotIn", "values": []}]}
    _, registry = _import(tmp_path, a_manifest(platforms=[a_platform(selector=everywhere)]))

    assert [artifact["platform"] for artifact in _release(registry)["artifacts"]] == ["any"]


def test_what_is_lost_is_noted(tmp_path: Path) -> None:
    report, registry = _import(
        tmp_path,
        a_manifest(
            homepage="http://example.com",
            shortDescription="x" * 100,
            platforms=[a_platform(), a_platform("darwin", "386")],
        ),
    )

    notes = {finding.rule for finding in report.findings if finding.severity is Severity.NOTE}
    assert notes == {"import.license", "import.address-lost", "import.text-lost", "import.platform-gone"}
    assert len(_release(registry)["artifacts"]) == 1


def test_a_second_import_changes_nothing_and_adds_what_is_new(tmp_path: Path) -> None:
    _, registry = _import(tmp_path, a_manifest())
    listing = registry / "plugins/krew/view-secret/listing.yaml"
    listing.write_text(listing.read_text().replace("Decode secrets", "By hand"))
    before = {path: path.read_bytes() for path in registry.rglob("*") if path.is_file()}

    again = import_krew(tmp_path / "index", registry, owner=OWNER)
    assert {path: path.read_bytes() for path in registry.rglob("*") if path.is_file()} == before
    assert (again.as_document()["counts"]["releases_added"], again.as_document()["counts"]["releases_kept"]) == (0, 1)

    (tmp_path / "index/plugins/view-secret.yaml").write_text(as_text(a_manifest(version="v1.3.0")))
    import_krew(tmp_path / "index", registry, owner=OWNER)
    assert sorted(path.name for path in listing.parent.glob("releases/*")) == ["1.2.0.yaml", "1.3.0.yaml"]
    assert "By hand" in listing.read_text()


def test_names_that_become_one_id_are_refused(tmp_path: Path) -> None:
    report, _ = _import(tmp_path, a_manifest(name="a-b"), a_manifest(name="a_b"))

    assert _blocks(report) == [("import.name-taken", "plugins/a_b.yaml:4:3")]


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    report, _ = _import(tmp_path, a_manifest(name="x" * 41))

    assert _blocks(report) == [("import.name", f"plugins/{'x' * 41}.yaml")]


def test_another_ending_is_refused(tmp_path: Path) -> None:
    report, _ = _import(tmp_path, view_yml=as_text(a_manifest(name="view")))

    assert ("import.place", "plugins/view.yml") in _blocks(report)


def test_a_folder_without_manifests_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        import_krew(tmp_path, tmp_path / "registry", owner=OWNER)


def _mistake(rule: str, place: str, **changes: Any) -> Any:
    return pytest.param(rule, place, a_manifest(**changes), id=f"{rule}-{next(iter(changes))}-{place}")


def _in_platform(rule: str, place: str, **changes: Any) -> Any:
    manifest = a_manifest(platforms=[a_platform(**changes)])
    return pytest.param(rule, place, manifest, id=f"{rule}-{next(iter(changes))}-{place}")


@pytest.mark.parametrize(
    ("rule", "place", "manifest"),
    [
        _mistake("import.version", "6:12", version="1.2.0"),
        _mistake("import.version", "6:12", version="vmaster"),
        _mistake("import.version", "6:12", version="v1.2"),
        _mistake("import.version", "6:12", version="v01.2.0"),
        _mistake("import.version-form", "6:12", version="v1.2.0-nightly.3"),
        _mistake("import.version-form", "6:12", version="v1.2.0+build"),
        _mistake("import.shape", "6:3", version=LEFT_OUT),
        _mistake("import.shape", "8:21", shortDescription=""),
        _mistake("import.shape", "10:14", platforms=[]),
        _mistake("import.shape", "10:14", platforms="linux"),
        _mistake("import.shape", "11:5", platforms=["linux"]),
        _mistake("import.unknown-key", "18:3", shortdescription="x"),
        _in_platform("import.digest", "16:13", sha256="0" * 63),
        _in_platform("import.digest", "16:13", sha256="A" * 64),
        _in_platform("import.shape", "11:5", sha256=LEFT_OUT),
        _in_platform("import.shape", "11:5", bin=LEFT_OUT),
        _in_platform("import.shape", "11:5", uri=LEFT_OUT),
        _in_platform("import.address", "15:10", uri="http://example.com/a.zip"),
        _in_platform("import.address", "15:10", uri="https://user:pw@example.com/a.zip"),
        _in_platform("import.address", "15:10", uri="https://example.com/a/../b.zip"),
        _in_platform("import.archive", "15:10", uri="https://example.com/a.exe"),
        _in_platform("import.path", "17:10", bin="../outside"),
        _in_platform("import.path", "20:11", files=[{"from": "a", "to": "../../b"}]),
        _in_platform("import.path", "19:13", files=[{"from": "../a", "to": "."}]),
        _in_platform("import.shape", "18:12", files=[]),
        _in_platform("import.shape", "19:7", files=[{"from": "a"}]),
        _in_platform("import.unknown-key", "18:5", head="x"),
        _in_platform("import.platform", "13:13", selector={"matchLabels": {"os": "macos"}}),
        _in_platform("import.platform", "14:15", selector={"matchLabels": {"os": "linux", "arch": "ppc64ie"}}),
        _in_platform("import.platform", "13:17", selector={"matchLabels": {"system": "linux"}}),
        _in_platform("import.shape", "11:15", selector={}),
        _in_platform("import.shape", "11:5", selector=LEFT_OUT),
        _in_platform("import.shape", "13:7", selector={"matchLabels": ["linux"]}),
        _in_platform("import.shape", "12:25", selector={"matchExpressions": "linux"}),
        _in_platform("import.shape", "13:9", selector={"matchExpressions": [{"key": "os"}]}),
        _in_platform("import.unknown-key", "12:7", selector={"os": "linux"}),
    ],
)
def test_every_mistake_is_found_at_its_place_and_nothing_is_written(
    tmp_path: Path, rule: str, place: str, manifest: dict[str, Any]
) -> None:
    report, registry = _import(tmp_path, manifest)

    assert (rule, f"plugins/view-secret.yaml:{place}") in _blocks(report)
    assert not (registry / "plugins").exists()
    assert report.as_document()["counts"]["refused"] == 1


def test_all_mistakes_are_found_in_one_run(tmp_path: Path) -> None:
    report, _ = _import(
        tmp_path, a_manifest(version="x", homepage=5, platforms=[a_platform(sha256="x", uri="x", bin="/../x")])
    )

    assert {rule for rule, _ in _blocks(report)} == {
        "import.version",
        "import.shape",
        "import.digest",
        "import.address",
        "import.archive",
        "import.path",
    }


def test_an_archive_that_is_never_installed_is_a_mistake(tmp_path: Path) -> None:
    report, _ = _import(tmp_path, a_manifest(platforms=[a_platform(), a_platform(sha256="cd" * 32)]))

    assert [rule for rule, _ in _blocks(report)] == ["import.never-chosen"]


def test_one_digest_for_two_files_needs_a_look(tmp_path: Path) -> None:
    report, _ = _import(
        tmp_path, a_manifest(platforms=[a_platform(sha256=SHA256), a_platform("windows", sha256=SHA256)])
    )

    assert [f.rule for f in report.findings if f.severity is Severity.NEEDS_REVIEW] == ["import.same-digest"]
    assert _blocks(report) == []


def _change(text: str | None, *, path: str = "plugins/view-secret.yaml", old: str | None = None) -> dict[str, Any]:
    return {"path": path, "new": text, "old": old}


GOOD = as_text(a_manifest())


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("yaml.duplicate-key", _change(GOOD.replace("    bin:", f"    sha256: {SHA256}\n    bin:"))),
        ("yaml.syntax", _change(GOOD.replace("spec:", "spec: [\n"))),
        ("yaml.alias", _change(GOOD.replace("kind: Plugin", "kind: &a Plugin"))),
        ("import.file-name", _change(GOOD, path="plugins/other.yaml")),
        ("import.place", _change(GOOD, path="view-secret.yaml")),
        ("import.place", _change(GOOD, path="plugins/deep/view-secret.yaml")),
        ("import.place", _change(GOOD, path="plugins/view-secret.yml")),
        ("import.version-form", _change(GOOD.replace("v1.2.0", "v1.2.0-pre"))),
        ("import.same-version", _change(GOOD, old=as_text(a_manifest(platforms=[a_platform(sha256=SHA256)])))),
        ("import.shape", _change("- a\n- b\n")),
        ("import.shape", _change("null\n")),
    ],
)
def test_hard_errors_of_a_submission_are_found(rule: str, change: dict[str, Any]) -> None:
    found = [finding for finding in judge_submission([change]) if finding.severity is Severity.BLOCKS]

    assert rule in {finding.rule for finding in found}


@pytest.mark.parametrize(
    "change",
    [
        _change(GOOD),
        _change(GOOD, old=GOOD),
        _change(GOOD, old=as_text(a_manifest(version="v1.1.0", platforms=[a_platform(sha256=SHA256)]))),
        _change(GOOD, old="not: a manifest"),
        _change(None, old=GOOD),
        _change("# Words", path="README.md"),
        _change("apiVersion: other", path="config.yaml"),
        _change("x", path=5),  # type: ignore[arg-type] # from outside
        {},
    ],
)
def test_what_is_right_or_no_manifest_has_no_findings(change: dict[str, Any]) -> None:
    assert judge_submission([change]) == ()


@given(st.text(max_size=200), st.integers(0, len(GOOD)), st.integers(0, 40))
def test_nothing_that_is_submitted_raises(text: str, at: int, removed: int) -> None:
    mutated = GOOD[:at] + text + GOOD[at + removed :]

    known = {rule.id for rule in RULES}
    for finding in judge_submission([_change(mutated, old=mutated)]):
        assert finding.rule in known or finding.rule.startswith("yaml.")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
    max_leaves=6,
)


@given(st.sampled_from(["selector", "uri", "sha256", "bin", "files"]), JSON)
def test_no_value_in_a_platform_raises(key: str, value: Any) -> None:
    judge_submission([_change(as_text(a_manifest(platforms=[a_platform(**{key: value})])))])


@given(st.sampled_from(["version", "homepage", "shortDescription", "description", "platforms", "caveats"]), JSON)
def test_no_value_in_a_manifest_raises(key: str, value: Any) -> None:
    manifest = a_manifest()
    manifest["spec"][key] = value
    judge_submission([_change(as_text(manifest))])
