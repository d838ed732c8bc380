"""``pluginry advisories``: a plugin is revoked in one step, and nothing of the marketplace moves but that."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest

from e2e.deeds import ID, files_of, write_advisory
from e2e.marketplace_on_disk import CACHE, SCORER
from pluginry.encoding import strict_yaml
from pluginry.encoding.schema import check_against_schema

if TYPE_CHECKING:
    from e2e.marketplace_on_disk import Workspace

MAY_CHANGE = (
    "v1/turn.json",
    "v1/advisories.json",
    "advisories/",
    "feeds/advisories.atom",
    "v1/osv/",
    "v1/metadata/",
    "v1/targets/index/",
)
CONSENT = "mail.headers:inbound,mail.modify:headers,network.dns:any,mail.body:inbound,storage:plugin-data"


def install_and_enable(workspace: Workspace) -> None:
    print_ = workspace.fingerprint()
    workspace.pluginry("source", "add", "demo", "dist", "--fingerprint", print_, "--host", "mairust")
    workspace.pluginry("install", SCORER, "--accept-permissions", CONSENT, "--enable")


def test_it_touches_nothing_else_and_needs_no_sound_registry(workspace: Workspace) -> None:
    before = files_of(workspace)
    write_advisory(workspace)
    shutil.rmtree(workspace.root / "registry" / "plugins" / SCORER / "releases")
    answer = workspace.pluginry("advisories", "publish", "dist")
    assert [(entry["n"], entry["advisory"], entry["action"]) for entry in answer["added"]] == [(1, ID, "disable")]
    after = files_of(workspace)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert changed
    assert not [key for key in changed if not key.startswith(MAY_CHANGE)]
    assert not before.keys() - after.keys()
    published = next(body for key, body in after.items() if key.endswith(".revocations.jsonl"))
    assert published == (workspace.root / "index" / "revocations.jsonl").read_bytes()


@pytest.mark.parametrize("by_digest_too", [False, True])
def test_the_pages_about_it_are_those_that_a_whole_publication_makes(
    workspace: Workspace, *, by_digest_too: bool
) -> None:
    (package,) = (workspace.dist / "v1" / "packages" / SCORER).rglob("*1.2.0.zip")
    write_advisory(workspace, digest=hashlib.sha256(package.read_bytes()).hexdigest() if by_digest_too else "")
    answer = workspace.pluginry("advisories", "publish", "dist")
    assert answer["pages_failed"] == ""
    quick = files_of(workspace)
    pages = [key for key in quick if key.startswith(("advisories/", "feeds/advisories"))]
    assert f"advisories/{ID}/index.html" in pages
    page = quick[f"advisories/{ID}/index.html"].decode()
    assert f"../../plugins/{CACHE}/1.1.0/index.html" in page
    assert (f"../../plugins/{SCORER}/1.2.0/index.html" in page) is by_digest_too
    assert f"advisory:{ID}" in quick["feeds/advisories.atom"].decode()
    workspace.pluginry("publish", "dist")
    whole = files_of(workspace)
    assert {key: whole[key] for key in pages} == {key: quick[key] for key in pages}
    assert whole[f"plugins/{CACHE}/index.html"] != quick[f"plugins/{CACHE}/index.html"]


def test_a_page_that_cannot_be_made_holds_up_no_revocation(workspace: Workspace) -> None:
    write_advisory(workspace)
    for node in (workspace.dist / "v1" / "t").rglob("*.json"):
        node.unlink()
    answer = workspace.pluginry("advisories", "publish", "dist")
    assert len(answer["added"]) == 1
    assert answer["pages_failed"]
    assert not (workspace.dist / "advisories" / ID).exists()


def test_what_osv_tools_read_is_of_the_published_schema(workspace: Workspace) -> None:
    write_advisory(workspace)
    workspace.pluginry("advisories", "publish", "dist")
    body = (workspace.dist / "v1" / "osv" / f"{ID}.json").read_bytes()
    document = strict_yaml.parse(body, file=f"{ID}.json")
    assert [*document.findings, *check_against_schema(document, "advisory")] == []


def test_clients_disable_it_and_say_why(workspace: Workspace) -> None:
    install_and_enable(workspace)
    write_advisory(workspace)
    workspace.pluginry("advisories", "publish", "dist")
    workspace.pluginry("source", "refresh")
    listed = {one["id"]: one for one in workspace.pluginry("list")}
    assert (listed[CACHE]["state"], listed[SCORER]["state"]) == ("disabled", "disabled")
    assert [one["advisory"] for one in listed[CACHE]["revocations"]] == [ID]
    assert listed[SCORER]["revocations"] == []
    shutil.rmtree(workspace.dist)
    assert workspace.pluginry("enable", CACHE, expect=5)["error"]["code"] == "revoked"
    assert ID in workspace.pluginry("enable", SCORER, expect=5)["error"]["why"]


def test_a_withdrawal_is_an_entry_too_and_publishing_again_says_nothing_new(workspace: Workspace) -> None:
    write_advisory(workspace)
    workspace.pluginry("advisories", "publish", "dist")
    assert workspace.pluginry("advisories", "publish", "dist")["added"] == []
    write_advisory(workspace, more="withdrawn: 2026-03-02T00:00:00Z\n")
    (waiting,) = workspace.pluginry("advisories", "list")
    assert (waiting["n"], waiting["action"], waiting["published"]) == (2, "restore", False)
    assert [entry["action"] for entry in workspace.pluginry("advisories", "publish", "dist")["added"]] == ["restore"]
    (known,) = workspace.pluginry("advisories", "list")
    assert known["published"] is True


def test_clients_are_told_of_what_was_withdrawn_and_may_use_it_again(workspace: Workspace) -> None:
    install_and_enable(workspace)
    write_advisory(workspace)
    workspace.pluginry("advisories", "publish", "dist")
    workspace.pluginry("source", "refresh")
    assert workspace.pluginry("enable", CACHE, expect=5)
    workspace.pluginry("registry", "withdraw", ID, "--reason", "It was another plugin")
    workspace.pluginry("advisories", "publish", "dist")
    page = (workspace.dist / "advisories" / ID / "index.html").read_text("utf-8")
    assert "it is no longer in force" in page
    assert "Withdrawn: It was another plugin" in page
    workspace.pluginry("source", "refresh")
    listed = {one["id"]: one for one in workspace.pluginry("list")}
    assert (listed[CACHE]["state"], listed[CACHE]["revocations"]) == ("disabled", [])
    workspace.pluginry("enable", CACHE)


def test_a_whole_publication_keeps_the_list(workspace: Workspace) -> None:
    write_advisory(workspace)
    workspace.pluginry("advisories", "publish", "dist")
    before = (workspace.root / "index" / "revocations.jsonl").read_bytes()
    workspace.pluginry("publish", "dist")
    assert (workspace.root / "index" / "revocations.jsonl").read_bytes() == before
    workspace.pluginry("build", "--check", "dist")


def test_a_list_that_was_lost_is_not_published_over_the_known_one(workspace: Workspace) -> None:
    write_advisory(workspace)
    workspace.pluginry("advisories", "publish", "dist")
    (workspace.root / "index" / "revocations.jsonl").write_bytes(b"")
    (workspace.root / "registry" / "advisories" / f"{ID}.yaml").unlink()
    for command in (("advisories", "publish", "dist"), ("publish", "dist")):
        assert "not a continuation" in workspace.pluginry(*command, expect=5)["error"]["what"]


def test_a_broken_advisory_is_not_published(workspace: Workspace) -> None:
    write_advisory(workspace, action="destroy")
    assert "findings" in workspace.pluginry("advisories", "publish", "dist", expect=1)["error"]["what"]


def test_before_the_first_publication_there_is_nothing_to_warn_of(workspace: Workspace) -> None:
    write_advisory(workspace)
    workspace.pluginry("advisories", "publish", "elsewhere", expect=2)
    assert not (workspace.root / "index" / "revocations.jsonl").exists()
