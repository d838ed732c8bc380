"""Colours as WCAG 2 measures them, and a marketplace's own colours as a style sheet.

In: ``#rrggbb``. Out: contrasts from 1 to 21, colours, CSS. Never decides what is enough; the rule about it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluginry.model.site_settings import Accent

GROUNDS = (("#f5f7f5", "#ffffff", "#eef2ee"), ("#111614", "#191f1c", "#212925"))
"""What text in the accent stands on in the light and the dark theme: page, surface and raised of the style sheet."""
ENOUGH_FOR_TEXT = 4.5
_WHITE, _BLACK = "#ffffff", "#000000"
_SOFT_ON_DEEP = "#c4d8d0"
_STRONGER = 0.25
_DARKER = 0.12
_LINEAR_BELOW = 0.04045


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """Return `colour` with a `share`, from 0 to 1, of `other`."""
    parts = zip(channels(colour), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def weakest(accent: Accent) -> tuple[tuple[str, float], tuple[str, float]]:
    """Return for each theme the ground on which the accent is read worst, and the contrast there."""
    pairs = zip((accent.light, accent.dark), GROUNDS, strict=True)
    light, dark = (
        min(((ground, contrast(colour, ground)) for ground in grounds), key=lambda pair: pair[1])
        for colour, grounds in pairs
    )
    return light, dark


def style_of(accent: Accent) -> str:
    """Return the style sheet that gives the catalogue this accent; what stands on it stays readable."""
    strong = (mixed(accent.light, _BLACK, _STRONGER), mixed(accent.dark, _WHITE, _STRONGER))
    deep = (_deep(accent.light), mixed(_deep(accent.light), _BLACK, 0.3))
    pairs = {
        "accent": (accent.light, accent.dark),
        "accent-strong": strong,
        "focus": strong,
        "on-accent": (ink_on(accent.light), ink_on(accent.dark)),
        "deep": deep,
        "deep-line": (mixed(deep[0], _WHITE, 0.3), mixed(deep[1], _WHITE, 0.3)),
    }
    lines = "".join(f"  --{name}: light-dark({light}, {dark});\n" for name, (light, dark) in pairs.items())
    return f"/* The accent of registry.yaml. */\n:root {{\n{lines}}}\n"


def _deep(colour: str) -> str:
    """Return `colour`, darkened until soft light text can be read on it well."""
    while contrast(colour, _SOFT_ON_DEEP) < ENOUGH_FOR_TEXT + 1:
        colour = mixed(colour, _BLACK, _DARKER)
    return colour


def ink_on(colour: str) -> str:
    """Return black or white, whatever is read better on `colour`."""
    return max((_WHITE, _BLACK), key=lambda ink: contrast(ink, colour))


def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue, from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        c / 12.92 if c <= _LINEAR_BELOW else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
