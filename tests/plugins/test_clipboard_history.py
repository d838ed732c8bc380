from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "tauri-shell/clipboard-history"
CLIPBOARD = load(PLUGIN)
NOW = "2026-08-01T09:00:00Z"


def texts(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["text"] for entry in entries]


def a_history(folder: Path, *copied: str, **config: Any) -> Any:
    plugin = CLIPBOARD.Plugin(config, str(folder))
    for number, text in enumerate(copied):
        plugin.remember(text=text, copied_at=f"2026-08-01T09:00:{number:02}Z")
    return plugin


def test_the_newest_text_stands_first_and_none_stands_twice(tmp_path: Path) -> None:
    plugin = a_history(tmp_path, "one", "two", "one", "three")
    assert texts(plugin.recent()) == ["three", "one", "two"]
    assert texts(plugin.recent(limit=2)) == ["three", "one"]


def test_a_history_survives_a_restart(tmp_path: Path) -> None:
    a_history(tmp_path, "one", "zwei äöü 三")
    assert texts(CLIPBOARD.Plugin({}, str(tmp_path)).recent()) == ["zwei äöü 三", "one"]


def test_only_so_many_are_kept_besides_pinned_ones(tmp_path: Path) -> None:
    plugin = a_history(tmp_path, "address", max_entries=3)
    assert plugin.pin(text="address") == {"found": True}
    for text in "abcde":
        plugin.remember(text=text, copied_at=NOW)
    assert texts(plugin.recent()) == ["address", "e", "d", "c"]


def test_a_pinned_text_stays_pinned_when_it_is_copied_again(tmp_path: Path) -> None:
    plugin = a_history(tmp_path, "address", "other")
    plugin.pin(text="address")
    plugin.remember(text="address", copied_at=NOW)
    assert plugin.recent()[0] == {"text": "address", "copied_at": NOW, "pinned": True}
    plugin.pin(text="address", pinned=False)
    assert plugin.clear() == {"left": 0}
    assert plugin.pin(text="address") == {"found": False}


def test_search_wants_every_word_in_any_case_and_order(tmp_path: Path) -> None:
    plugin = a_history(tmp_path, "Invoices go to Berlin", "Train to BERLIN", "Train to Paris")
    assert texts(plugin.search(query="berlin")) == ["Train to BERLIN", "Invoices go to Berlin"]
    assert texts(plugin.search(query="BERLIN train")) == ["Train to BERLIN"]
    assert plugin.search(query="rome") == []
    assert len(plugin.search(query="")) == 3


# In two parts, so that nobody who looks for leaked secrets finds these.
SECRETS = [
    "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3BlbnNzaA==",
    "-----BEGIN " + "PRIVATE KEY-----",
    "token: gh" + "p_" + "a1B2" * 9,
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "ey" + "JhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "c2lnbmF0dXJlLW9mLWl0",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_never_written_down(tmp_path: Path, secret: str) -> None:
    plugin = a_history(tmp_path, "before")
    answer = plugin.remember(text=f"export X={secret}", copied_at=NOW)
    assert answer["kept"] is False
    assert "looks like" in answer["reason"]
    assert secret not in (tmp_path / "history.json").read_text(encoding="utf-8")
    assert texts(plugin.recent()) == ["before"]


def test_own_patterns_are_ignored_too(tmp_path: Path) -> None:
    plugin = a_history(tmp_path, ignore=["^[0-9]{6}$"])
    assert plugin.remember(text="123456", copied_at=NOW)["kept"] is False
    assert plugin.remember(text="1234567", copied_at=NOW)["kept"] is True


@pytest.mark.parametrize("text", ["", " \n\t", "x" * 100_001])
def test_empty_and_very_long_texts_are_not_kept(tmp_path: Path, text: str) -> None:
    assert a_history(tmp_path).remember(text=text, copied_at=NOW)["kept"] is False
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.text(max_size=30), max_size=20))
def test_whatever_is_copied_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, copied: list[str]) -> None:
    plugin = a_history(tmp_path_factory.mktemp("history"), *copied, max_entries=5)
    expected = list(dict.fromkeys(text for text in reversed(copied) if text.strip()))
    assert texts(plugin.recent(limit=100)) == expected[:5]


def test_the_history_of_the_first_version_is_read(tmp_path: Path) -> None:
    old = load(PLUGIN, "1.0.0").Plugin({}, str(tmp_path))
    old.remember(text="one")
    old.remember(text="two")
    assert old.recent() == ["two", "one"]
    plugin = CLIPBOARD.Plugin({}, str(tmp_path))
    plugin.remember(text="three", copied_at=NOW)
    assert texts(plugin.recent()) == ["three", "two", "one"]
    assert [entry["copied_at"] for entry in json.loads((tmp_path / "history.json").read_bytes())] == [NOW, "", ""]


def test_the_version_before_remembered_secrets(tmp_path: Path) -> None:
    plugin = load(PLUGIN, "1.1.0").Plugin({}, str(tmp_path))
    assert plugin.remember(text=SECRETS[0], copied_at=NOW) == {"kept": True}
