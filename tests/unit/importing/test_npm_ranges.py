from __future__ import annotations

import pytest

from pluginry.importing.npm_ranges import range_from_npm
from pluginry.model.versions import Version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*", "*"),
        ("", "*"),
        ("x", "*"),
        (">=8", ">=8.0.0"),
        (">= 8.1", ">=8.1.0"),
        (">8.1", ">=8.2.0"),
        ("<9", "<9.0.0"),
        ("<=8.1", "<8.2.0"),
        ("^1.2.3", ">=1.2.3,<2.0.0"),
        ("^0.2.3", ">=0.2.3,<0.3.0"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.x", "<1.0.0"),
        ("^0.0", "<0.1.0"),
        ("~1.2.3", ">=1.2.3,<1.3.0"),
        ("~>1", ">=1.0.0,<2.0.0"),
        ("7.x", ">=7.0.0,<8.0.0"),
        ("7.1.*", ">=7.1.0,<7.2.0"),
        ("v1.2.3", ">=1.2.3,<1.2.4"),
        ("=1.2.3+build", ">=1.2.3,<1.2.4"),
        ("1.2 - 2.3", ">=1.2.0,<2.4.0"),
        (">=5 <9", ">=5.0.0,<9.0.0"),
        ("^8.0.0 || ^9.0.0", ">=8.0.0,<10.0.0"),
        ("5 || 7 || 6", ">=5.0.0,<8.0.0"),
        ("^7.0.0-0", ">=7.0.0-alpha.0,<8.0.0"),
        (">=1.0.0 <2.0.0-0", ">=1.0.0,<2.0.0-alpha.0"),
        ("^9 || >=9.5 <9.7", ">=9.0.0,<10.0.0"),
    ],
)
def test_ranges_that_comparators_can_say(text: str, expected: str) -> None:
    found = range_from_npm(text)

    assert found.range.text == expected
    assert found.lost == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^7.32.0 || ^8.2.0", ">=7.32.0,<9.0.0"),
        ("latest", "*"),
        ("workspace:*", "*"),
        ("npm:other@1", "*"),
        ("^1 || file:../x", "*"),
        (">2 <1", "*"),
        ("1.2.3.4", "*"),
        ("^99999999999", "*"),
    ],
)
def test_what_comparators_cannot_say_is_widened_and_reported(text: str, expected: str) -> None:
    found = range_from_npm(text)

    assert found.range.text == expected
    assert found.lost == (f"it was {text}",)


def test_the_widened_range_holds_every_alternative() -> None:
    found = range_from_npm("^7.32.0 || ^8.2.0")

    assert Version("7.40.1") in found.range
    assert Version("8.2.0") in found.range
    assert Version("9.0.0") not in found.range


def test_hostile_text_costs_no_time() -> None:
    assert range_from_npm(" " * 50_000 + "-" * 50_000).range.text == "*"
    assert range_from_npm("^1 " * 20_000 + "?").range.text == "*"
