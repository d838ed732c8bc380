"""Signatures from the lab to the client: a signed index, a service that is down, many packages in one statement."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from e2e.deeds import ID, add_source, files_of, write_advisory
from e2e.marketplace_on_disk import CACHE, PLUGINS, SCORER, Workspace, a_workspace
from pluginry.adapters.folder_store import FolderStore
from pluginry.adapters.sigstore_identity import SigstoreSigner
from pluginry.adapters.sigstore_lab import Lab
from pluginry.cli.publisher_wiring import PublisherPlaces, equipment_of, repository_of
from pluginry.cli.quarantine_report import exit_status_of
from pluginry.encoding.ledger_files import load_ledgers
from pluginry.errors import TransportError
from pluginry.model.attestation import BACKFILL_PREDICATE
from pluginry.publisher.patient_signer import PatientSigner
from pluginry.publisher.pipeline import publish_marketplace

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.ledger import AttestationFact
    from pluginry.publisher.outcome import Outcome

CONSENT = "network.dns:any"


@pytest.fixture(scope="module")
def hardened(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = a_workspace(tmp_path_factory.mktemp("hardened"), PLUGINS, profile="hardened")
    answer = workspace.pluginry("publish", "dist")
    assert answer["index_signed"] is True
    return workspace


@pytest.fixture
def demanding(hardened: Workspace, tmp_path: Path) -> Workspace:
    """Return a copy of a marketplace whose policy demands a signed index."""
    shutil.copytree(hardened.root, tmp_path / "workspace")
    return Workspace(tmp_path / "workspace")


def bundles_of(workspace: Workspace) -> set[str]:
    return {key for key in files_of(workspace) if key.endswith(".root.sigstore.json")}


def versions_in(workspace: Workspace) -> dict[str, str]:
    return {one["id"]: one["version"] for one in workspace.pluginry("list")}


def new_release(workspace: Workspace) -> None:
    """Claim dns-cache 1.1.1."""
    registry = workspace.root / "registry" / "plugins" / CACHE
    shutil.copytree(registry / "source" / "1.1.0", registry / "source" / "1.1.1")
    manifest = registry / "source" / "1.1.1" / "plugin.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("version: 1.1.0", "version: 1.1.1"), "utf-8")
    packed = workspace.pluginry("pack", str(registry / "source" / "1.1.1"), "--dry-run")
    (registry / "releases" / "1.1.1.yaml").write_text(
        "schema: 1\nversion: 1.1.1\nchannel: stable\nartifacts:\n"
        f"  - platform: any\n    source: {{path: source/1.1.1}}\n    sha256: {packed['sha256']}\n",
        "utf-8",
    )


def publish_while_the_lab_is_down(workspace: Workspace) -> Outcome:
    """Publish with the real client of a lab that stopped, and without waiting for it."""
    places = PublisherPlaces.at(workspace.root, None)
    with Lab.open(places.lab).serve() as running:
        config, token = running.trust_config_json, running.identity_token()
    signer = SigstoreSigner.from_trust_config(config, token=lambda: token)
    patient = PatientSigner(signer=signer, pause=lambda _seconds: None, chance=lambda: 0.0)
    equipment = equipment_of(places, FolderStore(workspace.dist), signer=patient)
    return publish_marketplace(equipment, repository_of(places), now=datetime.now(UTC))


class TestSignedIndex:
    def test_a_hardened_marketplace_demands_it_and_clients_see_it(self, demanding: Workspace) -> None:
        assert demanding.pluginry("trust", "show")["policy"]["index_attestation"] == "required"
        add_source(demanding)
        demanding.pluginry("install", CACHE, "--accept-permissions", CONSENT)
        assert len(bundles_of(demanding)) == 1

    def test_publishing_again_signs_nothing_and_changes_no_byte(self, demanding: Workspace) -> None:
        before = files_of(demanding)
        answer = demanding.pluginry("publish", "dist")
        assert (answer["signed"], answer["created"], answer["replaced"]) == (0, 0, 0)
        assert files_of(demanding) == before

    def test_advisories_and_a_new_timestamp_leave_it_untouched(self, demanding: Workspace) -> None:
        before = bundles_of(demanding)
        add_source(demanding)
        write_advisory(demanding)
        demanding.pluginry("advisories", "publish", "dist")
        demanding.pluginry("trust", "refresh", "dist")
        assert bundles_of(demanding) == before
        demanding.pluginry("source", "refresh")
        demanding.pluginry("install", CACHE, "--accept-permissions", CONSENT, expect=8)

    def test_a_new_index_has_a_signature_of_its_own(self, demanding: Workspace) -> None:
        add_source(demanding)
        before = bundles_of(demanding)
        new_release(demanding)
        assert demanding.pluginry("publish", "dist")["index_signed"] is True
        assert len(bundles_of(demanding) - before) == 1
        demanding.pluginry("source", "refresh")
        demanding.pluginry("install", f"{CACHE}@==1.1.1", "--accept-permissions", CONSENT)

    def test_an_index_whose_bundle_was_taken_away_is_refused(self, demanding: Workspace) -> None:
        (key,) = bundles_of(demanding)
        (demanding.dist / key).unlink()
        arguments = ("demo", "dist", "--fingerprint", demanding.fingerprint(), "--host", "mairust")
        demanding.pluginry("source", "add", *arguments, expect=3)

    @pytest.mark.parametrize("profile", ["simple", "hardened"])
    def test_it_can_be_demanded_or_not_in_both_profiles(self, tmp_path: Path, profile: str) -> None:
        for wanted in ("required", "optional"):
            workspace = Workspace(tmp_path / wanted)
            workspace.root.mkdir()
            arguments = ("--signing", "lab", "--profile", profile, "--index-attestation", wanted)
            workspace.pluginry("trust", "init", *arguments)
            policy = workspace.pluginry("trust", "show")["policy"]
            assert policy.get("index_attestation", "optional") == wanted

    def test_nobody_can_demand_what_nobody_signs(self, tmp_path: Path) -> None:
        workspace = Workspace(tmp_path)
        workspace.pluginry("trust", "init", "--signing", "none", "--index-attestation", "required", expect=2)
        assert not (tmp_path / "index").exists()


class TestServiceIsDown:
    def test_the_index_from_before_stays_current_and_advisories_go_out(self, demanding: Workspace) -> None:
        add_source(demanding)
        before = files_of(demanding)
        new_release(demanding)
        write_advisory(demanding, SCORER, action="block-install")
        outcome = publish_while_the_lab_is_down(demanding)
        assert isinstance(outcome.held_back, TransportError)
        assert (outcome.serial, outcome.signing.signed, outcome.signing.waiting) == (1, 0, 1)
        assert exit_status_of(outcome) == 3
        after = files_of(demanding)
        assert after["v1/index.json"] == before["v1/index.json"]
        assert bundles_of(demanding) == {key for key in before if key.endswith(".root.sigstore.json")}
        assert ID in after["v1/advisories.json"].decode()

        demanding.pluginry("source", "refresh")
        demanding.pluginry("install", SCORER, "--accept-permissions", CONSENT, expect=8)
        demanding.pluginry("install", CACHE, "--accept-permissions", CONSENT)
        assert versions_in(demanding) == {CACHE: "1.1.0"}

        answer = demanding.pluginry("publish", "dist")
        assert (answer["serial"], answer["signed"], answer["waiting"], answer["delayed"]) == (2, 1, 0, [])
        demanding.pluginry("source", "refresh")
        demanding.pluginry("update")
        assert versions_in(demanding) == {CACHE: "1.1.1"}

    def test_where_the_index_need_not_be_signed_all_but_the_new_releases_goes_out(self, workspace: Workspace) -> None:
        new_release(workspace)
        outcome = publish_while_the_lab_is_down(workspace)
        assert (outcome.held_back, outcome.is_index_signed, outcome.serial) == (None, False, 2)
        assert [(str(one.id), one.kind, one.reason) for one in outcome.quarantined] == [
            (CACHE, "infrastructure", "not signed yet")
        ]
        assert exit_status_of(outcome) == 3
        add_source(workspace)
        assert workspace.pluginry("publish", "dist")["signed"] == 1


class TestBackfill:
    def test_a_first_import_is_signed_by_one_statement_and_can_be_installed(self, tmp_path: Path) -> None:
        workspace = a_workspace(tmp_path, PLUGINS)
        accept_backfill(workspace)
        answer = workspace.pluginry("publish", "dist", "--backfill")
        assert (answer["signatures"], answer["waiting"], answer["quarantined"]) == (1, 0, [])
        assert answer["signed"] == answer["releases"] > len(PLUGINS)
        assert len({fact.sha256 for fact in facts_of(workspace)}) == 1
        assert {fact.type for fact in facts_of(workspace)} == {BACKFILL_PREDICATE}
        add_source(workspace)
        workspace.pluginry("install", CACHE, "--accept-permissions", CONSENT)
        shown = json.dumps(workspace.pluginry("show", CACHE, "--verify"))
        assert "signed-by-registry" in shown or "lab" in shown
        workspace.pluginry("build", "--check", "dist")

        before = files_of(workspace)
        assert workspace.pluginry("publish", "dist")["signed"] == 0
        assert files_of(workspace) == before

    def test_after_the_last_day_it_counts_for_nobody(self, tmp_path: Path) -> None:
        workspace = a_workspace(tmp_path, PLUGINS)
        accept_backfill(workspace, not_after="2020-01-01T00:00:00Z")
        answer = workspace.pluginry("publish", "dist", "--backfill", expect=3)
        assert {one["kind"] for one in answer["quarantined"]} == {"infrastructure"}
        assert "after its signer was accepted" in answer["quarantined"][0]["reason"]

    def test_nobody_may_unless_the_policy_says_who(self, tmp_path: Path) -> None:
        workspace = a_workspace(tmp_path, PLUGINS)
        workspace.pluginry("publish", "dist", "--backfill", expect=2)
        assert not workspace.dist.exists()


def accept_backfill(workspace: Workspace, *, not_after: str = "2100-01-01T00:00:00Z") -> None:
    """Let the lab sign many packages at once until a day, besides what it signs else."""
    path = workspace.root / "index" / "trust" / "policy.json"
    policy: dict[str, Any] = json.loads(path.read_bytes())
    (lab,) = policy["registry_identities"]
    policy["registry_identities"].append({**lab, "use": ["publish-backfill"], "not_after": not_after})
    path.write_text(json.dumps(policy), "utf-8")


def facts_of(workspace: Workspace) -> list[AttestationFact]:
    ledgers = load_ledgers(workspace.root / "index" / "ledger").values()
    return [fact for ledger in ledgers for version in ledger.releases for fact in ledger.attestations_of(version)]


def test_a_publication_that_was_killed_while_it_signed_goes_on_from_there(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, PLUGINS)
    running = subprocess.Popen([sys.executable, "-m", "pluginry", "publish", "dist", "--json"], cwd=workspace.root)
    ledger = workspace.root / "index" / "ledger"
    while running.poll() is None and not any(b'"attested"' in path.read_bytes() for path in ledger.rglob("*.jsonl")):
        time.sleep(0.002)
    running.send_signal(signal.SIGKILL)
    running.wait()
    known = facts_of(workspace)
    assert known
    workspace.pluginry("publish", "dist")
    facts = facts_of(workspace)
    assert set(known) <= set(facts)
    assert len({fact.artifact for fact in facts}) == len(facts)
    add_source(workspace)
    workspace.pluginry("install", CACHE, "--accept-permissions", CONSENT)
