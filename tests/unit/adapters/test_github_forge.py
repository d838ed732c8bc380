"""Pull requests at GitHub: played over loopback by a server that is held to recorded answers."""

from __future__ import annotations

import json
import logging
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from github_server import ANNAS_TOKEN, REGISTRY, GithubServer
from pluginry.adapters.github_answers import account_of, pull_request_of
from pluginry.adapters.github_api import GithubApi
from pluginry.errors import (
    AuthError,
    DocumentError,
    NotFoundError,
    PluginryError,
    PolicyError,
    PublishConflictError,
    TransportError,
    UsageError,
)
from pluginry.model.listing import Account
from pluginry.model.proposal import ROBOT, Checks, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDED = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parents[2] / "recorded" / "github").glob("*.json"))
}
ANNA = Account(login="anna", id=101)
MARKER = "<!-- pluginry:decision -->"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GithubServer]:
    with GithubServer(tmp_path / "forge") as server:
        path = server.host(REGISTRY)
        work = tmp_path / "work"
        git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
        git(tmp_path, "init", "--quiet", "--initial-branch=main", str(work))
        git(work, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--allow-empty", "-qm", "First")
        git(work, "push", "--quiet", str(path), "main")
        yield server


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, timeout=60)


def with_branch(server: GithubServer, branch: str) -> None:
    server.forge().workplace()
    server.git("anna/registry", "branch", branch, "main")


def test_who_asks_is_told_by_number(server: GithubServer) -> None:
    me = server.forge().whoami()
    assert (me.login, me.id) == ("anna", 101)


def test_the_token_of_a_workflow_is_known_without_asking(server: GithubServer) -> None:
    assert server.forge("ghs_something").whoami() == ROBOT
    assert server.requests == []


def test_who_may_push_works_in_the_repository_and_others_in_a_fork(server: GithubServer) -> None:
    assert server.forge("token-market").workplace().owner == "market"
    mine = server.forge().workplace()
    assert (mine.owner, mine.address) == ("anna", server.path("anna/registry").as_uri())
    assert server.forge().workplace() == mine


def test_a_pull_request_is_opened_found_changed_and_merged(server: GithubServer) -> None:
    forge = server.forge()
    with_branch(server, "pluginry/acme/demo")
    assert forge.find("pluginry/acme/demo", owner="anna") is None
    made = forge.open("pluginry/acme/demo", owner="anna", title="acme/demo", body="New")
    assert (made.stage, made.author, made.number) == (Stage.OPEN, ANNA, 1)
    assert forge.find("pluginry/acme/demo", owner="anna") == made
    assert forge.find("pluginry/acme/demo", owner="zoe") is None
    forge.update(1, title="Other", body="Words")
    assert server.pulls[0]["title"] == "Other"
    forge.merge(1, head=made.head)
    merged = forge.find("pluginry/acme/demo", owner="anna")
    assert merged is not None
    assert merged.stage is Stage.MERGED


def test_what_changed_meanwhile_is_not_merged(server: GithubServer) -> None:
    with_branch(server, "b")
    server.forge().open("b", owner="anna", title="t", body="")
    with pytest.raises(PublishConflictError):
        server.forge().merge(1, head="0" * 40)
    assert server.pulls[0]["merged_at"] is None


def test_a_second_pull_request_from_a_branch_is_refused_with_the_reason(server: GithubServer) -> None:
    with_branch(server, "b")
    server.forge().open("b", owner="anna", title="t", body="")
    with pytest.raises(PolicyError, match="already exists for anna:b"):
        server.forge().open("b", owner="anna", title="t", body="")


def test_a_comment_is_written_once_and_then_in_place_and_no_others(server: GithubServer) -> None:
    with_branch(server, "b")
    server.forge().open("b", owner="anna", title="t", body="")
    server.forge("token-zoe").comment(1, f"{MARKER} zoe's", marker=MARKER)
    for text in ("one", "two"):
        server.forge().comment(1, f"{MARKER} {text}", marker=MARKER)
    assert [one["body"] for one in server.comments] == [f"{MARKER} zoe's", f"{MARKER} two"]


def test_labels_of_other_kinds_stay(server: GithubServer) -> None:
    with_branch(server, "b")
    forge = server.forge()
    forge.open("b", owner="anna", title="t", body="")
    forge.set_labels(1, ["good first", "tier: 2"], kinds=["tier: "])
    forge.set_labels(1, ["tier: 0"], kinds=["tier: "])
    found = forge.find("b", owner="anna")
    assert found is not None
    assert set(found.labels) == {"good first", "tier: 0"}


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], Checks.NONE),
        ([("completed", "success"), ("completed", "skipped")], Checks.PASSED),
        ([("completed", "success"), ("in_progress", None)], Checks.RUNNING),
        ([("completed", "failure"), ("in_progress", None)], Checks.FAILED),
        ([("completed", "action_required")], Checks.FAILED),
    ],
)
def test_checks_come_to_one_answer(server: GithubServer, runs: Any, expected: Checks) -> None:
    server.runs["ab" * 20] = [{"status": status, "conclusion": conclusion} for status, conclusion in runs]
    assert server.forge().checks_of("ab" * 20) is expected


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (401, {}, AuthError),
        (403, {}, AuthError),
        (404, {}, NotFoundError),
        (301, {"Location": "https://elsewhere.example/"}, NotFoundError),
        (422, {}, PolicyError),
        (429, {}, TransportError),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"}, TransportError),
        (403, {"Retry-After": "3600"}, TransportError),
    ],
)
def test_a_refusal_becomes_an_error_that_says_what_to_do(
    server: GithubServer, status: int, headers: dict[str, str], error: type[PluginryError]
) -> None:
    server.trouble = [(status, json.dumps(RECORDED["error"]).encode(), headers)]
    with pytest.raises(error) as caught:
        server.api().send("POST", "/repos/market/registry/pulls", {})
    assert ANNAS_TOKEN not in repr(vars(caught.value))
    assert len(server.requests) == 1


def test_a_short_wait_is_waited_for(server: GithubServer) -> None:
    waited: list[float] = []
    server.trouble = [(429, b"", {"Retry-After": "7"})]
    assert server.api(sleep=waited.append).get("/user")["id"] == 101
    assert waited == [7.0]


def test_reading_is_tried_again_and_changing_is_not(server: GithubServer) -> None:
    server.trouble = [(502, b"", {})]
    assert server.api(sleep=lambda _: None).get("/user")["id"] == 101
    server.trouble = [(502, b"", {})]
    with pytest.raises(TransportError, match="trouble"):
        server.api(sleep=lambda _: None).send("POST", "/repos/market/registry/forks", {})


@pytest.mark.parametrize("body", [b"<html>", b'{"login": "x"}', b'{"login": "a\\nb", "id": 1}', b"[]", b'{"id": 1}'])
def test_answers_of_another_shape_are_refused(server: GithubServer, body: bytes) -> None:
    server.trouble = [(200, body, {})]
    with pytest.raises((TransportError, DocumentError)):
        server.forge().whoami()


def test_an_endless_answer_is_cut(server: GithubServer) -> None:
    server.trouble = [(200, b" " * (9 << 20), {})]
    with pytest.raises(TransportError, match="more than anybody reads"):
        server.forge().whoami()


def test_who_does_not_answer_is_an_error_without_the_token() -> None:
    with pytest.raises(TransportError) as caught:
        GithubApi(token=ANNAS_TOKEN, address="http://127.0.0.1:1", sleep=lambda _: None).get("/user")
    assert ANNAS_TOKEN not in str(caught.value)


def test_a_token_is_never_sent_in_the_clear_nor_shown(caplog: pytest.LogCaptureFixture, server: GithubServer) -> None:
    with pytest.raises(UsageError):
        GithubApi(token=ANNAS_TOKEN, address="http://forge.example")
    with caplog.at_level(logging.DEBUG):
        server.forge().whoami()
    assert ANNAS_TOKEN not in caplog.text + repr(server.api())
    assert [path for _, path, token in server.requests if "token" in path or token != ANNAS_TOKEN] == []


def shape(value: Any) -> Any:
    """Return keys and types of an answer."""
    if isinstance(value, dict):
        return {key: shape(child) for key, child in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value)


def is_within(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return all(key in theirs and is_within(child, theirs[key]) for key, child in ours.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        return is_within(ours[0], theirs[0])
    return list in (ours, theirs) or type(None) in (ours, theirs) or ours is theirs


def test_the_server_answers_as_recorded(server: GithubServer) -> None:
    api = server.api()
    with_branch(server, "b")
    server.runs["ab" * 20] = [{"status": "completed", "conclusion": "success"}]
    made = api.send("POST", f"/repos/{REGISTRY}/pulls", {"head": "anna:b", "title": "t", "body": ""})
    del made["head"]["owner"]  # the server's own note
    path = f"/repos/{REGISTRY}"
    answers = {
        "user": api.get("/user"),
        "repository": api.get(path),
        "pull_request": made,
        "comment": api.send("POST", f"{path}/issues/1/comments", {"body": "x"}),
        "label": api.send("PUT", f"{path}/issues/1/labels", {"labels": ["bug"]})[0],
        "check_runs": api.get(f"{path}/commits/{'ab' * 20}/check-runs"),
        "git_ref": api.get(f"{path}/git/ref/heads/main"),
        "merged": api.send("PUT", f"{path}/pulls/1/merge", {"sha": made["head"]["sha"]}),
    }
    for name, answer in answers.items():
        assert is_within(shape(answer), shape(RECORDED[name])), name


def test_the_adapter_reads_what_is_recorded() -> None:
    assert account_of(RECORDED["user"], "user").id == 583231
    found = pull_request_of(RECORDED["pull_request"])
    assert (found.number, found.stage, found.labels) == (1347, Stage.OPEN, ("bug",))
