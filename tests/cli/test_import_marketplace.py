"""``pluginry import marketplace``: chosen plugins of another marketplace, verified, and published without it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from command_line import Answer, Shelf, pluginry
from pluginry.model.advisory import Action
from pluginry.model.manifest import Runtime

ADDRESS = "https://plugins.example.com"
OWNER = ("--owner", "it:7")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Filter depends on cache; watch is for itself, and has two releases and one that is not finished."""
    monkeypatch.chdir(tmp_path)
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/cache")
    shelf.market.release("acme/filter", dependencies={"acme/cache": ">=1"}, permissions=[("mail.headers", "inbound")])
    shelf.market.release("other/watch", "1.0.0")
    shelf.market.release("other/watch", "1.1.0")
    shelf.market.release("other/watch", "2.0.0-beta.1", channel="beta")
    shelf.publish()
    return shelf


def bring(shelf: Shelf, *words: str) -> Answer:
    known = ("--fingerprint", shelf.fingerprint, "--address", ADDRESS, "--registry", "own/registry", *OWNER)
    return pluginry("import", "marketplace", str(shelf.folder), *words, *known)


def listed() -> set[str]:
    folder = Path("own/registry/plugins")
    return {
        f"{path.parent.parent.relative_to(folder).as_posix()} {path.stem}" for path in folder.glob("*/*/releases/*")
    }


def test_chosen_plugins_come_with_what_they_need_and_pass_the_check(shelf: Shelf) -> None:
    answer = bring(shelf, "acme/filter")
    assert answer.status == 0, answer
    assert listed() == {"acme/filter 1.0.0", "acme/cache 1.0.0"}
    release = Path("own/registry/plugins/acme/filter/releases/1.0.0.yaml").read_text("utf-8")
    assert f"{ADDRESS}/v1/packages/acme/filter/1.0.0/filter-1.0.0.zip" in release
    assert "mail.headers" in Path("own/registry/hosts/mairust.yaml").read_text("utf-8")
    checked = pluginry("check", "own/registry")
    assert checked.status == 0, checked.out


def test_it_is_published_without_the_other_marketplace(shelf: Shelf, tmp_path: Path) -> None:
    bring(shelf, "acme/filter")
    shelf.folder.rename(tmp_path / "gone")
    assert pluginry("trust", "init", "--workspace", "own", "--signing", "none").status == 0
    published = pluginry("publish", "own/dist", "--workspace", "own")
    assert published.status == 0, published
    fingerprint = pluginry("trust", "show", "--workspace", "own", "--json").data["fingerprint"]
    home = tmp_path / "clients"
    assert pluginry("source", "add", "own", "own/dist", "--fingerprint", fingerprint, home=home).status == 0
    installed = pluginry("install", "acme/filter", "--accept-permissions", "mail.headers:inbound", home=home)
    assert installed.status == 0, installed.err
    assert pluginry("show", "other/watch", home=home).status == 7


def test_versions_are_chosen_as_in_an_installation(shelf: Shelf) -> None:
    bring(shelf, "other/watch")
    assert listed() == {"other/watch 1.1.0"}
    bring(shelf, "other/watch@1.0.0")
    assert bring(shelf, "other/watch@2.0.0-beta.1").status == 0
    assert listed() == {"other/watch 1.0.0", "other/watch 1.1.0", "other/watch 2.0.0-beta.1"}
    assert bring(shelf, "other/watch@3.0.0").status == 7


def test_the_next_run_brings_what_is_new_and_changes_nothing_else(shelf: Shelf) -> None:
    bring(shelf, "other/watch")
    listing = Path("own/registry/plugins/other/watch/listing.yaml")
    listing.write_text(listing.read_text("utf-8") + "reason: Checked by us\n", "utf-8")
    before = listing.read_bytes()
    shelf.market.release("other/watch", "1.2.0")
    shelf.publish()
    assert "1 releases added" in bring(shelf, "other/watch").out
    assert listed() == {"other/watch 1.1.0", "other/watch 1.2.0"}
    assert listing.read_bytes() == before


def test_what_is_blocked_there_does_not_come_and_is_told_where_it_came_before(shelf: Shelf) -> None:
    bring(shelf, "other/watch")
    shelf.market.advise("PLG-2026-0001", "other/watch", action=Action.BLOCK_INSTALL)
    shelf.publish()
    refused = bring(shelf, "other/watch")
    assert refused.status == 1
    assert "import.nothing-offered" in refused.out
    shelf.market.advisories[0] = replace(shelf.market.advisories[0], withdrawn=shelf.market.now)
    shelf.market.advise("PLG-2026-0002", "other/watch", action=Action.DISABLE, fixed="1.2.0")
    shelf.market.release("other/watch", "1.2.0")
    shelf.publish()
    warned = bring(shelf, "other/watch")
    assert warned.status == 10
    assert "other/watch 1.1.0: PLG-2026-0002" in warned.out
    assert listed() == {"other/watch 1.1.0", "other/watch 1.2.0"}


@pytest.mark.parametrize(
    "decision",
    [
        ("yank", "other/watch@1.1.0", "--reason", "Warned of upstream"),
        ("advise", "other/watch", "--summary", "Broken", "--action", "warn"),
    ],
    ids=lambda words: words[0],
)
def test_a_warning_comes_along_as_news_until_somebody_decided(shelf: Shelf, decision: tuple[str, ...]) -> None:
    shelf.market.advise("PLG-2026-0001", "other/watch", action=Action.WARN)
    shelf.publish()
    assert bring(shelf, "other/watch").status == 10
    assert listed() == {"other/watch 1.1.0"}
    assert bring(shelf, "other/watch").status == 10
    assert pluginry("registry", *decision, "--registry", "own/registry").status == 0
    assert bring(shelf, "other/watch").status == 0


def test_what_was_tampered_with_leaves_nothing(shelf: Shelf) -> None:
    package = shelf.folder / shelf.market.package_key("acme/cache", "1.0.0")
    package.write_bytes(package.read_bytes()[:-1] + b"!")
    assert bring(shelf, "acme/filter").status == 5
    assert not Path("own/registry").exists()


def test_categories_of_a_registry_that_is_there_are_kept(shelf: Shelf) -> None:
    words = ("--name", "Ours", "--summary", "Chosen ones", "--host-id", "mairust")
    assert pluginry("registry", "init", "own", *words).status == 0
    before = Path("own/registry/registry.yaml").read_bytes()
    assert bring(shelf, "other/watch").status == 0
    assert Path("own/registry/registry.yaml").read_bytes() == before
    assert pluginry("check", "own/registry").status == 0


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"--fingerprint": "0" * 64}, 5, "root"),
        ({"--fingerprint": None}, 2, "--fingerprint"),
        ({"--address": None}, 2, "--address"),
        ({"--address": "http://plugins.example.com"}, 2, "--address"),
        ({"--owner": "it"}, 2, "LOGIN:ID"),
        ({"plugin": "acme/flter"}, 7, "did you mean 'acme/filter'?"),
        ({"plugin": "flter"}, 2, "an id is written namespace/name"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_and_begins_nothing(
    shelf: Shelf, change: dict[str, str | None], status: int, says: str
) -> None:
    options = {"--fingerprint": shelf.fingerprint, "--address": ADDRESS, "--owner": "it:7"} | change
    plugin = options.pop("plugin", "acme/filter")
    words = [word for name, value in options.items() if value for word in (name, value)]
    refused = pluginry("import", "marketplace", str(shelf.folder), str(plugin), *words, "--registry", "own/registry")
    assert refused.status == status, refused
    assert says in refused.err
    assert not Path("own").exists()


def client_installs(plugin: str, home: Path) -> Answer:
    """Publish what was brought, and install `plugin` from there."""
    assert pluginry("trust", "init", "--workspace", "own", "--signing", "none").status == 0
    assert pluginry("publish", "own/dist", "--workspace", "own").status == 0
    fingerprint = pluginry("trust", "show", "--workspace", "own", "--json").data["fingerprint"]
    assert pluginry("source", "add", "own", "own/dist", "--fingerprint", fingerprint, home=home).status == 0
    return pluginry("install", plugin, home=home)


@pytest.mark.parametrize(
    ("version", "cache", "needs", "comes"),
    [
        ("1.0.0", "stable 2.0.0", ">=1,<2", "1.0.0"),
        ("1.0.0", "beta 1.1.0-beta.1", ">=1", "1.0.0"),
        ("1.0.0-beta.1", "beta 2.0.0-beta.1", ">=2.0.0-beta.1", "2.0.0-beta.1"),
    ],
)
def test_what_is_needed_comes_in_the_versions_that_are_needed(
    shelf: Shelf, tmp_path: Path, version: str, cache: str, needs: str, comes: str
) -> None:
    channel, newer = cache.split()
    shelf.market.release("acme/cache", newer, channel=channel)
    own = "beta" if "beta" in version else "stable"
    shelf.market.release("acme/score", version, channel=own, dependencies={"acme/cache": needs})
    shelf.publish()
    assert bring(shelf, f"acme/score@{version}").status == 0
    assert listed() == {f"acme/score {version}", f"acme/cache {comes}"}
    installed = client_installs(f"acme/score@{version}", tmp_path / "clients")
    assert installed.status == 0, installed.err


def test_releases_of_one_plugin_that_are_needed_and_named_are_joined(shelf: Shelf) -> None:
    shelf.market.release("acme/cache", "2.0.0")
    shelf.market.release("acme/score", dependencies={"acme/cache": ">=1,<2", "acme/filter": ">=1"})
    shelf.publish()
    answer = bring(shelf, "acme/score", "other/watch@1.0.0", "other/watch@1.1.0")
    assert answer.status == 0, answer
    assert answer.out.count("4 of 4 accepted") == 1
    assert listed() == {
        "acme/score 1.0.0",
        "acme/filter 1.0.0",
        "acme/cache 1.0.0",
        "acme/cache 2.0.0",
        "other/watch 1.0.0",
        "other/watch 1.1.0",
    }


def test_plugins_that_need_each_other_come_once(shelf: Shelf) -> None:
    shelf.market.release("acme/ping", dependencies={"acme/pong": ">=1"})
    shelf.market.release("acme/pong", dependencies={"acme/ping": ">=1"})
    shelf.publish()
    assert bring(shelf, "acme/ping").status == 0
    assert listed() == {"acme/ping 1.0.0", "acme/pong 1.0.0"}


def test_what_is_needed_and_stays_away_is_told_until_it_is_there(shelf: Shelf) -> None:
    shelf.market.amend("acme/cache", "1.0.0", yanked="Broken")
    shelf.publish()
    answer = bring(shelf, "acme/filter")
    assert answer.status == 10
    assert "acme/filter 1.0.0 needs acme/cache >=1" in answer.out
    assert listed() == {"acme/filter 1.0.0"}
    shelf.market.release("acme/cache", "1.0.1")
    shelf.publish()
    assert bring(shelf, "acme/filter").status == 0


@pytest.mark.parametrize("needs", [{"acme/cache": ">=9"}, {"acme/nothing": ">=1"}], ids=str)
def test_a_need_that_was_never_there_does_not_keep_others_away(shelf: Shelf, needs: dict[str, str]) -> None:
    shelf.market.release("acme/score", dependencies=needs)
    shelf.publish()
    answer = bring(shelf, "acme/score", "other/watch")
    assert answer.status == 10
    ((plugin, versions),) = needs.items()
    assert f"acme/score 1.0.0 needs {plugin} {versions}" in answer.out
    assert listed() == {"acme/score 1.0.0", "other/watch 1.1.0"}


def test_what_comes_along_is_named_with_who_needs_it(shelf: Shelf) -> None:
    note = "note import.came-along: acme/cache 1.0.0 is needed by acme/filter 1.0.0"
    assert note in bring(shelf, "acme/filter").out
    assert "came-along" not in bring(shelf, "acme/filter").out  # it was there
    shelf.market.release("acme/cache", "1.1.0")
    shelf.publish()
    assert "came-along" not in bring(shelf, "acme/filter", "acme/cache").out  # it was asked for


def own_clock() -> None:
    """Begin a registry with a plugin ours/clock 0.1.0."""
    begin = ("--name", "Ours", "--summary", "Our own", "--host-id", "mairust")
    assert pluginry("registry", "init", "own", *begin).status == 0
    clock = ("clock", "--id", "ours/clock", "--host", "mairust", "--summary", "Tells the time", "--defaults")
    assert pluginry("init", *clock, "--registry", "own/registry").status == 0
    owner = ("--owner", "it", "--owner-id", "7")
    assert pluginry("registry", "add", "clock", "--registry", "own/registry", *owner).status == 0


@pytest.mark.parametrize(
    "named", [("acme/score",), ("acme/score", "ours/clock"), ("acme/score", "ours/watch")], ids=str
)
def test_what_is_yours_gets_nothing_from_elsewhere(shelf: Shelf, named: tuple[str, ...]) -> None:
    own_clock()
    shelf.market.release("ours/clock", "9.0.0")
    shelf.market.release("ours/watch", "9.0.0")
    shelf.market.release("acme/score", dependencies={"ours/clock": ">=9"})
    shelf.publish()
    answer = bring(shelf, *named)
    assert answer.status == 10
    assert "import.other-origin" in answer.out
    assert "acme/score 1.0.0 needs ours/clock >=9" in answer.out
    assert listed() == {"acme/score 1.0.0", "ours/clock 0.1.0"}


def test_what_is_yours_and_refused_is_the_end_when_nothing_else_comes(shelf: Shelf) -> None:
    own_clock()
    shelf.market.release("ours/clock", "0.1.0")
    shelf.market.advise("PLG-2026-0001", "ours/clock", action=Action.WARN)
    shelf.publish()
    answer = bring(shelf, "ours/clock")
    assert answer.status == 1
    assert "0 of 1 accepted" in answer.out
    assert "PLG-2026-0001" not in answer.out  # it is said of another plugin


def test_a_listing_with_another_origin_gets_nothing_until_it_allows_it(shelf: Shelf) -> None:
    bring(shelf, "other/watch@1.0.0")
    listing = Path("own/registry/plugins/other/watch/listing.yaml")
    as_imported = listing.read_text("utf-8")
    listing.write_text(as_imported.replace(ADDRESS, "https://elsewhere.example.com"), "utf-8")
    refused = bring(shelf, "other/watch")
    assert refused.status == 1
    assert "import.other-origin" in refused.out
    assert f"{ADDRESS}/v1/packages/other/watch/" in refused.out
    assert listed() == {"other/watch 1.0.0"}
    listing.write_text(as_imported, "utf-8")
    assert bring(shelf, "other/watch").status == 0


def runtimes() -> set[str]:
    return set(re.findall(r"kind: (\w+)", Path("own/registry/hosts/mairust.yaml").read_text("utf-8")))


@pytest.fixture
def python(shelf: Shelf) -> Shelf:
    """There is acme/script, which runs in Python."""
    runtime = Runtime(kind="python", entry_point="script:Main", paths=("src",))
    shelf.market.release("acme/script", runtime=runtime, files={"src/script.py": b"class Main: ...\n"})
    shelf.publish()
    return shelf


def test_the_host_gets_the_runtimes_of_all_plugins(python: Shelf) -> None:
    bring(python, "acme/cache")
    (of_cache,) = runtimes()
    shutil.rmtree("own")
    assert bring(python, "acme/cache", "acme/script").status == 0
    assert runtimes() == {of_cache, "python"}


def test_a_runtime_that_the_host_lacks_here_is_told_until_it_has_it(python: Shelf) -> None:
    assert "runtime-missing" not in bring(python, "acme/cache").out
    host = Path("own/registry/hosts/mairust.yaml")
    before = host.read_text("utf-8")
    note = "note import.runtime-missing: acme/script 1.0.0 runs in python, and mairust has no such runtime here"
    assert note in bring(python, "acme/script").out
    assert note in bring(python, "acme/script").out
    assert host.read_text("utf-8") == before
    host.write_text(before.replace("kind: files", "kind: python"), "utf-8")
    assert "runtime-missing" not in bring(python, "acme/script").out
