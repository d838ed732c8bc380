from __future__ import annotations

from pathlib import Path

import pytest

from pluginry.encoding.data_folder import data_folder
from pluginry.errors import DocumentError


@pytest.mark.parametrize("name", ["schemas", "site_templates"])
def test_a_checkout_has_its_data_at_the_root(name: str) -> None:
    folder = data_folder(name)
    assert folder.is_dir()
    assert folder == Path(__file__).parents[3] / name


def test_a_folder_that_is_missing_is_named() -> None:
    with pytest.raises(DocumentError, match="no folder 'nonsense'"):
        data_folder("nonsense")
