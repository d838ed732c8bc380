"""Where a plugin stands in its life."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a plugin stands in its life."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    ADOPT_ME = "adopt-me"
    REMOVED = "removed"
