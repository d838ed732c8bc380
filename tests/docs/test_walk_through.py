"""The recorded walk-through shows what the commands print today."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def test_the_page_is_what_the_commands_print() -> None:
    file = Path(__file__).parent / "walk_through.py"
    spec = importlib.util.spec_from_file_location("walk_through", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.record(), "record it anew: python tests/docs/walk_through.py"
