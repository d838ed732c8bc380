"""What can be said of the style sheet without a browser: contrast, and that it loads nothing."""

from __future__ import annotations

import re

import pytest

from pluginry.encoding.data_folder import data_folder

STYLE = (data_folder("site_templates") / "assets" / "pluginry.css").read_text("utf-8")
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


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read_in_both_themes(ink: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[ink][theme], TOKENS[ground][theme]) >= ENOUGH_FOR_TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "surface", "raised"])
def test_the_focus_can_be_seen_in_both_themes(ground: str, theme: int) -> None:
    assert contrast(TOKENS["focus"][theme], TOKENS[ground][theme]) >= ENOUGH_FOR_OUTLINES


def test_every_token_that_is_used_is_there() -> None:
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", STYLE))
    assert used <= set(re.findall(r"--([a-z0-9-]+):", STYLE))


def test_every_class_on_a_page_is_styled_or_found_by_the_script() -> None:
    templates = data_folder("site_templates")
    script = (templates / "assets" / "pluginry.js").read_text("utf-8")
    known = set(re.findall(r"\.([a-z][a-z-]+)", STYLE)) | set(re.findall(r"\.([a-z]+)\"", script))
    for template in templates.glob("*.html"):
        for value in re.findall(r'class="([^"{]*)"', template.read_text("utf-8")):
            assert set(value.split()) <= known, template.name


def test_whoever_wants_no_motion_gets_none() -> None:
    assert "@media (prefers-reduced-motion: reduce)" in STYLE
