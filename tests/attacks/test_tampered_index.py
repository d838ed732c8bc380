"""Whoever controls the bucket changes a record: here, a release that was withdrawn is offered again.

That no changed or missing byte of any object is ever believed is shown in ``unit/client/test_every_byte.py``, and for
every published file in ``e2e/test_every_byte.py``; here, objects are cut, lengthened and exchanged as well.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pluginry.encoding import documents, tree
from pluginry.errors import PluginryError, TamperedError
from simulated_client import a_client, install, versions_in
from victims import DEMO, a_market, installed_file, key_of_record, record_in

if TYPE_CHECKING:
    from simulator import Simulator


def attacked() -> Simulator:
    market = a_market("1.0.0", "1.1.0")
    market.amend("acme/demo", "1.1.0", yanked="it loses mail")
    root = market.publish()
    record = record_in(market, root)
    offered_again = replace(record, releases=tuple(replace(one, yanked=None) for one in record.releases))
    market.objects[key_of_record(root)] = documents.encode(offered_again)
    return market


def test_a_tampered_record_is_refused(tmp_path: Path) -> None:
    client = a_client(tmp_path, attacked())
    with pytest.raises(TamperedError, match="not the one that the index names"):
        install(client, "acme/demo")
    assert versions_in(client) == {}


def test_without_the_hash_tree_it_would_be_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "checked", lambda data, _ref: data)
    client = a_client(tmp_path, attacked())
    install(client, "acme/demo")
    assert versions_in(client) == {"acme/demo": "1.1.0"}


@cache
def untouched() -> Simulator:
    return a_market("1.0.0", "1.1.0")


@cache
def genuine() -> object:
    return what_comes_of(dict(untouched().objects))


KEYS = st.deferred(lambda: st.sampled_from(sorted(untouched().objects)))
KINDS = st.sampled_from(("flip", "cut", "lengthen", "exchange", "copy", "withhold"))


def mutated(objects: dict[str, bytes], mutation: tuple[str, str, str, int]) -> None:
    kind, key, other, place = mutation
    body = objects.get(key, b"")
    at = place % max(len(body), 1)
    if kind == "exchange":
        objects[key], objects[other] = objects.get(other, b""), body
        return
    if kind == "withhold":
        objects.pop(key, None)
        return
    objects[key] = {
        "flip": body[:at] + bytes(byte ^ 1 << place % 8 for byte in body[at : at + 1]) + body[at + 1 :],
        "cut": body[:at],
        "lengthen": body + bytes(1 + place % 100),
        "copy": objects.get(other, b""),
    }[kind]


def what_comes_of(objects: dict[str, bytes]) -> object:
    """Return what a new client installs from `objects`; None when it refuses."""
    market = untouched()
    before = dict(market.objects)
    market.objects.clear()
    market.objects.update(objects)
    try:
        with tempfile.TemporaryDirectory() as home:
            client = a_client(Path(home), market)
            install(client, "acme/demo")
            return versions_in(client), installed_file(client), client.record(DEMO)
    except PluginryError:
        return None
    finally:
        market.objects.clear()
        market.objects.update(before)


@settings(max_examples=120)
@given(st.lists(st.tuples(KINDS, KEYS, KEYS, st.integers(0, 1 << 16)), min_size=1, max_size=4))
def test_no_mutation_of_any_object_yields_another_package(mutations: list[tuple[str, str, str, int]]) -> None:
    objects = dict(untouched().objects)
    for mutation in mutations:
        mutated(objects, mutation)
    assert what_comes_of(objects) in (None, genuine())


def test_untouched_the_package_is_accepted() -> None:
    assert genuine() is not None
