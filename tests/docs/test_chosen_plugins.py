"""The page on a marketplace of chosen plugins: its commands are run in order, over a copy of another marketplace."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from command_line import Shelf, pluginry
from pluginry.encoding.data_folder import data_folder
from pluginry.model.manifest import Runtime

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PAGE = (data_folder("site_templates") / "docs" / "41-chosen-plugins.md").read_text("utf-8")


def commands() -> list[str]:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [line for language, block in blocks if not language for line in block.splitlines()]


def test_the_commands_lead_from_a_copy_to_installed_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/cache")
    python = Runtime(kind="python", entry_point="spam:Filter", paths=("src",))
    files = {"src/spam.py": b"class Filter: ...\n"}
    for version in ("1.0.0", "1.1.0"):
        needs = {"acme/cache": ">=1"}
        shelf.market.release("acme/spam-filter", version, dependencies=needs, runtime=python, files=files)
    shelf.market.release("acme/game")
    shelf.publish()
    shelf.folder.rename(tmp_path / "mirror")
    known = {"SHA256": shelf.fingerprint, "LOGIN": "it", "ID": "7"}
    home = tmp_path / "home"
    assert len(commands()) == 10
    for line in commands():
        if "OURS" in line:
            known["OURS"] = pluginry("trust", "show", "--workspace", "market", "--json").data["fingerprint"]
        typed = re.sub(r"\b(SHA256|OURS|LOGIN|ID)\b", lambda word: known[word[0]], line)
        answer = pluginry(*shlex.split(typed)[1:], home=home)
        assert answer.status == 0, (line, answer.out, answer.err)
        if "import" in line:
            (tmp_path / "mirror").rename(tmp_path / "unplugged")
    assert {one["id"] for one in pluginry("list", "--json", home=home).data} == {"acme/cache", "acme/spam-filter"}
    assert pluginry("source", "refresh", home=home).status == 0
    found = pluginry("search", "--json", home=home).data
    assert {one["id"] for one in found} == {"acme/cache", "acme/spam-filter", "ours/clock"}
