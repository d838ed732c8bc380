"""Somebody registers a name that users mistype or misread for a known one, to be installed in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import SPAM, a_panel_listing, a_registry, a_release, an_artifact
from findings import findings_in
from pluginry.model.finding import Severity
from pluginry.publisher.rules import look_alikes

if TYPE_CHECKING:
    from pathlib import Path

IMITATIONS = ("spam-filter", "sparn-filter", "spam-fi1ter", "filter-spam", "spamfilter", "spam-filtter", "sapm-filter")


def rules_broken_by(folder: Path, name: str) -> set[tuple[str, Severity]]:
    plugin = f"plugins/zenith/{name}"
    changes = {
        f"{plugin}/listing.yaml": a_panel_listing(name="Something Else"),
        f"{plugin}/README.md": "# Something else",
        f"{plugin}/releases/1.0.0.yaml": a_release("1.0.0", artifacts=[an_artifact("https://zenith.example/x.zip")]),
    }
    return {(finding.rule, finding.severity) for finding in findings_in(a_registry(folder, changes))}


@pytest.mark.parametrize("name", IMITATIONS)
def test_a_name_like_a_known_one_waits_for_a_human(tmp_path: Path, name: str) -> None:
    assert SPAM.endswith("/spam-filter")
    assert rules_broken_by(tmp_path, name) == {("look-alikes.name", Severity.NEEDS_REVIEW)}


@pytest.mark.parametrize("name", IMITATIONS)
def test_without_the_rule_nobody_would_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(look_alikes, "check", lambda *_: iter(()))
    assert rules_broken_by(tmp_path, name) == set()
