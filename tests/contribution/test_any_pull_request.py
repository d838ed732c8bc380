"""Whatever a pull request holds, there is a verdict; and strangers never get one that merges somebody else's plugin."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import (
    CACHE,
    LEFT_OUT,
    PANEL,
    SPAM,
    a_cache_listing,
    a_config,
    a_listing,
    a_namespace,
    a_png,
    a_release,
    an_advisory,
)
from pluginry.model.finding import Verdict
from pull_requests import ANNA, MALLORY, ROSA, ZOE, Forge, Link, Submodule

PATHS = st.sampled_from(
    [
        "registry.yaml",
        "reserved.yaml",
        "hosts/mail.yaml",
        "namespaces/acme.yaml",
        "namespaces/omega.yaml",
        "advisories/PLG-2026-0001.yaml",
        "advisories/x/y",
        "plugins/acme",
        "plugins/acme/x",
        f"{SPAM}/listing.yaml",
        f"{SPAM}/listing.yaml/deeper",
        f"{SPAM}/releases/1.1.0.yaml",
        f"{SPAM}/releases/1.2.0.yaml",
        f"{SPAM}/releases/last.yaml",
        f"{SPAM}/source/1.0.0/plugin.yaml",
        f"{SPAM}/source/1.2.0/plugin.yaml",
        f"{SPAM}/reviews/666.yaml",
        f"{SPAM}/screenshots/main.png",
        f"{CACHE}/releases/1.0.0.yaml",
        f"{PANEL}/README.md",
        "plugins/zenith/spam-filter/listing.yaml",
        "/index/ledger/x.jsonl",
        "/.github/workflows/x.yml",
        "/a\nb",
        "/\udc80",
        "/..\\x",
    ]
)
CONTENTS: st.SearchStrategy[Any] = st.sampled_from(
    [
        LEFT_OUT,
        Link("/etc/passwd"),
        Submodule(),
        "",
        "a: [",
        "schema: 1\n",
        "\0\xff",
        b"\xff\xfe",
        a_png(),
        a_config(),
        a_listing(),
        a_listing(owners=[{"login": "mallory", "id": 666}], aliases=LEFT_OUT, name="*[x](y)"),
        a_cache_listing(replaced_by="acme/spam-filter", status="deprecated", reason="Old.", related=["acme/none"]),
        a_release("1.1.0", yanked="It is broken."),
        a_release("1.2.0"),
        a_namespace(owners=[{"login": "mallory", "id": 666}]),
        an_advisory(withdrawn="2026-03-01T00:00:00Z"),
    ]
)


@cache
def forge() -> Forge:
    return Forge.with_registry(Path(mkdtemp()))


@settings(max_examples=25)
@given(st.dictionaries(PATHS, CONTENTS, min_size=1, max_size=4), st.sampled_from([ANNA, ZOE, ROSA, MALLORY, None]))
def test_there_is_always_a_verdict(changes: dict[str, Any], author: Any) -> None:
    head = forge().branch(_possible(changes))
    decision = forge().judged(head, author=author)
    touched = {str(plugin) for plugin in decision.plugins} - {"zenith/spam-filter"}
    if author in (MALLORY, None) and touched:
        assert not decision.merges
    if decision.verdict is Verdict.REFUSED:
        assert decision.reasons


def _possible(changes: dict[str, Any]) -> dict[str, Any]:
    """Return `changes` without files below other files: git has no such trees."""
    return {path: content for path, content in changes.items() if not any(path.startswith(f"{p}/") for p in changes)}
