"""Whoever is broken, in whatever way: what everybody else has in the index is the same to the byte."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import CACHE, LEFT_OUT, PANEL, SPAM, a_listing, a_release, a_review
from registry_in_time import RegistryInTime
from unit.publisher.test_quarantine import evil

if TYPE_CHECKING:
    from collections.abc import Mapping

MASK, VEIL = "plugins/evil/mask", "plugins/evil/veil"
FIRST_RELEASE = {SPAM: "1.0.0", CACHE: "1.0.0", PANEL: "2.0.0", MASK: "1.0.0", VEIL: "1.0.0"}
BREAKAGES: Mapping[str, Any] = {
    "listing cannot be read": lambda folder: {f"{folder}/listing.yaml": "a: ["},
    "listing is bad": lambda folder: {f"{folder}/listing.yaml": a_listing(license="?", aliases=[], screenshots=[])},
    "listing is gone": lambda folder: {f"{folder}/listing.yaml": LEFT_OUT},
    "folder is gone": lambda folder: {f"{folder}/": LEFT_OUT},
    "readme is empty": lambda folder: {f"{folder}/README.md": " "},
    "icon is no picture": lambda folder: {f"{folder}/icon.png": b"GIF89a"},
    "stray file": lambda folder: {f"{folder}/x.txt": "x"},
    "stray release": lambda folder: {f"{folder}/releases/latest.yaml": "schema: 1"},
    "new release cannot be read": lambda folder: {f"{folder}/releases/8.0.0.yaml": "a: ["},
    "new release is bad": lambda folder: {f"{folder}/releases/8.0.0.yaml": a_release("8.0.0", channel="none")},
    "published release is broken": lambda folder: {f"{folder}/releases/{FIRST_RELEASE[folder]}.yaml": "a: ["},
    "published release is gone": lambda folder: {f"{folder}/releases/{FIRST_RELEASE[folder]}.yaml": LEFT_OUT},
    "sources are bad": lambda folder: {f"{folder}/source/8.0.0/plugin.yaml": "a: ["},
    "review is bad": lambda folder: {f"{folder}/reviews/777.yaml": a_review(rating=9)},
}
ANY_BREAKAGE = st.dictionaries(
    st.sampled_from(sorted(FIRST_RELEASE)), st.lists(st.sampled_from(sorted(BREAKAGES)), min_size=1, max_size=3)
)


def changes_of(broken: Mapping[str, list[str]]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for folder, ways in broken.items():
        for way in sorted(ways, key=lambda name: name != "folder is gone"):
            changes |= BREAKAGES[way](folder)
    return changes


def of_others(index: dict[str, bytes], broken: Mapping[str, object]) -> dict[str, bytes]:
    """Return what is about one plugin that is not `broken`; lists and numbers are about all of them."""
    theirs = tuple(folder.removeprefix("plugins/") for folder in broken)
    about_one = {key: body for key, body in index.items() if key.startswith(("record ", "summary ", "v1/plugins/"))}
    return {key: body for key, body in about_one.items() if not key.removesuffix(".json").endswith(theirs or ("/",))}


@settings(max_examples=25, deadline=None)
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
