from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import (
    CACHE,
    LEFT_OUT,
    PANEL,
    SPAM,
    a_host,
    a_listing,
    a_manifest,
    a_namespace,
    a_registry,
    a_release,
    an_advisory,
    registry_files,
)
from findings import At, assert_found, findings_in
from pluginry.errors import DocumentError
from pluginry.model.names import Name, PluginId
from pluginry.model.versions import Version
from pluginry.publisher.load import check_file, load_project, load_registry

if TYPE_CHECKING:
    from pathlib import Path

LISTING = f"{SPAM}/listing.yaml"
TREE = f"{SPAM}/source/1.0.0"
SPAM_ID = PluginId.parse("acme/spam-filter")


def test_a_good_registry_is_read_whole(tmp_path: Path) -> None:
    loaded = load_registry(a_registry(tmp_path))
    registry = loaded.registry
    assert loaded.findings == ()
    assert registry.config.name == "Example Plugins"
    assert list(registry.hosts) == ["mail", "panel"]
    assert list(registry.namespaces) == ["acme", "zenith"]
    assert [str(plugin) for plugin in registry.plugins] == ["acme/dns-cache", "acme/spam-filter", "zenith/disk-panel"]
    assert [advisory.id for advisory in registry.advisories] == ["PLG-2026-0001"]
    assert registry.left_out == frozenset()
    entry = registry.plugins[SPAM_ID]
    assert entry.folder == SPAM
    assert list(entry.releases) == [Version("1.0.0"), Version("1.1.0")]
    assert entry.readme.startswith("# Spam Filter")
    assert entry.icon is not None
    assert entry.icon.startswith(b"\x89PNG")
    assert list(entry.screenshots) == ["screenshots/main.png"]
    assert entry.sources[Version("1.0.0")].manifest.id == SPAM_ID
    assert b'"maximum": 0.5' in (entry.sources[Version("1.0.0")].config_schema or b"")
    assert [review.author.id for review in entry.reviews] == [303]


def test_every_value_can_be_found_in_its_file(tmp_path: Path) -> None:
    loaded = load_registry(a_registry(tmp_path))
    assert str(loaded.locate(LISTING, ("name",))) == f"{LISTING}:2:7"
    assert str(loaded.locate(LISTING, ("name",), of_key=True)) == f"{LISTING}:2:1"
    assert str(loaded.locate(f"{SPAM}/README.md")) == f"{SPAM}/README.md"
    assert str(loaded.locate(f"{TREE}/plugin.yaml", ("id",))) == f"{TREE}/plugin.yaml:2:5"


def test_readmes_in_other_languages_are_read_by_the_tag_in_their_name(tmp_path: Path) -> None:
    changes = {f"{SPAM}/README.{tag}.md": f"# {tag}\n" for tag in ("de", "pt-BR")}
    entry = load_registry(a_registry(tmp_path, changes)).registry.plugins[SPAM_ID]
    assert entry.readmes == {"de": "# de\n", "pt-BR": "# pt-BR\n"}
    assert entry.readme.startswith("# Spam Filter")


def test_a_readme_in_another_language_is_held_to_the_same_limits(tmp_path: Path) -> None:
    changes = {f"{SPAM}/README.de.md": b"x" * (256 * 1024 + 1), f"{SPAM}/README.ar.md": b"\xff"}
    loaded = load_registry(a_registry(tmp_path, changes))
    assert {(one.rule, one.where.file) for one in loaded.findings} == {
        ("layout.too-large", f"{SPAM}/README.de.md"),
        ("layout.not-text", f"{SPAM}/README.ar.md"),
    }


def test_releases_are_in_order_of_version_and_not_of_name(tmp_path: Path) -> None:
    changes = {f"{SPAM}/releases/{version}.yaml": a_release(version) for version in ("1.10.0", "1.9.0")}
    registry = load_registry(a_registry(tmp_path, changes)).registry
    assert [str(version) for version in registry.plugins[SPAM_ID].releases] == ["1.0.0", "1.1.0", "1.9.0", "1.10.0"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no such folder"):
        load_registry(tmp_path / "registry")


def test_an_empty_folder_is_a_registry_that_says_nothing(tmp_path: Path) -> None:
    loaded = load_registry(tmp_path)
    assert [finding.rule for finding in loaded.findings] == ["layout.missing-file"]
    assert not loaded.registry.plugins
    assert "registry.yaml" in loaded.registry.left_out


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        ({LISTING: "a: ["}, SPAM),
        ({LISTING: LEFT_OUT}, SPAM),
    ],
)
def test_a_broken_plugin_is_left_out_and_hides_no_other(
    tmp_path: Path, changes: dict[str, object], left_out: str
) -> None:
    loaded = load_registry(a_registry(tmp_path, changes))
    assert [str(plugin) for plugin in loaded.registry.plugins] == ["acme/dns-cache", "zenith/disk-panel"]
    assert left_out in loaded.registry.left_out
    assert loaded.findings


@pytest.mark.parametrize(
    ("changes", "left_out", "releases", "trees"),
    [
        ({f"{SPAM}/releases/1.1.0.yaml": "schema: 1"}, f"{SPAM}/releases/1.1.0.yaml", ["1.0.0"], ["1.0.0"]),
        (
            {f"{SPAM}/releases/1.1.yaml": a_release("1.1.0")},
            f"{SPAM}/releases/1.1.yaml",
            ["1.0.0", "1.1.0"],
            ["1.0.0"],
        ),
        ({f"{TREE}/plugin.yaml": "schema: 1"}, TREE, ["1.0.0", "1.1.0"], []),
        ({f"{TREE}/plugin.yaml": LEFT_OUT}, TREE, ["1.0.0", "1.1.0"], []),
        ({f"{SPAM}/source/next/plugin.yaml": a_manifest()}, f"{SPAM}/source/next", ["1.0.0", "1.1.0"], ["1.0.0"]),
    ],
)
def test_a_broken_release_is_left_out_and_the_rest_of_the_plugin_stays(
    tmp_path: Path, changes: dict[str, object], left_out: str, releases: list[str], trees: list[str]
) -> None:
    loaded = load_registry(a_registry(tmp_path, changes))
    entry = loaded.registry.plugins[SPAM_ID]
    assert [str(version) for version in entry.releases] == releases
    assert [str(version) for version in entry.sources] == trees
    assert left_out in loaded.registry.left_out
    assert loaded.findings


def test_nobody_is_told_that_a_release_is_missing_which_only_cannot_be_read(tmp_path: Path) -> None:
    """Review, advisory, dependency and source tree go on naming it; it is the only one of its plugin."""
    broken = "schema: 1"
    releases = {f"{SPAM}/releases/{v}.yaml": broken for v in ("1.0.0", "1.1.0")}
    changes = {**releases, f"{CACHE}/releases/1.0.0.yaml": broken}
    registry = a_registry(tmp_path, changes)
    assert {(finding.where.file, finding.rule) for finding in findings_in(registry)} == {
        (file, "schema.required") for file in changes
    }


def test_all_broken_files_are_reported_in_one_run(tmp_path: Path) -> None:
    registry = a_registry(
        tmp_path,
        {
            LISTING: a_listing(summary="x", nmae="y"),
            f"{SPAM}/releases/1.1.0.yaml": a_release("1.1.0", channel="stabel"),
            f"{PANEL}/listing.yaml": "a: *b",
            "hosts/mail.yaml": a_host(runtimes=[]),
        },
    )
    rules = [(finding.where.file, finding.rule) for finding in load_registry(registry).findings]
    assert rules == [
        ("hosts/mail.yaml", "schema.count"),
        (LISTING, "schema.length"),
        (LISTING, "schema.unknown-key"),
        (f"{SPAM}/releases/1.1.0.yaml", "schema.enum"),
        (f"{PANEL}/listing.yaml", "yaml.alias"),
    ]


def test_a_broken_review_is_reported_and_the_plugin_stays(tmp_path: Path) -> None:
    loaded = load_registry(a_registry(tmp_path, {f"{SPAM}/reviews/303.yaml": "rating: 9"}))
    assert SPAM_ID in loaded.registry.plugins
    assert {finding.where.file for finding in loaded.findings} == {f"{SPAM}/reviews/303.yaml"}


MISPLACED = [
    ("plugin/acme/x/listing.yaml", "plugin", "did you mean 'plugins'?"),
    ("registry.yml", "registry.yml", "did you mean 'registry.yaml'?"),
    ("hosts/mail.yml", "hosts/mail.yml", "<name>.yaml"),
    ("hosts/more/x.yaml", "hosts/more", "move it"),
    ("namespaces/README.md", "namespaces/README.md", "<name>.yaml"),
    ("plugins/README.md", "plugins/README.md", "move it"),
    ("plugins/acme/listing.yaml", "plugins/acme/listing.yaml", "move it"),
    (f"{SPAM}/lisitng.yaml", f"{SPAM}/lisitng.yaml", "did you mean 'listing.yaml'?"),
    (f"{SPAM}/release/1.0.0.yaml", f"{SPAM}/release", "did you mean 'releases'?"),
    (f"{SPAM}/.DS_Store", f"{SPAM}/.DS_Store", "move it"),
    (f"{SPAM}/screenshots/more/x.png", f"{SPAM}/screenshots/more", "move it"),
    (f"{SPAM}/source/plugin.yaml", f"{SPAM}/source/plugin.yaml", "move it"),
    (f"{SPAM}/releases/1.1.0.yaml~", f"{SPAM}/releases/1.1.0.yaml~", "<name>.yaml"),
    (f"{SPAM}/README.German.md", f"{SPAM}/README.German.md", "did you mean 'README.md'?"),
    (f"{SPAM}/icon.svg", f"{SPAM}/icon.svg", "did you mean 'icon.png'?"),
]


@pytest.mark.parametrize(("path", "place", "words"), MISPLACED)
def test_a_file_in_the_wrong_place_is_not_silently_ignored(tmp_path: Path, path: str, place: str, words: str) -> None:
    assert_found(tmp_path, {path: "x"}, ("layout.unexpected-file", At(place), words))


def test_a_folder_in_place_of_a_file_is_reported(tmp_path: Path) -> None:
    registry = a_registry(tmp_path, {f"{SPAM}/icon.png": LEFT_OUT, f"{SPAM}/icon.png/x": "y", "hosts": LEFT_OUT})
    [finding] = load_registry(registry).findings
    assert (finding.rule, finding.where.file) == ("layout.unexpected-file", f"{SPAM}/icon.png")
    assert "a file is needed here" in finding.message


@pytest.mark.parametrize(
    ("path", "content", "place"),
    [
        ("hosts/Mail Server.yaml", a_host(id="mail-server"), "hosts/Mail Server.yaml"),
        ("namespaces/-x.yaml", a_namespace(), "namespaces/-x.yaml"),
        (f"{SPAM}/releases/v1.2.0.yaml", a_release("1.2.0"), f"{SPAM}/releases/v1.2.0.yaml"),
        ("plugins/Acme/tool/listing.yaml", a_listing(), "plugins/Acme"),
        ("plugins/acme/Tool/listing.yaml", a_listing(), "plugins/acme/Tool"),
        (f"{SPAM}/source/main/plugin.yaml", a_manifest(), f"{SPAM}/source/main"),
        (f"{SPAM}/screenshots/.png", "x", f"{SPAM}/screenshots/.png"),
        (f"{SPAM}/screenshots/main.svg", "x", f"{SPAM}/screenshots/main.svg"),
    ],
)
def test_names_of_files_and_folders_have_a_form(tmp_path: Path, path: str, content: str, place: str) -> None:
    findings = load_registry(a_registry(tmp_path, {path: content})).findings
    assert [(finding.rule, str(finding.where)) for finding in findings] == [("layout.name", place)]


MISMATCHES = [
    ("hosts/panel.yaml", a_host(id="pannel"), "id: >>pannel"),
    ("namespaces/zenith.yaml", a_namespace(namespace="zenit"), "zenit"),
    ("advisories/PLG-2026-0001.yaml", an_advisory(id="PLG-2026-0002"), "PLG-2026-0002"),
    (f"{SPAM}/releases/1.1.0.yaml", a_release("1.1.1"), "1.1.1"),
    (f"{TREE}/plugin.yaml", a_manifest(id="acme/spam-filtre"), "acme/spam-filtre"),
    (f"{TREE}/plugin.yaml", a_manifest(version="1.0.1"), "1.0.1"),
]


@pytest.mark.parametrize(("path", "content", "place"), MISMATCHES)
def test_a_document_calls_itself_what_its_file_is_called(tmp_path: Path, path: str, content: str, place: str) -> None:
    registry = a_registry(tmp_path, {path: content})
    findings = load_registry(registry).findings
    expected = ("layout.name-mismatch", At(path, place).in_folder(registry))
    assert [(finding.rule, str(finding.where)) for finding in findings] == [expected]


def test_a_value_of_the_right_form_may_still_have_no_meaning(tmp_path: Path) -> None:
    file = "advisories/PLG-2026-0001.yaml"
    registry = a_registry(tmp_path, {file: an_advisory(modified="2026-02-31T00:00:00Z")})
    [finding] = load_registry(registry).findings
    assert (finding.rule, str(finding.where)) == ("layout.value", At(file, "'2026-02-31").in_folder(registry))
    assert "2026-01-31T23:59:59Z" in finding.message


def test_the_order_of_the_disk_does_not_matter(tmp_path: Path) -> None:
    first = load_registry(a_registry(tmp_path / "a"))
    for name, content in reversed(registry_files().items()):
        path = tmp_path / "b" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    second = load_registry(tmp_path / "b")
    assert repr(first.registry) == repr(second.registry)


def test_a_single_document_is_known_by_its_place(tmp_path: Path) -> None:
    registry = a_registry(tmp_path, {"hosts/mail.yaml": a_host(id="male", titel="x")})
    findings = check_file(registry / "hosts" / "mail.yaml")
    assert [(finding.rule, finding.where.file) for finding in findings] == [("schema.unknown-key", "mail.yaml")]


def test_a_single_document_is_called_as_its_file(tmp_path: Path) -> None:
    registry = a_registry(tmp_path, {"hosts/mail.yaml": a_host(id="male")})
    [finding] = check_file(registry / "hosts" / "mail.yaml")
    assert (finding.rule, str(finding.where)) == ("layout.name-mismatch", "mail.yaml:2:5")


@pytest.mark.parametrize(("path", "content"), [(n, c) for n, c in registry_files().items() if n.endswith(".yaml")])
def test_every_kind_of_document_is_known_by_its_keys(tmp_path: Path, path: str, content: str) -> None:
    file = tmp_path / "document.txt"
    file.write_text(content)
    assert check_file(file) == ()
    file.write_text(content + "nonsense: true\n")
    assert [finding.rule for finding in check_file(file)] == ["schema.unknown-key"], path


@pytest.mark.parametrize("content", ["hello: world\n", "- a\n- b\n", "text\n", "schema: 1\nname: x\n"])
def test_a_document_of_no_kind_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "document.yaml"
    file.write_text(content)
    assert [finding.rule for finding in check_file(file)] == ["layout.unknown-kind"]


def test_a_single_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    assert [finding.rule for finding in check_file(tmp_path / "listing.yaml")] == ["layout.unreadable"]
    assert [finding.rule for finding in check_file(tmp_path / "document")] == ["layout.unreadable"]


def test_a_project_is_held_to_what_pack_asks(tmp_path: Path) -> None:
    registry = a_registry(tmp_path, {f"{TREE}/LICENSE": LEFT_OUT})
    loaded = load_project(registry / TREE)
    assert loaded.tree is not None
    assert loaded.tree.manifest.id == SPAM_ID
    [finding] = loaded.findings
    assert (finding.rule, finding.where.file) == ("pack.missing-file", "plugin.yaml")


def test_a_source_tree_in_the_registry_is_held_to_the_same(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {f"{TREE}/LICENSE": LEFT_OUT},
        ("pack.missing-file", At(f"{TREE}/plugin.yaml", "- >>LICENSE"), "LICENSE"),
    )


def test_a_host_is_looked_up_by_name(tmp_path: Path) -> None:
    registry = load_registry(a_registry(tmp_path)).registry
    assert registry.hosts[Name("mail")].title == "Example Mail"
    assert registry.plugins[PluginId.parse("acme/dns-cache")].folder == CACHE
