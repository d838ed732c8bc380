"""What is disturbed, made once."""

from __future__ import annotations

import pytest

from faults.prepared import Prepared


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return Prepared.at(tmp_path_factory.mktemp("faults"))
