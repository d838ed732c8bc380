"""When a publishing job was hijacked, the policy says which signatures count no more, and the marketplace goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from e2e.deeds import add_source
from e2e.marketplace_on_disk import CACHE, PLUGINS

if TYPE_CHECKING:
    from e2e.marketplace_on_disk import Workspace


def change_signer(workspace: Workspace, **conditions: object) -> None:
    path = workspace.root / "index" / "trust" / "policy.json"
    policy = json.loads(path.read_bytes())
    policy["registry_identities"][0] |= conditions
    path.write_text(json.dumps(policy), "utf-8")


def test_releases_whose_signer_is_not_accepted_any_more_are_left_out_and_not_signed_again(workspace: Workspace) -> None:
    ledgers = {path: path.read_bytes() for path in (workspace.root / "index" / "ledger").rglob("*.jsonl")}
    change_signer(workspace, not_after="2020-01-01T00:00:00Z")
    answer = workspace.pluginry("publish", "dist", "--allow-shrink", str(2 * len(PLUGINS)), expect=3)
    assert {one["id"] for one in answer["quarantined"]} == set(PLUGINS)
    assert all("after its signer was accepted" in one["reason"] for one in answer["quarantined"])
    page = (workspace.dist / "signers" / "index.html").read_text("utf-8")
    assert "What it signed after 2020-01-01 00:00 UTC does not count." in page
    assert all(plugin in page for plugin in PLUGINS)
    assert (answer["built"], answer["signed"]) == ([], 0)
    assert {path: path.read_bytes() for path in ledgers} == ledgers
    add_source(workspace)
    workspace.pluginry("install", CACHE, "--accept-permissions", "network.dns:any", expect=7)


def test_conditions_that_hold_change_nothing(workspace: Workspace) -> None:
    change_signer(workspace, not_before="2020-01-01T00:00:00Z", not_after="2100-01-01T00:00:00Z", use=["publish"])
    assert workspace.pluginry("publish", "dist")["quarantined"] == []
    add_source(workspace)
    workspace.pluginry("install", CACHE, "--accept-permissions", "network.dns:any")
