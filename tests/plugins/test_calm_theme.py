from __future__ import annotations

import json
import re
from typing import Any

import pytest

from plugins.plugin_sources import manifest_of, newest_of, tree_of

PLUGIN = "tauri-shell/calm-theme"
NEWEST = newest_of(PLUGIN)
COLOURS = {"background", "surface", "text", "muted", "accent", "on_accent", "warning", "border"}
READ_ON = [
    ("text", "background"),
    ("text", "surface"),
    ("muted", "background"),
    ("muted", "surface"),
    ("accent", "surface"),
    ("warning", "surface"),
    ("on_accent", "accent"),
]


def themes(version: str) -> dict[str, Any]:
    targets = [theme.target for theme in manifest_of(PLUGIN, version).entry_points["themes"]]
    return {target: json.loads((tree_of(PLUGIN, version) / target).read_bytes()) for target in targets}


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_there_is_a_light_and_a_dark_theme_with_every_colour() -> None:
    found = themes(NEWEST)
    assert {theme["scheme"] for theme in found.values()} == {"light", "dark"}
    for theme in found.values():
        assert theme["colours"].keys() == COLOURS
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in theme["colours"].values())


@pytest.mark.parametrize(("upper", "lower"), READ_ON)
def test_every_text_can_be_read_on_every_background(upper: str, lower: str) -> None:
    for theme in themes(NEWEST).values():
        assert contrast(theme["colours"][upper], theme["colours"][lower]) >= 4.5, theme["name"]


def test_dark_is_dark_and_light_is_light() -> None:
    for theme in themes(NEWEST).values():
        is_dark = luminance(theme["colours"]["background"]) < luminance(theme["colours"]["text"])
        assert is_dark is (theme["scheme"] == "dark")


def test_the_first_version_had_muted_text_that_was_too_pale() -> None:
    for theme in themes("1.0.0").values():
        assert contrast(theme["colours"]["muted"], theme["colours"]["background"]) < 4.5


def test_it_holds_no_code() -> None:
    assert manifest_of(PLUGIN, NEWEST).runtime.kind == "files"
    suffixes = {file.suffix for file in tree_of(PLUGIN, NEWEST).rglob("*") if file.is_file()}
    assert suffixes == {"", ".json", ".yaml"}
