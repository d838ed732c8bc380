from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import a_config
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

FILE = "registry.yaml"


@pytest.mark.parametrize("wish", ["enforced", "required"])
def test_what_is_asked_of_a_scanner_is_asked_of_one_that_runs(tmp_path: Path, wish: str) -> None:
    config = a_config(scanning={"secrets": {"enabled": False, wish: True}})
    assert_found(
        tmp_path, {FILE: config}, ("scanning.switched-off", At(FILE, "secrets"), f"secrets is {wish}, and switched off")
    )


def test_sensible_switches_are_no_news(tmp_path: Path) -> None:
    config = a_config(scanning={"secrets": {"enforced": True}, "obfuscation": {"enabled": False}, "patterns": {}})
    assert_found(tmp_path, {FILE: config})


def test_a_scanner_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    config = a_config(scanning={"virus": {"enabled": True}})
    assert_found(tmp_path, {FILE: config}, ("schema.key-name", At(FILE, "virus"), "virus"))
