"""One bad plugin never stops the others: broken in four ways at once, all five stay in the index, and all is told."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from e2e.deeds import add_source, commit, git, new_release, plugin, rewrite
from e2e.marketplace_on_disk import CACHE, PLUGINS, SCORER
from pluginry.publisher.pages.addresses import ALL_PLUGINS

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.marketplace_on_disk import Workspace

GUARD, DLP, VACATION = "mairust/attachment-guard", "mairust/dlp-check", "mairust/vacation-reply"
CRASH = "MAKE THE RENDERER CRASH"
BROKEN_RENDERER = f"""
import pluginry.publisher.pages.plugin_pages as pages
from pluginry.cli.main import run

genuine = pages.readme_html

def readme_html(text):
    if {CRASH!r} in text:
        raise IndexError("as met by hostile content")
    return genuine(text)

pages.readme_html = readme_html
run()
"""


@pytest.fixture
def market(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return the published workspace as a git checkout."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-such-file"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (workspace.root / ".gitignore").write_text("/.pluginry\n/dist\n/home*\n/*.md\n", "utf-8")
    git(workspace, "init", "-q", "-b", "main")
    commit(workspace)
    return workspace


def break_everything(market: Workspace) -> None:
    """Break four of five plugins: a listing, a release, a digest, and what our renderer cannot bear."""
    rewrite(plugin(market, SCORER) / "listing.yaml", "license: ", "license: no-such-")
    (plugin(market, CACHE) / "releases" / "9.0.0.yaml").write_text("schema: 1\nversion: [", "utf-8")
    new_release(market, GUARD, "9.0.0", sha256="0" * 64)
    with (plugin(market, DLP) / "README.md").open("a", encoding="utf-8") as stream:
        stream.write(f"\n{CRASH}\n")


def with_broken_renderer(market: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a Pluginry that has a mistake."""
    command = [sys.executable, "-c", BROKEN_RENDERER, *arguments]
    return subprocess.run(command, cwd=market.root, capture_output=True, text=True, check=False)


def records(market: Workspace) -> dict[str, bytes]:
    folder = market.dist / "v1" / "plugins"
    return {path.relative_to(folder).with_suffix("").as_posix(): path.read_bytes() for path in folder.glob("*/*.json")}


def status(market: Workspace) -> Any:
    return json.loads((market.dist / "v1" / "status.json").read_bytes())


def test_four_broken_plugins_stop_nobody_and_are_told(market: Workspace) -> None:
    before = records(market)
    good = git(market, "rev-parse", "HEAD")
    break_everything(market)
    new_release(market, VACATION, "9.0.0", sha256="0" * 64)
    packed = market.pluginry("pack", str(plugin(market, VACATION) / "source" / "9.0.0"), "--dry-run")["sha256"]
    rewrite(plugin(market, VACATION) / "releases" / "9.0.0.yaml", "0" * 64, packed)
    head = commit(market)

    done = with_broken_renderer(market, "publish", "dist", "--json", "--summary", "summary.md")
    assert "Traceback" not in done.stderr
    assert done.returncode == 3, done.stderr
    answer = json.loads(done.stdout)
    assert answer["built"] == [f"{VACATION} 9.0.0"]
    assert (answer["author_faults"], answer["infrastructure_faults"]) == (3, 1)

    # All five are in the index: four as they were, and the good one with its new release.
    after = records(market)
    assert after.keys() == before.keys() == set(PLUGINS)
    assert {name for name in PLUGINS if after[name] != before[name]} == {VACATION}

    held = {(item["id"], item.get("version", "")): item for item in status(market)["quarantined"]}
    assert {key: item["kind"] for key, item in held.items()} == {
        (SCORER, ""): "author",
        (CACHE, "9.0.0"): "author",
        (GUARD, "9.0.0"): "author",
        (DLP, ""): "infrastructure",
    }
    assert held[SCORER, ""]["kept"].startswith(f"as of commit {good[:12]}; releases ")
    assert held[SCORER, ""]["causes"][0]["rule"].startswith("licences.")
    assert held[GUARD, "9.0.0"]["kept"].startswith("releases ")
    assert "IndexError while rendering its pages" in held[DLP, ""]["reason"]
    assert all(item["since"] for item in held.values())
    assert status(market)["commit"] == head

    summary = (market.root / "summary.md").read_text("utf-8")
    assert "Authors have to act (3)" in summary
    assert "Not a matter of authors (1)" in summary
    assert all(f"`{name}" in summary for name in (SCORER, f"{CACHE} 9.0.0", f"{GUARD} 9.0.0", DLP))
    assert CRASH not in summary

    # The page that could not be made says so, and the catalogue leads nowhere else.
    page = (market.dist / "plugins" / DLP / "index.html").read_text("utf-8")
    assert "could not be made" in page
    assert f"{DLP}/" in (market.dist / ALL_PLUGINS).read_text("utf-8")


def test_a_publication_with_a_quarantine_can_be_built_again_to_the_byte(market: Workspace) -> None:
    break_everything(market)
    commit(market)
    market.pluginry("publish", "dist", expect=1)
    assert market.pluginry("build", "--check", "dist")["equal"]
    assert market.pluginry("publish", "dist", expect=1)["replaced"] == 0
    git(market, "clone", "-q", ".", "elsewhere")
    shutil.copytree(market.root / ".pluginry", market.root / "elsewhere" / ".pluginry")
    shutil.copytree(market.root / "index", market.root / "elsewhere" / "index", dirs_exist_ok=True)
    assert market.pluginry("build", "--workspace", "elsewhere", "--check", "dist")["equal"]


def test_what_was_mended_is_out_of_quarantine(market: Workspace) -> None:
    registry = market.root / "registry"
    shutil.copytree(registry, market.root / "home-good")
    break_everything(market)
    commit(market)
    market.pluginry("publish", "dist", expect=1)
    since = {item["id"]: item["since"] for item in status(market)["quarantined"]}
    rewrite(plugin(market, SCORER) / "listing.yaml", "license: no-such-", "license: no-such-thing-either-")
    commit(market)
    market.pluginry("publish", "dist", expect=1)
    assert {item["id"]: item["since"] for item in status(market)["quarantined"]} == since
    shutil.rmtree(registry)
    shutil.move(market.root / "home-good", registry)
    commit(market)
    assert market.pluginry("publish", "dist")["quarantined"] == []
    assert (status(market)["quarantined"], status(market)["author_faults"]) == ([], 0)


def test_a_mistake_of_ours_ends_the_run_of_whoever_looks_for_it(market: Workspace) -> None:
    break_everything(market)
    commit(market)
    done = with_broken_renderer(market, "publish", "dist", "--debug")
    assert done.returncode == 1
    assert re.search(r"Traceback.*IndexError: as met by hostile content", done.stderr, re.DOTALL)


def test_users_install_what_was_kept(market: Workspace) -> None:
    """The scorer is in quarantine, and so is a release of the cache that it needs."""
    break_everything(market)
    commit(market)
    market.pluginry("publish", "dist", expect=1)
    add_source(market)
    consent = "mail.headers:inbound,mail.modify:headers,network.dns:any"
    market.pluginry("install", f"{SCORER}@<1.2", "--accept-permissions", consent)


def test_without_the_history_a_plugin_is_left_out_and_that_is_no_secret(market: Workspace) -> None:
    break_everything(market)
    commit(market)
    git(market, "clone", "-q", "--depth", "1", market.root.as_uri(), "shallow")
    for name in (".pluginry", "index", "dist"):
        shutil.copytree(market.root / name, market.root / "shallow" / name, dirs_exist_ok=True)
    answer = market.pluginry("publish", "shallow/dist", "--workspace", "shallow", expect=1)
    reasons = {item["id"]: item["reason"] for item in answer["quarantined"]}
    assert "fetch-depth: 0" in reasons[SCORER]
    assert answer["plugins"] == len(PLUGINS) - 1


def test_what_concerns_everybody_stops_everything(market: Workspace) -> None:
    before = (market.dist / "v1" / "status.json").read_bytes()
    (market.root / "registry" / "registry.yaml").write_text("schema: 1\n", "utf-8")
    answer = market.pluginry("publish", "dist", "--summary", "summary.md", expect=1)
    assert "concern everybody" in answer["error"]["what"]
    assert (market.dist / "v1" / "status.json").read_bytes() == before
