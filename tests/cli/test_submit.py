"""`pluginry submit` and `submission`: from files in a clone to a pull request, and what became of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from builders import a_listing, a_release, an_artifact
from command_line import Answer, pluginry
from github_server import ANNAS_TOKEN, REGISTRY, GithubServer
from registry_clone import SPAM_FOLDER, Clone, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BRANCH = "pluginry/acme/spam-filter/1.2.0"
FILE = f"registry/{SPAM_FOLDER}/releases/1.2.0.yaml"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clone]:
    with GithubServer(tmp_path / "forge") as server:
        monkeypatch.setenv("GITHUB_API_URL", server.address)
        monkeypatch.setenv("GH_TOKEN", ANNAS_TOKEN)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
        yield Clone.of_registry(server, tmp_path)


def with_release(clone: Clone, **changes: Any) -> None:
    url = "https://acme.example/releases/spam-filter-1.2.0.zip"
    clone.write(f"{SPAM_FOLDER}/releases/1.2.0.yaml", a_release("1.2.0", artifacts=[an_artifact(url, **changes)]))


def submit(clone: Clone, *words: str) -> Answer:
    return pluginry("submit", "--registry", str(clone.registry), "--repository", REGISTRY, "--json", *words)


def standing(clone: Clone, *words: str) -> Any:
    where = ("--registry", str(clone.registry), "--repository", REGISTRY)
    return pluginry("submission", "acme/spam-filter", *where, "--json", *words).data


def test_a_new_release_becomes_a_pull_request_of_one_file(clone: Clone) -> None:
    with_release(clone)
    before = run(clone.folder, "status", "--porcelain"), run(clone.folder, "rev-parse", "HEAD")
    answer = submit(clone, "acme/spam-filter")
    assert answer.status == 0, answer.err
    assert (answer.data["action"], answer.data["files"]) == ("opened", [FILE])
    [pull] = clone.server.pulls
    assert (pull["title"], pull["head"]["label"]) == ("acme/spam-filter 1.2.0", f"anna:{BRANCH}")
    fork = "anna/registry"
    assert clone.server.git(fork, "diff", "--name-status", f"main..{BRANCH}") == f"A\t{FILE}"
    author = clone.server.git(fork, "log", "-1", "--format=%ae", BRANCH)
    assert author == "101+anna@users.noreply.github.com"
    assert (run(clone.folder, "status", "--porcelain"), run(clone.folder, "rev-parse", "HEAD")) == before
    assert ANNAS_TOKEN not in answer.out + answer.err


def test_submitting_again_updates_the_same_pull_request(clone: Clone) -> None:
    with_release(clone)
    submit(clone)
    assert submit(clone).data["action"] == "unchanged"
    with_release(clone, size=11)
    assert submit(clone).data["action"] == "updated"
    assert len(clone.server.pulls) == 1
    assert "size: 11" in clone.server.git("anna/registry", "show", f"{BRANCH}:{FILE}").replace('"', "")


def test_it_goes_on_top_of_the_newest_state_of_the_registry(clone: Clone, tmp_path: Path) -> None:
    other = Clone(clone.server, tmp_path / "seed")
    other.write(f"{SPAM_FOLDER}/README.md", "# Meanwhile\n")
    other.push_all("Meanwhile")
    with_release(clone)
    answer = submit(clone, "acme/spam-filter")
    assert answer.data["base"] == clone.server.git(REGISTRY, "rev-parse", "main")
    assert answer.data["files"] == [FILE]


def test_what_both_sides_changed_is_not_overwritten(clone: Clone, tmp_path: Path) -> None:
    other = Clone(clone.server, tmp_path / "seed")
    other.write(f"{SPAM_FOLDER}/README.md", "# Meanwhile\n")
    other.push_all("Meanwhile")
    clone.write(f"{SPAM_FOLDER}/README.md", "# Mine\n")
    answer = submit(clone)
    assert answer.status == 2
    assert "git pull" in answer.err + answer.out


def test_what_the_check_blocks_is_not_submitted(clone: Clone) -> None:
    clone.write(f"{SPAM_FOLDER}/releases/1.2.0.yaml", a_release("1.3.0"))
    answer = submit(clone)
    assert answer.status == 1
    assert "layout.name-mismatch" in answer.out
    assert clone.server.pulls == []


def test_a_dry_run_only_says_what_it_would_do(clone: Clone) -> None:
    with_release(clone)
    answer = submit(clone, "--dry-run")
    assert (answer.data["branch"], answer.data["action"], answer.data["files"]) == (BRANCH, "pull request", [FILE])
    assert "anna/registry" not in clone.server.repositories


def test_two_plugins_are_two_proposals(clone: Clone) -> None:
    with_release(clone)
    clone.write("plugins/acme/dns-cache/README.md", "# Other\n")
    answer = submit(clone)
    assert answer.status == 2
    assert "one plugin" in answer.err + answer.out
    assert submit(clone, "acme/spam-filter").status == 0


def test_a_removed_or_linked_file_is_refused(clone: Clone) -> None:
    (clone.registry / SPAM_FOLDER / "releases/1.1.0.yaml").unlink()
    assert submit(clone).status == 2
    (clone.registry / SPAM_FOLDER / "releases/1.1.0.yaml").symlink_to("/etc/passwd")
    assert submit(clone).status == 2
    assert clone.server.pulls == []


def test_nothing_new_is_said_so(clone: Clone) -> None:
    answer = submit(clone)
    assert answer.status == 2
    assert "nothing differs" in answer.err + answer.out


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("https://gitlab.example/market/registry.git", "merge_request.create"),
        ("git@codeberg.org:market/registry.git", "https://codeberg.org/market/registry/compare/main...LOGIN:"),
        ("ssh://git@github.com/market/registry", "https://github.com/market/registry/compare/main...LOGIN:"),
        ("https://git.example/market/registry", "open a pull request from it at https://git.example/market/registry"),
    ],
)
def test_without_a_login_the_patch_and_the_way_are_printed(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, remote: str, expected: str
) -> None:
    monkeypatch.delenv("GH_TOKEN")
    run(clone.folder, "config", f"url.{clone.server.path(REGISTRY)}.insteadOf", remote)
    run(clone.folder, "config", "user.email", "anna@example.org")
    run(clone.folder, "config", "user.name", "Anna")
    with_release(clone)
    answer = pluginry("submit", "--registry", str(clone.registry), "--remote", remote, "--json")
    assert answer.status == 0, answer.err
    assert expected in "\n".join(answer.data["steps"])
    patch = tmp_path / "change.patch"
    patch.write_text(answer.data["patch"], "utf-8")
    run(tmp_path / "seed", "apply", "--check", str(patch))
    assert clone.server.pulls == []


def test_a_refused_push_says_who_is_not_let_in(clone: Clone) -> None:
    with_release(clone)
    clone.server.trouble = [(401, json.dumps({"message": "Bad credentials"}).encode(), {})]
    answer = submit(clone)
    assert answer.status == 4
    assert ANNAS_TOKEN not in answer.out + answer.err


def test_where_it_stands_from_nothing_to_published(clone: Clone, tmp_path: Path) -> None:
    with_release(clone)
    assert standing(clone)["state"] == "not submitted"
    submit(clone)
    [pull] = clone.server.pulls
    assert standing(clone)["state"] == "queued"
    commit = clone.server.now(pull)["head"]["sha"]
    clone.server.runs[commit] = [{"status": "in_progress", "conclusion": None}]
    assert standing(clone)["state"] == "queued"
    clone.server.runs[commit] = [{"status": "completed", "conclusion": "failure"}]
    assert standing(clone)["state"] == "waiting for you"
    clone.server.runs[commit] = [{"status": "completed", "conclusion": "success"}]
    assert standing(clone)["state"] == "waiting for a reviewer"
    for label, state in (
        ("author", "waiting for you"),
        ("owners", "waiting for an owner"),
        ("reviewers", "waiting for a reviewer"),
        ("nobody", "ready to be merged"),
    ):
        pull["labels"] = [{"id": 1, "name": f"waiting: {label}"}]
        assert standing(clone)["state"] == state
    clone.server.forge().merge(1, head=commit)
    market = tmp_path / "market"
    assert standing(clone, "1.2.0", "--from", str(market))["state"] == "merged, not published yet"
    (market / "v1/plugins/acme").mkdir(parents=True)
    (market / "v1/plugins/acme/spam-filter.json").write_text('{"releases": [{"version": "1.2.0"}]}', "utf-8")
    (market / "v1/status.json").write_text('{"serial": 7}', "utf-8")
    found = standing(clone, "1.2.0", "--from", str(market))
    assert (found["state"], found["serial"]) == ("published", 7)


def test_closed_is_told_and_a_change_of_the_listing_is_found(clone: Clone) -> None:
    clone.write(f"{SPAM_FOLDER}/listing.yaml", a_listing(summary="Scores mail in a new way."))
    assert submit(clone).data["branch"] == "pluginry/acme/spam-filter/listing"
    clone.server.pulls[0]["state"] = "closed"
    assert standing(clone)["state"] == "closed without being merged"


def test_status_of_a_plugin_is_that_of_its_submission(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    with_release(clone)
    submit(clone, "acme/spam-filter")
    run(clone.folder, "remote", "set-url", "origin", f"https://github.com/{REGISTRY}.git")
    monkeypatch.chdir(clone.folder)
    told = pluginry("status", "acme/spam-filter", "--json")
    assert (told.status, told.data) == (0, standing(clone))
    assert told.data["url"] == clone.server.pulls[0]["html_url"]
    (clone.folder / "acme" / "spam-filter").mkdir(parents=True)
    elsewhere = pluginry("status", "acme/spam-filter", "--json")
    assert elsewhere.data["error"]["code"] == "missing", "a folder is a place that may hold a marketplace"
