"""On which shelf of the catalogue a mirrored plugin stands: it follows from its host.

In: hosts, and the categories that the registry has. Out: one to three of these categories.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MOST: Final = 3
_SHELVES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "babel": "building",
        "certbot": "network",
        "datasette": "data",
        "eslint": "linting",
        "flake8": "linting",
        "hatch": "building",
        "homebridge": "home",
        "keyring": "security",
        "mkdocs": "documentation",
        "napari": "science",
        "pelican": "documentation",
        "postcss": "building",
        "prettier": "linting",
        "pytest": "testing",
        "rollup": "building",
        "semantic-release": "building",
        "stylelint": "linting",
        "webpack": "building",
    }
)


def categories_for(hosts: Iterable[str], categories: Sequence[str]) -> tuple[str, ...]:
    """Return the `categories` for plugins of `hosts`; the first category when none is meant for them."""
    wanted = {shelf for host in hosts for shelf in (host, _SHELVES.get(host, ""))}
    return tuple(category for category in categories if category in wanted)[:_MOST] or tuple(categories[:1])
