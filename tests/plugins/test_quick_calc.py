from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

PLUGIN = "tauri-shell/quick-calc"
STABLE = "1.1.0"
ALPHA = "2.0.0-alpha.1"
CALC = load(PLUGIN, STABLE)
NEXT_CALC = load(PLUGIN, ALPHA)


@pytest.fixture(params=[CALC, NEXT_CALC], ids=[STABLE, ALPHA])
def module(request: pytest.FixtureRequest) -> ModuleType:
    found: ModuleType = request.param
    return found


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("2 ^ 3 ^ 2", "512"),
        ("-2 ^ 2", "-4"),
        ("2 ^ -1", "0.5"),
        ("10 / 4", "2.5"),
        ("0.1 + 0.2", "0.3"),
        (".5 * 2", "1"),
        ("8 - 3 - 2", "3"),
        ("(3 km + 200 m) / 4 in mi", "0.497097 mi"),
        ("5 in in cm", "12.7 cm"),
        ("1 GiB in MB", "1073.741824 MB"),
        ("1 h / 2 min", "30"),
        ("3 km", "3000 m"),
        ("-40 C in F", "-40 F"),
        ("0 k in c", "-273.15 c"),
        ("2 * 3 kg in lb", "13.227736 lb"),
    ],
)
def test_it_calculates(module: ModuleType, tmp_path: Path, text: str, answer: str) -> None:
    assert module.Plugin({}, str(tmp_path)).calculate(text=text) == {"answer": answer}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "ends too early"),
        ("1 +", "ends too early"),
        ("(1", "ends too early"),
        ("(1 2", "not closed"),
        ("1 2", "do not understand '2'"),
        ("2 ** 3", "a number belongs"),
        ("1 / 0", "division by zero"),
        ("1 / (2 - 2)", "division by zero"),
        ("0 ^ -1", "division by zero"),
        ("(1 - 1) ^ 0", "too large or has no answer"),
        ("(0 - 2) ^ 0.5", "too large or has no answer"),
        ("9 ^ 9 ^ 9", "exponents go up to"),
        ("3 km + 2 kg", "a length and a weight cannot be added"),
        ("3 km in kg", "a length cannot be written in kg"),
        ("3 km * 2 km", "has no unit here"),
        ("1 / 3 km", "has no unit here"),
        ("20 C + 5 C", "can be converted but not added"),
        ("20 C * 2", "can be converted but not multiplied"),
        ("2 m ^ 2", "only bare numbers"),
        ("3 parsec", "parsec is not a unit"),
        ("__import__", "do not understand '_'"),
        ("system('x')", "do not understand"),
        ("(" * 40 + "1", "too deep"),
        ("-" * 100 + "1", "too deep"),
        ("1+" * 200, "longer than"),
    ],
)
def test_what_cannot_be_calculated_is_explained(module: ModuleType, tmp_path: Path, text: str, why: str) -> None:
    assert why in module.Plugin({}, str(tmp_path)).calculate(text=text)["error"]


def test_percent_and_the_last_answer_are_news_of_the_alpha(tmp_path: Path) -> None:
    plugin = NEXT_CALC.Plugin({}, str(tmp_path))
    assert plugin.calculate(text="ans + 1") == {"answer": "1"}
    assert plugin.calculate(text="15% of 80") == {"answer": "12"}
    assert plugin.calculate(text="ans / 2") == {"answer": "6"}
    assert plugin.calculate(text="20% * 3 km") == {"answer": "600 m"}
    assert plugin.calculate(text="ans + nonsense")["error"]
    assert plugin.calculate(text="ans in km") == {"answer": "0.6 km"}
    assert "error" in CALC.Plugin({}, str(tmp_path)).calculate(text="15% of 80")


@given(
    st.integers(-999, 999), st.sampled_from("+-*"), st.integers(-999, 999), st.sampled_from("+-*"), st.integers(1, 999)
)
def test_whole_numbers_come_out_as_in_python(a: int, first: str, b: int, second: str, c: int) -> None:
    def value(left: int, sign: str, right: int) -> int:
        return {"+": left + right, "-": left - right, "*": left * right}[sign]

    expected = value(value(a, first, b), second, c) if second != "*" or first == "*" else value(a, first, b * c)
    assert CALC.calculate(f"({a}) {first} ({b}) {second} {c}") == str(expected)


@given(st.integers(-10_000, 10_000), st.integers(1, 10_000))
def test_quotients_are_right_to_the_sixth_digit(a: int, b: int) -> None:
    answer = Fraction(CALC.calculate(f"({a}) / {b}"))
    assert abs(answer - Fraction(a, b)) <= Fraction(1, 2_000_000)


@given(st.one_of(st.text(max_size=60), st.text("0123456789.+-*/^()% kmincft", max_size=60)))
def test_no_text_breaks_it(text: str) -> None:
    for module in (CALC, NEXT_CALC):
        answer = module.Plugin({}, "unused").calculate(text=text)
        assert set(answer) in ({"answer"}, {"error"})


def test_the_first_version_knew_no_units(tmp_path: Path) -> None:
    first = load(PLUGIN, "1.0.0").Plugin({}, str(tmp_path))
    assert first.calculate(text="(3 + 4) * -2.5") == {"answer": "-17.5"}
    assert "error" in first.calculate(text="3 km in mi")
    assert "division by zero" in first.calculate(text="1/0")["error"]
