"""A fingerprint is another one as soon as anything in the value is, and the same for an equal value made again."""

from __future__ import annotations

import threading
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from any_model import anything_of
from pluginry.encoding import documents
from pluginry.model.digest import Digest
from pluginry.model.host import HostProfile
from pluginry.model.index import PluginRecord
from pluginry.model.listing import Listing
from pluginry.model.manifest import Manifest
from pluginry.model.names import Name, PluginId
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.fingerprint import ByDigest, Fingerprints, only
from pluginry.publisher.pages.languages import Text

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = (Listing, Manifest, PluginRecord, HostProfile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that is part of several things."""

    name: str
    hidden: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Something else with the same fields."""

    name: str
    hidden: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """Something with one field."""

    name: str


def of(value: object) -> str:
    return Fingerprints().of(value)


@given(st.sampled_from(KINDS).flatmap(anything_of), st.data())
def test_values_have_the_same_fingerprint_if_and_only_if_their_documents_are_the_same(
    one: Any, data: st.DataObject
) -> None:
    other = data.draw(anything_of(type(one)))
    assert (of(one) == of(other)) == (documents.encode(one) == documents.encode(other))
    assert of(one) == of(deepcopy(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Part(name="a"), Part(name="b")),
        (Part(name="a", hidden="x"), Part(name="a", hidden="y")),
        (Part(name="a"), Other(name="a")),
        (Single(name="a"), Single(name="b")),
        (("ab", "c"), ("a", "bc")),
        ("1", 1),
        (1, True),
        ("", None),
        ((), None),
        (b"a", "a"),
        ({"a": 1}, {"a": 2}),
        (MappingProxyType({"a": 1}), MappingProxyType({"a": 2})),
        (Version("1.0.0"), Version("1.0.1")),
        (VersionRange(">=1.0"), VersionRange(">=1.1")),
        (PluginId(Name("a"), Name("b")), "a/b"),
        (Digest.of(b"a"), Digest.of(b"b")),
        (Text.of("word", "de"), Text.of("word", "fr")),
        (Text.of("word", "de"), "word"),
        (ByDigest([Digest.of(b"a")], str), ByDigest([Digest.of(b"b")], str)),
        (len, max),
        (of, test_values_have_the_same_fingerprint_if_and_only_if_their_documents_are_the_same),
    ],
    ids=lambda value: getattr(value, "__name__", None) or repr(value),  # the repr of a function differs in each run
)
def test_what_differs_in_anything_differs(one: object, other: object) -> None:
    assert of(one) != of(other)
    assert of((one, one)) != of((one, other))
    assert of(one) == of(one)


def test_shared_values_count_like_any_others() -> None:
    shared, one = Fingerprints([Part]), Part(name="a")
    first = [shared.of((one, number)) for number in range(5)]
    assert len(set(first)) == 5
    assert first[0] == shared.of((Part(name="a"), 0))
    for other in (Part(name="b"), replace(one, hidden="x"), Other(name="a")):
        assert shared.of((other, 0)) != first[0]


def test_a_shared_value_is_taken_apart_once() -> None:
    shared, one = Fingerprints([Part]), Part(name="a")
    first = shared.of((one,))
    object.__setattr__(one, "name", "b")  # nobody does that: it shows that it is not looked at again
    assert shared.of((one,)) == first
    assert of((one,)) != of((Part(name="a"),))


def test_a_shared_value_is_remembered_as_long_as_others_could_get_its_place_in_memory() -> None:
    shared = Fingerprints([Part])
    seen = [shared.of((Part(name=str(number)),)) for number in range(200)]
    assert len(set(seen)) == 200


@pytest.mark.parametrize("make", [lambda: (number for number in range(3)), threading.Lock, Path.cwd().iterdir])
def test_what_is_no_value_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        of(make())


def test_values_by_digest_are_named_by_their_keys() -> None:
    one, other = Digest.of(b"a"), Digest.of(b"b")
    named = {one: "a", other: "b"}
    values = ByDigest(named, named.__getitem__)
    assert of(only(values, [one])) == of(ByDigest([one], str)) != of(values)
    assert only(values, [other, Digest.of(b"c")]) == {other: "b"}
    assert of(only(named, [one])) != of({one: "whatever"})


def test_values_by_digest_are_named_without_being_read() -> None:
    def read(digest: Digest) -> str:
        raise AssertionError(digest)

    assert of(only(ByDigest([Digest.of(b"a"), Digest.of(b"b")], read), [Digest.of(b"a")]))


def test_it_is_the_same_whether_a_part_is_there_twice_or_two_are_alike() -> None:
    one, other = Part(name="a", hidden="b"), Part(name="a", hidden="b")
    name, same = "a long name", "a long name!"[:-1]
    assert name is not same
    assert of((one, one, name, name)) == of((one, other, name, same))
    assert of((one, one)) != of((one,))
