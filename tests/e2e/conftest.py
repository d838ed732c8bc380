"""The published marketplace that the tests of this folder share; none of them may change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.marketplace_on_disk import Workspace, a_workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = a_workspace(tmp_path_factory.mktemp("published"))
    workspace.pluginry("publish", "dist")
    return workspace


@pytest.fixture
def workspace(published: Workspace, tmp_path: Path) -> Workspace:
    """Return a copy of the published marketplace that a test may change."""
    import shutil

    shutil.copytree(published.root, tmp_path / "workspace")
    return Workspace(tmp_path / "workspace")
