"""A unit is made again when it would come out differently or is not published, and never otherwise."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from pluginry.model.digest import BlobRef
from pluginry.model.published import json_page
from pluginry.publisher.inventory import Inventory
from pluginry.publisher.reuse import AFRESH, Reuse

if TYPE_CHECKING:
    from pluginry.model.published import PublishedObject

BODIES = {"a.json": b"{}", "b.json": b"[]"}
VALUE = BlobRef.of(b"a value")


class Maker:
    """Makes two objects and a value, and counts how often."""

    def __init__(self, bodies: dict[str, bytes] = BODIES) -> None:
        self.bodies = bodies
        self.times = 0

    def __call__(self) -> tuple[PublishedObject, ...]:
        self.times += 1
        return tuple(json_page(key, body) for key, body in self.bodies.items())

    def with_value(self) -> tuple[BlobRef, tuple[PublishedObject, ...]]:
        return VALUE, self()


def stored(bodies: dict[str, bytes] = BODIES) -> Inventory:
    """Return the inventory of a store that holds `bodies`."""
    return Inventory(marks={key: sha256(body).hexdigest() for key, body in bodies.items()}, is_complete=True)


def units_after(made_of: object = "this", bodies: dict[str, bytes] = BODIES) -> dict[str, str]:
    """Return what is remembered after one publication."""
    reuse = Reuse({})
    assert len(reuse.objects("unit", made_of, Maker(bodies))) == len(bodies)
    return reuse.units


def test_what_is_made_of_the_same_and_published_is_not_made_again() -> None:
    units, maker = units_after(), Maker()
    reuse = Reuse(units, stored())
    assert reuse.objects("unit", "this", maker) == ()
    assert (maker.times, reuse.skipped, reuse.units) == (0, 2, units)


def test_what_is_made_of_something_else_is_made_again() -> None:
    maker = Maker()
    reuse = Reuse(units_after(), stored())
    assert [one.key for one in reuse.objects("unit", "that", maker)] == ["a.json", "b.json"]
    assert reuse.skipped == 0


@pytest.mark.parametrize(
    "there",
    [{}, {"a.json": b"{}"}, {**BODIES, "b.json": b"other"}],
    ids=["nothing", "one of two", "something else"],
)
def test_what_is_not_published_is_made_again(there: dict[str, bytes]) -> None:
    assert len(Reuse(units_after(), stored(there)).objects("unit", "this", Maker())) == 2


def test_units_of_other_names_are_strangers() -> None:
    assert len(Reuse(units_after(), stored()).objects("unit 2", "this", Maker())) == 2


def test_what_nobody_asked_for_is_forgotten() -> None:
    reuse = Reuse(units_after(), stored())
    reuse.objects("another", "this", Maker({"c.json": b"1"}))
    assert set(reuse.units) == {"another"}


def test_a_value_comes_back_without_the_objects() -> None:
    first, maker = Reuse({}), Maker()
    value, objects = first.with_value("unit", "this", maker.with_value, BlobRef)
    assert (value, len(objects)) == (VALUE, 2)
    again = Reuse(first.units, stored())
    assert again.with_value("unit", "this", maker.with_value, BlobRef) == (VALUE, ())
    assert maker.times == 1


def test_objects_lie_where_their_language_has_its_place() -> None:
    first = Reuse({})
    first.objects("unit", "this", Maker(), lambda key: f"de/{key}")
    in_german = stored({f"de/{key}": body for key, body in BODIES.items()})
    assert Reuse(first.units, in_german).objects("unit", "this", Maker(), lambda key: f"de/{key}") == ()
    assert len(Reuse(first.units, in_german).objects("unit", "this", Maker())) == 2


def test_afresh_makes_everything() -> None:
    maker = Maker()
    assert len(AFRESH.objects("unit", "this", maker)) == 2
    assert AFRESH.with_value("unit", "this", maker.with_value, BlobRef)[0] == VALUE
    assert maker.times == 2


def test_things_are_the_same_while_they_and_what_they_have_in_common_have_the_same_names() -> None:
    first = Reuse({})
    assert first.same("things", "common", {"one": "1", "two": "2", "three": "3", "nameless": ""}) == set()
    again = Reuse(first.units)
    assert again.same("things", "common", {"two": "2", "one": "other", "four": "3", "nameless": ""}) == {"two"}
    assert Reuse(first.units).same("things", "other", {"two": "2"}) == set()
    assert Reuse(first.units).same("other things", "common", {"two": "2"}) == set()
    assert AFRESH.same("things", "common", {"two": "2"}) == set()
    after = Reuse(again.units)
    assert after.same("things", "common", {"two": "2", "one": "1", "four": "3", "three": "3"}) == {"two", "four"}


@pytest.mark.parametrize("text", ["", "common", "common\tone", "common\tone\t", "\tone\t1", "common\t\tone\t1"])
def test_names_that_make_no_sense_are_of_nothing(text: str) -> None:
    assert Reuse({"things": text}).same("things", "common", {"one": "1"}) == set()


def test_where_nothing_has_a_name_nothing_is_remembered() -> None:
    reuse = Reuse({})
    reuse.same("things", "common", {"one": ""})
    assert reuse.units == {}


def test_a_unit_is_kept_while_all_of_it_is_published() -> None:
    first = Reuse({})
    tell = first.begin("unit", "this", note="what was beside it")
    assert tell is not None
    tell(Maker()())
    for there in ({}, {"a.json": b"{}"}, {**BODIES, "b.json": b"other"}):
        lost = Reuse(first.units, stored(there))
        assert not lost.keep("unit")
        assert (lost.units, lost.skipped) == ({}, 0)
    reuse = Reuse(first.units, stored())
    assert reuse.noted("unit") == "what was beside it"
    assert reuse.noted("another") == ""
    assert reuse.keep("unit")
    assert not reuse.keep("another")
    assert (reuse.units, reuse.skipped) == (first.units, 2)
    assert not AFRESH.keep("unit")


def test_what_cannot_be_made_is_not_remembered() -> None:
    def make() -> tuple[PublishedObject, ...]:
        raise RuntimeError("a mistake")

    reuse = Reuse(units_after(), stored())
    with pytest.raises(RuntimeError):
        reuse.objects("unit", "that", make)
    assert reuse.units == {}


@pytest.mark.parametrize("rest", ["", "\t", "\tnot a document\ta.json", "\t\ta.json\t\t"])
def test_an_entry_that_makes_no_sense_counts_for_nothing(rest: str) -> None:
    fingerprint = units_after()["unit"].partition("\t")[0]
    reuse = Reuse({"unit": fingerprint + rest}, stored())
    assert len(reuse.with_value("unit", "this", Maker().with_value, BlobRef)[1]) == 2


def test_what_has_no_fingerprint_is_made_each_time() -> None:
    units: dict[str, str] = {}
    for _ in range(2):
        reuse = Reuse(units, stored())
        assert len(reuse.objects("unit", (n for n in range(2)), Maker())) == 2
        assert len(reuse.with_value("other", (n for n in range(2)), Maker().with_value, BlobRef)[1]) == 2
        units = reuse.units
        assert units == {}
