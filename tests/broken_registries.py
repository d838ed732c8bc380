"""The registry of `builders` with a plugin of a stranger in it, and the ways in which any of its plugins may be broken.

time.change(evil())                               # registry_in_time.py
time.change(changes_of({SPAM: ["readme is empty"]}))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from builders import (
    CACHE,
    LEFT_OUT,
    PANEL,
    SPAM,
    a_listing,
    a_namespace,
    a_panel_listing,
    a_release,
    a_review,
    an_artifact,
)
from pluginry.model.names import PluginId

if TYPE_CHECKING:
    from collections.abc import Mapping

SPAM_ID, CACHE_ID, PANEL_ID = map(PluginId.parse, ("acme/spam-filter", "acme/dns-cache", "zenith/disk-panel"))
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
    """Return what breaks each folder in each of its ways."""
    changes: dict[str, Any] = {}
    for folder, ways in broken.items():
        for way in sorted(ways, key=lambda name: name != "folder is gone"):
            changes |= BREAKAGES[way](folder)
    return changes


def evil(name: str = "mask", **listing: Any) -> dict[str, Any]:
    """Return a good plugin of another namespace, with one release."""
    folder = f"plugins/evil/{name}"
    return {
        "namespaces/evil.yaml": a_namespace(namespace="evil", title="Evil", owners=[{"login": "eve", "id": 666}]),
        f"{folder}/listing.yaml": a_panel_listing(
            **{
                "name": name.title(),
                "hosts": ["mail"],
                "categories": ["security"],
                "owners": [{"login": "eve", "id": 666}],
                **listing,
            }
        ),
        f"{folder}/README.md": "# Mask\n",
        f"{folder}/releases/1.0.0.yaml": a_release("1.0.0", artifacts=[an_artifact("https://zenith.example/m.zip")]),
    }
