"""The busy catalogue, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from busy_catalogue import busy_input
from catalogues import as_files
from html_reader import ReadPage, read_page
from pluginry.publisher.site import CatalogueInput, site

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture(scope="session")
def busy() -> CatalogueInput:
    """Return the input of the busy catalogue."""
    return busy_input()


@pytest.fixture(scope="session")
def files(busy: CatalogueInput) -> Mapping[str, bytes]:
    """Return every file of the busy catalogue by key."""
    return as_files(site(busy))


@pytest.fixture(scope="session")
def pages(files: Mapping[str, bytes]) -> Mapping[str, ReadPage]:
    """Return every page of the busy catalogue, read."""
    return {key: read_page(body) for key, body in files.items() if key.endswith(".html")}
