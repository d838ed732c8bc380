"""Switches of the scanners: none that asks something of a scanner that is switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.model.rule import Rule
from pluginry.publisher.registry_layout import CONFIG_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.model.registry import Registry
    from pluginry.publisher.loaded_registry import Locate

SWITCHED_OFF = Rule(
    id="scanning.switched-off",
    title="A scanner is enforced or required, and switched off",
    why="Whoever reads this believes that packages are looked at.",
    fix="write enabled: true, or leave out enforced and required",
)
RULES = (SWITCHED_OFF,)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about the switches."""
    for name, switches in registry.config.scanning.items():
        wanted = "required" if switches.required else "enforced" if switches.enforced else ""
        if wanted and not switches.enabled:
            where = locate(CONFIG_FILE, ("scanning", name), of_key=True)
            yield SWITCHED_OFF.finding(where, f"{name} is {wanted}, and switched off")
