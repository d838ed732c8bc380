from __future__ import annotations

import pytest

from memory_store import MemoryStore
from pluginry.errors import ObjectMissingError
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.model.published import json_page
from pluginry.publisher.metadata_view import MetadataView
from watched_store import WatchedStore

PAGE = "v1/index.json"


def a_view() -> tuple[MetadataView, WatchedStore]:
    store = WatchedStore(MemoryStore(location="here", objects={TIMESTAMP_KEY: b"one", PAGE: b"page"}))
    return MetadataView(store), store


def test_trust_metadata_is_read_once_and_stands_still() -> None:
    view, store = a_view()
    assert view.read(TIMESTAMP_KEY) == b"one"
    store.inner.objects[TIMESTAMP_KEY] = b"two"
    assert view.read(TIMESTAMP_KEY) == b"one"
    assert len(store.requests) == 1
    assert MetadataView(store).read(TIMESTAMP_KEY) == b"two"


def test_everything_else_is_that_of_the_store() -> None:
    view, store = a_view()
    view.read(PAGE)
    store.inner.objects[PAGE] = b"another"
    assert view.read(PAGE) == b"another"
    assert (view.location, view.parallelism) == (store.location, store.parallelism)
    assert [found.key for found in view.list("v1/")] == sorted(store.inner.objects)
    found = view.find(PAGE)
    assert found is not None
    assert not view.create(json_page(PAGE, b"new"))
    view.replace(json_page(PAGE, b"new"), expected=found.tag)
    assert store.inner.objects[PAGE] == b"new"


def test_what_is_written_through_it_is_read_anew() -> None:
    view, _ = a_view()
    view.read(TIMESTAMP_KEY)
    found = view.find(TIMESTAMP_KEY)
    assert found is not None
    view.replace(json_page(TIMESTAMP_KEY, b"two"), expected=found.tag)
    assert view.read(TIMESTAMP_KEY) == b"two"
    view.remove(TIMESTAMP_KEY)
    with pytest.raises(ObjectMissingError):
        view.read(TIMESTAMP_KEY)
