"""How finished a release is."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How finished a release is, most finished first."""

    STABLE = "stable"
    BETA = "beta"
    EXPERIMENTAL = "experimental"
