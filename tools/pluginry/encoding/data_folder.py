"""Where the files that belong to Pluginry but are not Python lie: schemas and page templates.

In: the folder's name. Out: its path, inside an installed package or at the root of a checkout. Never writes.
"""

from __future__ import annotations

from pathlib import Path

from pluginry.errors import DocumentError

_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1]


def data_folder(name: str) -> Path:
    """Return the folder called `name`: ``schemas`` or ``site_templates``.

    Raises:
        DocumentError: this installation does not have it.

    """
    # The installed place first: beside site-packages may lie a foreign folder of the same name.
    for folder in (_PACKAGE / "_data" / name, _CHECKOUT / name):
        if folder.is_dir():
            return folder
    raise DocumentError(
        f"this installation of pluginry has no folder {name!r}",
        where=str(_PACKAGE),
        hint="the package is damaged: install it again",
    )
