"""``pluginry plan capacity``: a table, JSON with every input and its source, one's own prices, the page about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import pluginry

PAGE = Path(__file__).resolve().parents[2] / "site_templates" / "docs" / "48-capacity.md"


def test_the_page_shows_what_the_command_prints() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    shown = [number for number, line in enumerate(lines) if line.startswith("$ pluginry plan capacity")]
    assert shown
    for number in shown:
        end = lines.index("```", number)
        answer = pluginry(*lines[number].removeprefix("$ pluginry ").split())
        assert lines[number + 1 : end] == answer.out.splitlines()


def test_every_input_says_where_it_is_from() -> None:
    data = pluginry("plan", "capacity", "5000", "--json", "--installs", "3", "--package-bytes", "1000").data
    (month,) = data["months"]
    assert month["clients"] == 5000
    assert set(month["dollars"]) == {tariff["name"] for tariff in data["tariffs"]}
    sources = {one["name"]: one["source"] for one in data["inputs"]}
    assert (sources["installs"], sources["package"]) == ("given", "given")
    assert sources["updates"] == "assumed"
    assert sources["unchanged"] == "make bench"
    assert all(sources.values())


def test_prices_of_one_s_own_take_the_place_of_ours(tmp_path: Path) -> None:
    tariffs = pluginry("plan", "capacity", "--json").data["tariffs"][:1]
    tariffs[0] |= {"name": "ours", "per_million_requests": 0, "egress": [[1, 0]], "per_gb_stored": 1}
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps(tariffs))
    data = pluginry("plan", "capacity", "1000", "--json", "--prices", str(prices), "--stored-gb", "7").data
    assert data["months"][0]["dollars"] == {"ours": 7}


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "[1]", '[{"name": "x"}]', '[{"name":"x","as_of":"","per_million_requests":"a","egress":[[1,1]]}]'],
)
def test_what_are_no_prices_is_refused(tmp_path: Path, text: str) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(text)
    answer = pluginry("plan", "capacity", "--prices", str(prices))
    assert answer.status == 2
    assert "tariff" in answer.err
