from __future__ import annotations

import gc

import pytest

from pluginry.publisher.collector import uncollected


@uncollected()
def is_collected() -> bool:
    return gc.isenabled()


def test_cycles_are_looked_for_again_afterwards_whatever_happened() -> None:
    assert gc.isenabled()
    assert not is_collected()
    assert gc.isenabled()
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_who_wants_none_at_all_gets_none_afterwards_either() -> None:
    gc.disable()
    try:
        assert not is_collected()
        assert not gc.isenabled()
    finally:
        gc.enable()
