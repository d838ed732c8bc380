"""Pagefind itself, and what happens where it fails."""

from __future__ import annotations

import gzip
import json
import sys
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.pagefind_indexer import PagefindIndexer
from pluginry.errors import TransportError
from pluginry.model.names import PluginId
from pluginry.model.text_page import TextPage

if TYPE_CHECKING:
    from pathlib import Path


def a_page(name: str, html: str) -> TextPage:
    return TextPage(id=PluginId.parse(f"acme/{name}"), name=name.title(), html=html)


def a_program(folder: Path, script: str) -> Path:
    program = folder / "program"
    program.write_text(f"#!{sys.executable}\n{script}\n", "utf-8")
    program.chmod(0o755)
    return program


def test_words_and_the_scripts_that_search_them_and_nothing_of_its_own_looks() -> None:
    pages = [a_page("spam", "<p>Knows zebras</p>"), a_page("dns", "<p>Knows <code>&lt;b&gt;</code></p>")]
    found = PagefindIndexer().index(iter(pages), language="en")
    kinds = {name.rpartition(".")[2] for name in found}
    assert kinds == {"js", "json", "pagefind", "pf_meta", "pf_index", "pf_fragment"}
    assert {name for name in found if name.endswith(".js")} == {"pagefind.js", "pagefind-worker.js"}
    assert json.loads(found["pagefind-entry.json"])["languages"]["en"]["page_count"] == 2
    texts = [gzip.decompress(body).decode() for name, body in found.items() if name.startswith("fragment/")]
    assert all(text.startswith("pagefind_dcd") for text in texts)
    said = {
        (one["meta"]["id"], one["meta"]["title"]): one["content"] for one in map(json.loads, (t[12:] for t in texts))
    }
    assert said[("acme/spam", "Spam")].strip() == "Knows zebras."
    assert "<b>" in said[("acme/dns", "Dns")]


def test_the_same_texts_give_the_same_files() -> None:
    pages = [a_page("spam", "<p>Knows zebras</p>")]
    assert PagefindIndexer().index(pages, language="de") == PagefindIndexer().index(pages, language="de")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import sys; sys.exit('out of memory')", "out of memory"),
        ("import os; os.kill(os.getpid(), 9)", "status -9"),
        ("pass", "status 0"),
    ],
    ids=["fails", "is killed", "writes nothing"],
)
def test_a_program_that_fails_is_said_to(tmp_path: Path, script: str, reason: str) -> None:
    with pytest.raises(TransportError, match="Pagefind failed") as failure:
        PagefindIndexer(a_program(tmp_path, script)).index([a_page("spam", "")], language="en")
    assert reason in failure.value.why


def test_a_program_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="cannot be started"):
        PagefindIndexer(tmp_path / "nowhere").index([a_page("spam", "")], language="en")
