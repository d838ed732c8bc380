"""Values that are made when somebody asks for them."""

from __future__ import annotations

import pytest

from pluginry.model.on_demand import Later, OnDemand


def test_a_value_is_made_once_and_only_for_who_asks() -> None:
    asked: list[str] = []

    def make(key: str) -> int:
        asked.append(key)
        return len(key)

    values = OnDemand(["b", "aa", "b"], make, made={"b": 9})
    assert list(values) == ["b", "aa"]
    assert len(values) == 2
    assert "aa" in values
    assert asked == []
    assert (values["aa"], values["aa"], values["b"]) == (2, 2, 9)
    assert asked == ["aa"]
    assert values == {"b": 9, "aa": 2}


def test_there_is_nothing_else_in_it() -> None:
    values = OnDemand(["a"], len)
    assert "b" not in values
    assert values.get("b") is None
    with pytest.raises(KeyError):
        values["b"]


def test_what_goes_wrong_goes_wrong_for_who_asks_and_may_go_right_later() -> None:
    tries = iter([ValueError, None])

    def make(_key: str) -> str:
        error = next(tries)
        if error:
            raise error
        return "made"

    values = OnDemand(["a"], make)
    with pytest.raises(ValueError):  # noqa: PT011 - it has no text
        values["a"]
    assert values["a"] == "made"


def test_a_whole_mapping_is_made_once_when_somebody_looks_into_it() -> None:
    asked: list[int] = []

    def make() -> dict[str, int]:
        asked.append(1)
        return {"a": 1}

    later = Later(make)
    assert asked == []
    assert (len(later), list(later), later["a"], later.get("b"), later) == (1, ["a"], 1, None, {"a": 1})
    assert asked == [1]


def test_the_keys_of_a_mapping_are_asked_there() -> None:
    keys = Later(lambda: {"a": None, "b": None})
    values = OnDemand(keys, str.upper)
    assert ("c" in values, values["b"], list(values)) == (False, "B", ["a", "b"])
