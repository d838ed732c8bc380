"""What is searched of a plugin's own words, beyond the catalogue: its README."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluginry.model.names import PluginId


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPage:
    """The README of a plugin as sanitised HTML, and the name that the plugin shows."""

    id: PluginId
    name: str
    html: str
