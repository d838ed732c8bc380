"""Values on the command line that are written as in documents: ids, names, versions, platforms, fingerprints.

In: words. Out: values of the model; click's usage error, which names the option, where a word is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pluginry.errors import PluginryError

if TYPE_CHECKING:
    from collections.abc import Callable


class Written(click.ParamType):  # type: ignore[type-arg]  # generic only in the newest click
    """What `read` makes of a word; it raises an error of ours for a word that it does not take."""

    def __init__(self, read: Callable[[str], object], name: str) -> None:
        self.read = read
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value written as `value`, or end with click's usage error."""
        try:
            return self.read(value) if type(value) is str else value
        except PluginryError as error:
            self.fail(str(error), param, ctx)
