"""Searches in a catalogue of 100,000 plugins, as a client makes them: for `make bench`."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pluginry.client.search import Filters, search
from pluginry.client.search_table import SearchTable
from pluginry.encoding import canonical_json
from pluginry.model.names import Name
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST = ("ba", "ke", "li", "mo", "nu", "pe", "ra", "so", "tu", "vi", "za", "do")
_LAST = ("lar", "ment", "tron", "dex", "sy", "graph", "mail", "spam", "clock", "net", "filter", "view", "cache", "log")


def a_catalogue(count: int) -> bytes:
    """Return ``v1/index.json`` of a made-up marketplace; the same one each time."""
    source = random.Random(count)  # noqa: S311 - the same catalogue each time
    words = [first + last for first in _FIRST for last in _LAST]
    plugins = [
        {
            "id": f"{source.choice(words)}{number % 977}/{source.choice(words)}-{number}",
            "name": f"{source.choice(words).title()} {number}",
            "summary": " ".join(source.choices(words, k=8)),
            "hosts": [source.choice(("mairust", "oko", "panel"))],
            "status": "active",
            "channels": {"stable": "1.2.3"},
            "tags": source.sample(words, k=3),
            "license": source.choice(("MIT", "Apache-2.0")),
            "permissions": source.sample(("network", "files", "mail.headers"), k=source.randint(0, 2)),
            "platforms": ["any"],
            "works_with": {"mairust": source.choice((">=0.4,<1", ">=1"))},
        }
        for number in range(count)
    ]
    return canonical_json.encode({"format": 1, "name": "Bench", "hosts": [], "categories": [], "plugins": plugins})


def searches(count: int) -> dict[str, Callable[[], object]]:
    """Return what is measured, by a name that says how many plugins match."""
    catalogue = a_catalogue(count)
    table = SearchTable.of(catalogue, max_bytes=len(catalogue))
    text, summaries = table.text(), table.summaries
    here = Filters(host=Name("mairust"), host_version=Version("0.5.0"), without_permission=("network",))
    asked = {
        "no words": ("", Filters()),
        "no words, host version, no network": ("", here),
        "two words": ("balar kement", Filters()),
        "one word, host version, no network": ("tumail", here),
        "an exact name": ("balar-77", Filters()),
        "a letter that nearly all hold": ("e", Filters()),
    }
    work: dict[str, Callable[[], object]] = {
        "make the table of a catalogue (once after a refresh)": lambda: SearchTable.of(
            catalogue, max_bytes=len(catalogue)
        ),
        "read the table": lambda: SearchTable.parse(text, summaries),
    }
    for says, (words, filters) in asked.items():
        found = len(search(table, words, filters))
        work[f"search: {says} ({found:,} found)"] = lambda words=words, filters=filters: search(table, words, filters)  # type: ignore[misc]  # bound at once
    return work
