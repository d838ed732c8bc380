"""The first plugin and the first marketplace of the documentation are really made: their commands are run in order."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from command_line import Answer, pluginry
from github_server import ANNAS_TOKEN, REGISTRY, GithubServer
from pluginry.contribution.github_import import draft_of
from pluginry.contribution.next_release import Upstream
from pluginry.encoding.data_folder import data_folder
from pluginry.importing.listing_files import write_plugin, write_release
from pluginry.model.forge_release import ForgeRelease, ReleaseFile
from pluginry.model.listing import Account
from registry_clone import Clone

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

DOCS = data_folder("site_templates") / "docs"
PAGE = (DOCS / "20-plugin-developers.md").read_text("utf-8")
FIRST = PAGE.partition("## Your first plugin")[2].partition("## ")[0]
NEXT = PAGE.partition("## New releases")[2].partition("\n## ")[0]
BEGIN = (DOCS / "10-getting-started.md").read_text("utf-8").partition("## Begin one")[2].partition("\n## ")[0]
NETWORK = ("pluginry import github ",)
"""Asks the forge; its draft is made by what the command calls, from the package that was packed before."""


def commands(section: str) -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("pluginry ")]


class Shelf:
    """A `SourceFetcher` for the package that `pluginry pack` made, whatever version is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        assert source.url.endswith(f"/{self._path.name}")
        assert expected is None
        copy = into / "download"
        copy.write_bytes(self._path.read_bytes()[:max_bytes])
        return copy


def draft(package: Path, registry: Path) -> None:
    """Do what ``pluginry import github`` does, but for asking the forge."""
    address = "https://github.com/acme/my-plugin"
    file = ReleaseFile(name=package.name, address=f"{address}/releases/download/v0.1.0/{package.name}")
    found = ForgeRelease(
        name="acme/my-plugin",
        tag="v0.1.0",
        commit="ab" * 20,
        address=address,
        repository_id=1,
        owner=Account(login="anna", id=101),
        files=(file,),
        summary="Greets people.",
        license="MIT",
    )
    upstream = Upstream(fetchers={"url": Shelf(package)}, root=registry, max_bytes=1 << 20)
    drafted = draft_of(found, upstream, category="security")
    write_plugin(registry, drafted.plugin, drafted.listing, "# My plugin\n")
    write_release(registry, drafted.plugin, drafted.release)


def test_the_first_plugin_gets_from_nothing_to_a_pull_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: dict[str, Answer] = {}
    with GithubServer(tmp_path / "forge") as server:
        clone = Clone.of_registry(server, tmp_path)
        for name, value in {
            "GITHUB_API_URL": server.address,
            "GH_TOKEN": ANNAS_TOKEN,
            "GITHUB_REPOSITORY": REGISTRY,
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(clone.folder)
        (clone.folder / ".git/info/exclude").write_text("/my-plugin*\n", "utf-8")
        for line in commands(FIRST):
            if line.startswith(NETWORK):
                draft(clone.folder / "my-plugin-0.1.0.zip", clone.registry)
                continue
            words = shlex.split(line)[1:]
            repository = ["--repository", REGISTRY] if words[0] in ("submit", "submission") else []
            answers[words[0]] = answer = pluginry(*words, *repository)
            assert answer.status == 0, (line, answer.out, answer.err)
        [pull] = server.pulls
    assert pull["title"] == "acme/my-plugin"
    assert pull["html_url"] in answers["submit"].out
    assert "queued" in answers["submission"].out
    assert list(answers) == ["init", "check", "pack", "submit", "submission"]


def test_the_next_release_is_made_with_the_commands_of_the_page() -> None:
    # Run over real tags and files in tests/contribution/test_discovery.py and tests/cli/test_submit.py.
    assert [line.split()[1] for line in commands(NEXT)] == ["bump", "bump", "submit"]


def test_the_first_marketplace_gets_from_nothing_to_an_installed_plugin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(commands(BEGIN)) == 5
    for line in commands(BEGIN):
        answer = pluginry(*shlex.split(line)[1:])
        assert answer.status == 0, (line, answer.out, answer.err)
    fingerprint = pluginry("trust", "show", "--workspace", "market", "--json").data["fingerprint"]
    home = tmp_path / "home"
    assert pluginry("source", "add", "main", "market/dist", "--fingerprint", fingerprint, home=home).status == 0
    installed = pluginry("install", "you/hello", home=home)
    assert installed.status == 0, installed.err
