"""``--home``: which plugin home a command works on; the same option, variable and default for every command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

HOME_VARIABLE = "PLUGINRY_HOME"


def default_home() -> Path:
    """Return the plugin home of this user."""
    import platformdirs

    return platformdirs.user_data_path("pluginry", appauthor=False)


def home_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the parameter ``home``."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        envvar=HOME_VARIABLE,
        default=default_home,
        show_default="pluginry in this user's data folder",
        show_envvar=True,
        help="Folder with what is installed, from where, and for which host.",
    )(function)
