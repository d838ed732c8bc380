"""What tests of encodings share: texts that are checked against small schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schema_checker import Checker

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def check(tmp_path: Path) -> Checker:
    return Checker(tmp_path)
