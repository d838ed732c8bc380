from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "tauri-shell/unit-converter"
CONVERTER = load(PLUGIN)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("3 km in mi", "1.8641 mi"),
        ("1 mi to m", "1609.344 m"),
        ("20 c in f", "68 f"),
        ("-40 F in C", "-40 c"),
        ("2.5 lb in kg", "1.134 kg"),
        ("0 m in ft", "0 ft"),
    ],
)
def test_quantities_are_converted(tmp_path: Path, text: str, answer: str) -> None:
    assert CONVERTER.Plugin({}, str(tmp_path)).convert(text=text) == {"answer": answer}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "ask like this"),
        ("three km in mi", "ask like this"),
        ("3 km in mi; rm", "ask like this"),
        ("3 parsec in mi", "parsec is not a unit"),
        ("3 km in kg", "km is a length, kg is a weight"),
    ],
)
def test_what_cannot_be_converted_is_explained(tmp_path: Path, text: str, why: str) -> None:
    assert why in CONVERTER.Plugin({}, str(tmp_path)).convert(text=text)["error"]


def test_digits_can_be_chosen(tmp_path: Path) -> None:
    assert CONVERTER.Plugin({"digits": 1}, str(tmp_path)).convert(text="3 km in mi") == {"answer": "1.9 mi"}


def test_the_first_version_knew_no_temperatures(tmp_path: Path) -> None:
    first = load(PLUGIN, "1.0.0").Plugin({}, str(tmp_path))
    assert first.convert(text="3 km in mi") == {"answer": "1.8641 mi"}
    assert first.convert(text="20 c in f") == {"error": "c is not a unit that I know"}


def test_the_replacement_gives_the_same_answers(tmp_path: Path) -> None:
    replacement = load("tauri-shell/quick-calc", "1.1.0").Plugin({}, str(tmp_path))
    for text in ("3 km in mi", "1 mi to m", "20 C in F", "2.5 lb in kg"):
        old = CONVERTER.Plugin({"digits": 6}, str(tmp_path)).convert(text=text)["answer"]
        assert replacement.calculate(text=text)["answer"].lower() == old.lower()
