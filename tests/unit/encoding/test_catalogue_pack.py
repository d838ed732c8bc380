"""Catalogues and logs packed for the way come out as they went in, and hostile ones stay within their bounds."""

from __future__ import annotations

import bz2
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from any_catalogue import CATALOGUES
from any_model import anything_of
from pluginry.encoding.catalogue_pack import pack_catalogue, pack_log, unpack_catalogue, unpack_log
from pluginry.errors import DocumentError
from pluginry.model.catalogue_log import CatalogueLog

if TYPE_CHECKING:
    from collections.abc import Callable


@given(CATALOGUES)
def test_a_catalogue_comes_out_as_it_went_in(catalogue: bytes) -> None:
    assert unpack_catalogue(pack_catalogue(catalogue), max_bytes=1 << 20) == catalogue


@given(anything_of(CatalogueLog))
def test_a_log_comes_out_as_it_went_in(log: CatalogueLog) -> None:
    assert unpack_log(pack_log(log), max_bytes=1 << 20) == log


def packed(value: object) -> bytes:
    return bz2.compress(json.dumps(value).encode())


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"no bzip2",
        bz2.compress(b'{"head":"","columns":{}}')[:-3],
        bz2.compress(b'{"head":"","columns":{}}') + b"more",
        packed([]),
        packed({"head": 1, "columns": {}}),
        packed({"head": "", "columns": [1]}),
        packed({"head": "", "columns": {"a": [1], "b": []}}),
        packed({"head": "", "columns": {"a": 1}}),
        packed({"head": "", "columns": {"x" * 100_000: [1] * 20_000}}),
    ],
)
def test_what_is_not_well_formed_or_too_large_is_refused(hostile: bytes) -> None:
    with pytest.raises(DocumentError):
        unpack_catalogue(hostile, max_bytes=1 << 20)


@pytest.mark.parametrize("unpack", [unpack_catalogue, unpack_log])
def test_what_unpacks_to_more_than_it_may_is_refused(unpack: Callable[..., object]) -> None:
    with pytest.raises(DocumentError):
        unpack(bz2.compress(b" " * (64 << 20)), max_bytes=1 << 20)
