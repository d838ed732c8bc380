"""What happens when something goes wrong with the pages of one plugin: decided by whoever asks for the pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluginry.model.names import PluginId

Rescuing = Callable[["PluginId", str], AbstractContextManager[None]]
"""Entered for a plugin and what is being done; where it lets an exception go by, something else takes the place."""


def nobody(plugin: PluginId, doing: str) -> AbstractContextManager[None]:  # noqa: ARG001 - a `Rescuing`
    """Rescue nothing: an exception ends it all."""
    return nullcontext()
