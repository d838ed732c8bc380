"""Where a finding is decides what it can hold back: nobody can write a path that blames somebody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.model.finding import Finding, Location, Severity
from pluginry.model.names import PluginId
from pluginry.publisher.plugin_parts import Kind, Part, blocking_by_part, part_of
from pluginry.publisher.registry_files import shown

DEMO = PluginId.parse("acme/demo")
LISTING = Part(DEMO)


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("plugins/acme/demo/listing.yaml", LISTING),
        ("plugins/acme/demo/README.md", LISTING),
        ("plugins/acme/demo/screenshots/a.png", LISTING),
        ("plugins/acme/demo", LISTING),
        ("plugins/acme/demo/releases", LISTING),
        ("plugins/acme/demo/releases/a/b.yaml", LISTING),
        ("plugins/acme/demo/releases/1.0.0.yaml", Part(DEMO, Kind.RELEASE, "1.0.0")),
        ("plugins/acme/demo/source/1.0.0", Part(DEMO, Kind.RELEASE, "1.0.0")),
        ("plugins/acme/demo/source/1.0.0/a/b", Part(DEMO, Kind.RELEASE, "1.0.0")),
        ("plugins/acme/demo/releases/latest.txt", Part(DEMO, Kind.RELEASE, "latest.txt")),
        ("plugins/acme/demo/reviews/303.yaml", Part(DEMO, Kind.REVIEW, "303")),
        ("plugins", None),
        ("plugins/acme", None),
        ("plugins/acme/De mo/listing.yaml", None),
        ("plugins/../demo/listing.yaml", None),
        ("hosts/acme/demo/listing.yaml", None),
        ("registry.yaml", None),
        ("", None),
    ],
)
def test_a_file_belongs_to_the_part_in_whose_place_it_lies(file: str, part: Part | None) -> None:
    assert part_of(file) == part


def test_a_release_has_a_version_and_other_parts_have_a_file() -> None:
    release, stray = part_of("plugins/acme/demo/releases/1.0.0.yaml"), part_of("plugins/acme/demo/source/next/x")
    review = part_of("plugins/acme/demo/reviews/303.yaml")
    assert release is not None
    assert stray is not None
    assert review is not None
    assert (str(release.version), release.file) == ("1.0.0", "")
    assert (stray.version, stray.file) == (None, "acme/demo/releases/next")
    assert (review.version, review.file, LISTING.file) == (None, "acme/demo/reviews/303", "")


@given(st.text(st.characters(exclude_characters="/\0"), min_size=1))
def test_no_name_of_a_folder_passes_for_somebody_elses(name: str) -> None:
    for file in (f"plugins/{name}/demo/listing.yaml", f"plugins/acme/{name}/listing.yaml"):
        part = part_of(shown(file))
        assert part is None or name in {part.plugin.namespace, part.plugin.name}


def test_only_what_blocks_counts() -> None:
    def finding(file: str, severity: Severity = Severity.BLOCKS) -> Finding:
        return Finding(rule="a.b", severity=severity, where=Location(file=file), message="m")

    findings = [
        finding("plugins/acme/demo/listing.yaml"),
        finding("plugins/acme/demo/icon.png"),
        finding("plugins/acme/demo/listing.yaml", Severity.NEEDS_REVIEW),
        finding("plugins/acme/demo/listing.yaml", Severity.NOTE),
        finding("hosts/mail.yaml"),
    ]
    assert blocking_by_part(findings) == {LISTING: findings[:2]}
