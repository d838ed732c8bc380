"""Where the token for the forge comes from, and that it goes nowhere else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.forge_token import forge_token

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


def with_gh(folder: Path, script: str) -> None:
    program = folder / "gh"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)


def test_variables_come_first_in_the_order_of_gh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_gh(tmp_path, "echo of-gh")
    monkeypatch.setenv("GITHUB_TOKEN", "second")
    assert forge_token("github.com") == "second"
    monkeypatch.setenv("GH_TOKEN", " first\n")
    assert forge_token("github.com") == "first"


def test_else_gh_is_asked_for_the_host(tmp_path: Path) -> None:
    with_gh(tmp_path, 'echo "$1 $2 $3 $4"')
    assert forge_token("forge.example") == "auth token --hostname forge.example"


@pytest.mark.parametrize("script", ["echo token; exit 1", ""])
def test_nobody_logged_in_is_no_error(tmp_path: Path, script: str) -> None:
    assert forge_token("github.com") == ""
    with_gh(tmp_path, script)
    assert forge_token("github.com") == ""
    assert os.environ["PATH"] == str(tmp_path)
