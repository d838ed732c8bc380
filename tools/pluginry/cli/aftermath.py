"""What follows a publication: the options that ask for it, and what is told of it; after_publication.py does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What to tell of it, to programs and to people; ``exit_status`` is 0 when all is well."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    exit_status: int = 0


def aftercare_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what `aftercare` is told: ``read_back``, ``no_read_back`` and ``cloudfront``."""
    for option in (
        click.option(
            "--cloudfront",
            metavar="ID",
            envvar="PLUGINRY_CLOUDFRONT",
            show_envvar=True,
            help="Tell this CloudFront distribution what was replaced.",
        ),
        click.option("--no-read-back", is_flag=True, help="Do not read the publication back."),
        click.option(
            "--read-back",
            metavar="URL",
            envvar="PLUGINRY_READ_BACK",
            show_envvar=True,
            help="Read it back there, instead of from TARGET itself.",
        ),
    ):
        command = option(command)
    return command
