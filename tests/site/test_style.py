"""What can be said of the style sheet without a browser: contrast, and that it loads nothing."""

from __future__ import annotations

import re

import pytest

from pluginry.encoding.data_folder import data_folder
from pluginry.publisher.pages.colours import GROUNDS, contrast

ASSETS = data_folder("site_templates") / "assets"
STYLE = "".join(path.read_text("utf-8") for path in sorted(ASSETS.rglob("*.css"), reverse=True))
TOKENS = {
    name: (light, dark or light)
    for name, light, dark in re.findall(r"--([a-z-]+): (?:light-dark\()?(#[0-9a-f]{6})(?:, (#[0-9a-f]{6})\))?;", STYLE)
}
ENOUGH_FOR_TEXT = 4.5
ENOUGH_FOR_OUTLINES = 3.0
TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "accent", "warn", "bad") for ground in ("page", "surface", "raised")),
    ("accent-strong", "page"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("warn", "warn-bg"),
    ("bad", "bad-bg"),
    ("ink", "warn-bg"),
    ("ink", "bad-bg"),
    ("on-deep", "deep"),
    ("on-deep-soft", "deep"),
    ("deep", "on-deep"),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read_in_both_themes(ink: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[ink][theme], TOKENS[ground][theme]) >= ENOUGH_FOR_TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "surface", "raised"])
def test_the_focus_can_be_seen_in_both_themes(ground: str, theme: int) -> None:
    assert contrast(TOKENS["focus"][theme], TOKENS[ground][theme]) >= ENOUGH_FOR_OUTLINES


def test_an_operators_accent_is_held_to_the_grounds_of_the_style_sheet() -> None:
    for theme, grounds in enumerate(GROUNDS):
        assert grounds == tuple(TOKENS[name][theme] for name in ("page", "surface", "raised"))


def test_every_token_that_is_used_is_there() -> None:
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", STYLE))
    assert used <= set(re.findall(r"--([a-z0-9-]+):", STYLE))


def test_every_class_on_a_page_is_styled_or_found_by_the_script() -> None:
    templates = data_folder("site_templates")
    scripts = [path.read_text("utf-8") for path in sorted((templates / "assets").rglob("*.js"))]
    known = set(re.findall(r"\.([a-z][a-z-]+)", STYLE))
    known |= {name for script in scripts for name in re.findall(r"\.([a-z]+)\"", script)}
    for template in templates.glob("*.html"):
        for value in re.findall(r'class="([^"{]*)"', template.read_text("utf-8")):
            assert set(value.split()) <= known, template.name
    for script in scripts:
        for value in re.findall(r'class: "([^"]*)"', script):
            assert set(value.split()) <= known, value


def test_whoever_wants_no_motion_gets_none() -> None:
    assert "@media (prefers-reduced-motion: reduce)" in STYLE
