"""Whoever is broken, in whatever way: what everybody else has in the index is the same to the byte."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from broken_registries import ANY_BREAKAGE, FIRST_RELEASE, changes_of, evil
from registry_in_time import RegistryInTime

if TYPE_CHECKING:
    from collections.abc import Mapping


def of_others(index: dict[str, bytes], broken: Mapping[str, object]) -> dict[str, bytes]:
    """Return what is about one plugin that is not `broken`; lists and numbers are about all of them."""
    theirs = tuple(folder.removeprefix("plugins/") for folder in broken)
    about_one = {key: body for key, body in index.items() if key.startswith(("record ", "summary ", "v1/plugins/"))}
    return {key: body for key, body in about_one.items() if not key.removesuffix(".json").endswith(theirs or ("/",))}


@settings(max_examples=25)
@given(broken=ANY_BREAKAGE, has_history=st.booleans())
def test_the_rest_of_the_index_is_as_if_nothing_were_broken(broken: dict[str, list[str]], has_history: bool) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        time = RegistryInTime.at(Path(scratch))
        time.change(evil("mask") | evil("veil"))
        time.publish()
        before = time.index()
        if not has_history:
            time.history.states.clear()
        time.change(changes_of(broken), is_committed=has_history)
        time.publish()
        after = time.index()
        assert of_others(after, broken) == of_others(before, broken)
        if has_history:
            assert {key.partition(" ")[2] for key in after if key.startswith("record ")} == {
                folder.removeprefix("plugins/") for folder in FIRST_RELEASE
            }
        held = time.sound().quarantined
        assert {str(item.id) for item in held} <= {folder.removeprefix("plugins/") for folder in broken}
        assert bool(held) == bool(broken)
        assert time.sound().tolerated == ()
