from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pluginry.errors import DocumentError
from pluginry.importing.nvda import import_nvda
from pluginry.importing.nvda_release import read_nvda_release
from pluginry.model.finding import Severity
from pluginry.model.listing import Account
from pluginry.publisher.load import load_registry
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.importing.report import ImportReport

OWNER = Account(login="keeper", id=7)
LEFT_OUT = object()


def _triple(text: str) -> dict[str, int]:
    return dict(zip(("major", "minor", "patch"), map(int, text.split(".")), strict=True))


def a_release(version: str = "1.2.0", **changes: Any) -> dict[str, Any]:
    """Return the document of a release."""
    release = {
        "addonId": "clipSpeak",
        "displayName": "Clip Speak",
        "URL": f"https://github.com/acme/clipSpeak/releases/download/{version}/clipSpeak-{version}.nvda-addon",
        "description": "\nSays what is in the clipboard.\n",
        "sha256": "AB" * 32,
        "addonVersionName": version,
        "addonVersionNumber": _triple(version),
        "minNVDAVersion": _triple("2023.1.0"),
        "lastTestedVersion": _triple("2025.3.2"),
        "channel": "stable",
        "publisher": "Acme",
        "sourceURL": "https://github.com/acme/clipSpeak",
        "license": "GPL v2",
        "changelog": "Added\n* A voice\nFixed\n- A noise\n",
        "translations": [
            {"language": "pt_BR", "displayName": "Fala", "description": "Diz o que est\u00e1 copiado"},
            {"language": "not a language", "displayName": "x", "description": "long enough"},
        ],
    }
    return {key: value for key, value in {**release, **changes}.items() if value is not LEFT_OUT}


def _import(
    tmp_path: Path, *releases: dict[str, Any], submitters: Any = None, **files: str
) -> tuple[ImportReport, Path]:
    store = tmp_path / "store"
    for release in releases:
        folder = store / "addons" / "clipSpeak"
        folder.mkdir(parents=True, exist_ok=True)
        version = release["addonVersionName"]
        (folder / f"{version}.json").write_text(json.dumps(release))
    for version, text in files.items():
        (store / "addons/clipSpeak").mkdir(parents=True, exist_ok=True)
        (store / f"addons/clipSpeak/{version}.json").write_text(text)
    if submitters is not None:
        (store / "submitters.json").write_text(json.dumps(submitters))
    return import_nvda(store, tmp_path / "registry", owner=OWNER), tmp_path / "registry"


def _blocks(report: ImportReport) -> list[str]:
    return [finding.rule for finding in report.findings if finding.severity is Severity.BLOCKS]


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def test_a_store_becomes_a_registry_without_findings(tmp_path: Path) -> None:
    report, registry = _import(
        tmp_path, a_release(), a_release("1.3.0", channel="dev"), a_release("1.10.0", channel="beta")
    )

    assert report.findings == ()
    loaded = load_registry(registry)
    assert loaded.findings == ()
    assert [finding for finding in validate(loaded) if finding.severity is not Severity.NOTE] == []
    (entry,) = loaded.registry.plugins.values()
    assert {str(version): release.channel.value for version, release in entry.releases.items()} == {
        "1.2.0": "stable",
        "1.3.0": "experimental",
        "1.10.0": "beta",
    }


def test_the_newest_release_makes_the_listing(tmp_path: Path) -> None:
    submitters = {
        "99": {"githubName": "someone", "addons": ["clipSpeak", "other"]},
        "7": {"githubName": "keeper", "addons": ["clipSpeak"]},
        "x": {"githubName": "broken", "addons": ["clipSpeak"]},
        "5": ["broken"],
    }
    _, registry = _import(tmp_path, a_release(), a_release("1.10.0", displayName="New Name"), submitters=submitters)

    folder = registry / "plugins/nvda/clipspeak"
    listing = _yaml(folder / "listing.yaml")
    assert listing["name"] == "New Name"
    assert listing["summary"] == "Says what is in the clipboard."
    assert listing["license"] == "GPL-2.0-only"
    assert listing["aliases"] == ["clipSpeak"]
    assert [owner["id"] for owner in listing["owners"]] == [7, 99]
    assert listing["sources"] == ["https://github.com/acme/clipSpeak/"]
    assert list(listing["locales"]) == ["pt-BR"]
    assert (folder / "README.md").read_text() == "# New Name\n\nSays what is in the clipboard.\n"


def test_a_release_wraps_the_add_on_for_the_hosts_it_was_tested_with(tmp_path: Path) -> None:
    _, registry = _import(tmp_path, a_release())

    (artifact,) = _yaml(registry / "plugins/nvda/clipspeak/releases/1.2.0.yaml")["artifacts"]
    assert artifact["sha256"] == "ab" * 32
    assert artifact["wrap"] == {
        "format": "zip",
        "hosts": {"nvda": ">=2023.1.0,<2026.0.0"},
        "runtime": {"kind": "addon"},
        "origin": {"kind": "nvda", "name": "clipSpeak", "version": "1.2.0"},
        "changes": [{"kind": "added", "text": "A voice"}, {"kind": "fixed", "text": "A noise"}],
    }
    assert _yaml(registry / "hosts/nvda.yaml")["versions"] == ["2023.1.0", "2025.3.2"]


def test_what_is_lost_is_noted(tmp_path: Path) -> None:
    report, registry = _import(
        tmp_path, a_release(license="NewGPL v3", homepage="http://example.com", sourceURL="Example: https://x.example")
    )

    assert sorted(finding.rule for finding in report.findings) == [
        "import.address-lost",
        "import.address-lost",
        "import.license",
    ]
    listing = _yaml(registry / "plugins/nvda/clipspeak/listing.yaml")
    assert listing["license"] == "LicenseRef-unstated"
    assert "homepage" not in listing


def test_a_second_import_adds_only_what_is_new(tmp_path: Path) -> None:
    _, registry = _import(tmp_path, a_release())
    before = {path: path.read_bytes() for path in registry.rglob("*") if path.is_file()}

    report, _ = _import(tmp_path, a_release(), a_release("1.3.0"))

    after = {path: path.read_bytes() for path in registry.rglob("*") if path.is_file()}
    assert before.items() <= after.items()
    assert {path.name for path in after.keys() - before.keys()} == {"1.3.0.yaml"}
    assert report.as_document()["counts"]["releases_kept"] == 1


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("import.file-name", {"addonId": "other"}),
        ("import.file-name", {"addonVersionNumber": _triple("9.9.9")}),
        ("import.version", {"addonVersionNumber": {"major": 1, "minor": -2, "patch": 0}}),
        ("import.version", {"addonVersionNumber": {"major": 1, "minor": True, "patch": 0}}),
        ("import.version", {"minNVDAVersion": {"major": 1}}),
        ("import.version", {"lastTestedVersion": LEFT_OUT}),
        ("import.channel", {"channel": "nightly"}),
        ("import.digest", {"sha256": "ab" * 31}),
        ("import.address", {"URL": "http://example.com/a.nvda-addon"}),
        ("import.archive", {"URL": "https://example.com/a.zip"}),
        ("import.shape", {"displayName": ""}),
        ("import.shape", {"description": LEFT_OUT}),
        ("import.shape", {"translations": ["de"]}),
        ("import.shape", {"homepage": 5}),
    ],
)
def test_every_mistake_keeps_its_release_out_and_no_other(tmp_path: Path, rule: str, changes: dict[str, Any]) -> None:
    report, registry = _import(tmp_path, a_release(**changes), a_release("1.3.0"))

    assert rule in _blocks(report)
    assert report.outcomes[0].left_out == ("1.2.0",)
    assert [path.name for path in registry.glob("plugins/nvda/*/releases/*")] == ["1.3.0.yaml"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1.5}', '{"a": 1, "a": 2}', "\ufeff{}", "5"])
def test_a_document_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    report, registry = _import(tmp_path, **{"1.2.0": text})

    assert _blocks(report) == ["import.shape"]
    assert report.outcomes[0].refused
    assert not (registry / "plugins").exists()


def test_a_folder_without_add_ons_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        import_nvda(tmp_path, tmp_path / "registry", owner=OWNER)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
    max_leaves=6,
)


@given(st.sampled_from(sorted(a_release())), JSON)
def test_no_value_raises(key: str, value: Any) -> None:
    data = json.dumps(a_release(**{key: value})).encode()

    release, findings = read_nvda_release(data, file="a.json", addon="clipSpeak", version="1.2.0")

    assert (release is None) == any(finding.severity is Severity.BLOCKS for finding in findings)
