from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import SPAM
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = f"{SPAM}/source/1.0.0/config.schema.json"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "it is not JSON"),
        ("", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("\udcff".encode("utf-8", "surrogateescape"), "it is not JSON"),
        ('{"type": "objekt"}', "'objekt' is not valid"),
        ('{"type": "object", "properties": 3}', "3 is not of type 'object'"),
        ('{"type": "string"}', "its type is not object"),
        ("true", "its type is not object"),
    ],
)
def test_settings_are_described_by_a_json_schema(tmp_path: Path, content: str | bytes, words: str) -> None:
    assert_found(tmp_path, {SCHEMA: content}, ("settings.not-a-schema", At(SCHEMA), words))
