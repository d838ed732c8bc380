"""What is read to judge a change: what it reaches, the same on both sides, and not the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from builders import CACHE, LEFT_OUT, PANEL, SPAM, a_cache_listing, a_listing, a_namespace, a_panel_listing, a_release
from pluginry.adapters.git_commits import GitCommits
from pluginry.contribution.change import RegistryChange, read_change
from pluginry.contribution.sides import Sides, read_sides
from pull_requests import Forge, Link

if TYPE_CHECKING:
    from pathlib import Path

MANY = 1 << 20


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge.with_registry(tmp_path)


def change_of(forge: Forge, changes: dict[str, Any], **options: Any) -> RegistryChange:
    return read_change(GitCommits(forge.folder), forge.main, forge.branch(changes), **options)


def sides_of(forge: Forge, changes: dict[str, Any], tmp_path: Path, **options: Any) -> Sides:
    change = change_of(forge, changes)
    return read_sides(GitCommits(forge.folder), change, tmp_path / "sides", max_bytes=MANY, **options)


def plugins(sides: Sides) -> set[str]:
    return {str(plugin) for plugin in sides.merged.registry.plugins}


def test_only_what_the_change_reaches_is_read(forge: Forge, tmp_path: Path) -> None:
    sides = sides_of(forge, {f"{PANEL}/README.md": "# New\n"}, tmp_path)
    assert plugins(sides) == {"zenith/disk-panel"}
    assert set(sides.merged.registry.namespaces) == {"zenith"}
    assert sides.base.registry.plugins.keys() == sides.merged.registry.plugins.keys()


def test_everything_is_read_when_asked(forge: Forge, tmp_path: Path) -> None:
    sides = sides_of(forge, {f"{PANEL}/README.md": "# New\n"}, tmp_path, whole=True)
    assert len(plugins(sides)) == 3
    assert len(sides.merged.registry.namespaces) == 2


def test_what_a_plugin_needs_is_read_with_it(forge: Forge, tmp_path: Path) -> None:
    assert plugins(sides_of(forge, {f"{SPAM}/README.md": "# New\n"}, tmp_path)) == {
        "acme/spam-filter",
        "acme/dns-cache",
    }


def test_what_needs_a_plugin_is_read_when_something_of_it_goes(forge: Forge, tmp_path: Path) -> None:
    assert "acme/spam-filter" in plugins(sides_of(forge, {f"{CACHE}/releases/1.0.0.yaml": LEFT_OUT}, tmp_path))
    assert "acme/spam-filter" not in plugins(
        sides_of(forge, {f"{CACHE}/releases/1.1.0.yaml": a_release("1.1.0")}, tmp_path / "b")
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"plugins/zenith/spam-fi1ter/listing.yaml": a_panel_listing()},
        {f"{PANEL}/listing.yaml": a_panel_listing(name="SPAM  filter!")},
        {f"{PANEL}/listing.yaml": a_panel_listing(aliases=["COM.acme.spam_filter"])},
    ],
    ids=["id", "title", "alias"],
)
def test_whose_names_can_be_mistaken_are_read(forge: Forge, tmp_path: Path, changes: dict[str, Any]) -> None:
    assert "acme/spam-filter" in plugins(sides_of(forge, changes, tmp_path))


def test_namespaces_that_look_alike_are_read(forge: Forge, tmp_path: Path) -> None:
    sides = sides_of(forge, {"namespaces/acrne.yaml": a_namespace(namespace="acrne")}, tmp_path)
    assert set(sides.merged.registry.namespaces) == {"acme", "acrne"}


def test_the_advisories_about_a_plugin_are_read(forge: Forge, tmp_path: Path) -> None:
    assert len(sides_of(forge, {f"{SPAM}/README.md": "# New\n"}, tmp_path).merged.registry.advisories) == 1
    assert sides_of(forge, {f"{PANEL}/README.md": "# New\n"}, tmp_path / "b").merged.registry.advisories == ()


def test_links_are_never_written(forge: Forge, tmp_path: Path) -> None:
    sides = sides_of(forge, {f"{SPAM}/README.md": Link("/etc/passwd"), f"{SPAM}/releases/x": Link("..")}, tmp_path)
    assert not [path for path in (tmp_path / "sides").rglob("*") if path.is_symlink()]
    assert sides.merged_folder.is_dir()


def test_what_is_too_large_is_not_read(forge: Forge, tmp_path: Path) -> None:
    sides = sides_of(forge, {f"{SPAM}/README.md": "x" * (MANY + 1)}, tmp_path)
    assert (sides.merged_folder / SPAM / "README.md").read_text().startswith("# Spam Filter")


def test_a_file_where_the_other_side_has_a_folder_is_no_accident(forge: Forge, tmp_path: Path) -> None:
    head = forge.branch({f"{SPAM}/reviews/404.yaml/x": "x"})
    forge.merge(forge.branch({f"{SPAM}/reviews/404.yaml": "x"}))
    change = read_change(GitCommits(forge.folder), forge.main, head)
    sides = read_sides(GitCommits(forge.folder), change, tmp_path / "sides", max_bytes=MANY)
    assert (sides.merged_folder / SPAM / "reviews/404.yaml").is_file()


def test_a_change_is_what_merging_would_change(forge: Forge) -> None:
    head = forge.branch({f"{SPAM}/listing.yaml": a_listing(name="X"), f"{CACHE}/listing.yaml": a_cache_listing()})
    forge.merge(forge.branch({f"{SPAM}/listing.yaml": a_listing(name="X")}))
    change = read_change(GitCommits(forge.folder), forge.main, head)
    assert change.files == ()


def test_a_long_change_is_cut_and_says_so(forge: Forge) -> None:
    change = change_of(forge, {f"{SPAM}/source/2.0.0/{number}": "x" for number in range(20)}, limit=5)
    assert (len(change.files), change.is_cut) == (5, True)


def test_sizes_are_those_after_merging(forge: Forge) -> None:
    change = change_of(forge, {f"{SPAM}/README.md": "12345", f"{CACHE}/README.md": LEFT_OUT, "/l": Link("there")})
    assert {file.path: file.size for file in change.files} == {
        "l": 0,
        f"registry/{SPAM}/README.md": 5,
        f"registry/{CACHE}/README.md": 0,
    }
