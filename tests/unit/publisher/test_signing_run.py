"""Everything that waits for a signature: what is signed, what is written down when, and what waits for another run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest

import signing_process
from memory_store import MemoryStore
from pluginry.encoding.ledger_files import append_events, load_ledgers
from pluginry.errors import AuthError, TransportError
from pluginry.model.attestation import BACKFILL_PREDICATE, PUBLISH_PREDICATE, SignerIdentity
from pluginry.model.ledger import Attested
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.patient_signer import ENOUGH_FAILURES, TRIES, PatientSigner
from pluginry.publisher.signing_run import sign_packages, unsigned_packages
from small_marketplace import SmallMarketplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.ledger import AttestationFact
    from pluginry.publisher.attest import Package
    from pluginry.publisher.outcome import SigningRun
    from pluginry.publisher.workspace import Workspace

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TESTS = Path(signing_process.__file__).parent


@dataclass(slots=True)
class Notary:
    """A signer that wraps statements; it raises `failure` once it signed `breaks_at`, and for whatever holds `bad`."""

    breaks_at: int | None = None
    bad: bytes = b"nothing like this"
    failure: Exception = field(default_factory=lambda: TransportError("the log does not answer"))
    signed: list[bytes] = field(default_factory=list)
    asked: int = 0
    identity: SignerIdentity = signing_process.SOMEONE
    guard: Lock = field(default_factory=Lock)

    def attest(self, statement: bytes) -> bytes:
        with self.guard:
            self.asked += 1
            if self.bad in statement or len(self.signed) == self.breaks_at:
                raise self.failure
            self.signed.append(statement)
        return b"signed " + statement

    @property
    def subjects(self) -> list[str]:
        """The names of what was signed."""
        return [subject["name"] for statement in self.signed for subject in json.loads(statement)["subject"]]


@dataclass(frozen=True, slots=True)
class Desk:
    """A workspace with releases that are recorded and not signed."""

    workspace: Workspace

    def waiting(self) -> tuple[Package, ...]:
        access = ObjectAccess(self.workspace.objects, MemoryStore(location="nowhere"))
        return tuple(unsigned_packages(load_ledgers(self.workspace.ledger).values(), access))

    def sign(self, notary: Notary, *, backfill: bool = False, workers: int = 8) -> SigningRun:
        signer = PatientSigner(signer=notary, pause=lambda _seconds: None, chance=lambda: 0.0)
        return sign_packages(
            self.waiting(), workspace=self.workspace, signer=signer, backfill=backfill, workers=workers, at=NOW
        )

    def facts(self) -> list[AttestationFact]:
        return [fact for event in self.events() for fact in event.attestations]

    def events(self) -> list[Attested]:
        ledgers = load_ledgers(self.workspace.ledger).values()
        return [event for ledger in ledgers for event in ledger.events if isinstance(event, Attested)]

    def lines(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.workspace.ledger.rglob("*.jsonl")}


def a_desk(folder: Path, plugins: int, *, versions: int = 1, platforms: tuple[str, ...] = ("any",)) -> Desk:
    market = SmallMarketplace()
    for number in range(plugins):
        for version in range(versions):
            market.release(f"acme/demo-{number:04}", f"1.{version}.0", platforms=platforms, is_signed=False)
    workspace = signing_process.workspace_at(folder)
    for body in market.objects.values():
        workspace.objects.add(body)
    for plugin, ledger in market.ledgers.items():
        append_events(workspace.ledger, plugin, ledger.events)
    return Desk(workspace)


@pytest.mark.parametrize("workers", [1, 8])
def test_every_package_is_signed_once_and_its_bundle_is_kept(tmp_path: Path, workers: int) -> None:
    desk, notary = a_desk(tmp_path, 20, versions=2), Notary()
    run = desk.sign(notary, workers=workers)
    assert (run.signed, run.bundles, run.waiting, run.stopped_by) == (40, 40, 0, None)
    assert len(notary.subjects) == len(set(notary.subjects)) == 40
    assert {fact.type for fact in desk.facts()} == {PUBLISH_PREDICATE}
    assert all(desk.workspace.objects.read(fact.blob) for fact in desk.facts())
    assert desk.waiting() == ()
    again = Notary()
    assert (desk.sign(again).signed, again.asked) == (0, 0)


def test_the_platforms_of_a_release_are_one_line_of_the_ledger(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, 1, versions=2, platforms=("linux-x86_64", "macos-aarch64", "windows-x86_64"))
    assert desk.sign(Notary()).signed == 6
    assert [len(event.attestations) for event in desk.events()] == [3, 3]
    assert {str(event.version) for event in desk.events()} == {"1.0.0", "1.1.0"}


def test_a_package_whose_bundle_is_lost_or_whose_bytes_are_nowhere(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, 2)
    desk.sign(Notary())
    first, second = desk.facts()
    desk.workspace.objects.path_of(first.sha256).unlink()
    assert [package.artifact.sha256 for package in desk.waiting()] == [first.artifact]
    desk.workspace.objects.path_of(first.artifact).unlink()
    assert desk.waiting() == ()
    assert desk.workspace.objects.read(second.blob)


@pytest.mark.parametrize("workers", [1, 8])
def test_when_the_service_stops_answering_the_rest_waits_and_the_next_run_goes_on(tmp_path: Path, workers: int) -> None:
    desk, notary = a_desk(tmp_path, 100), Notary(breaks_at=30)
    run = desk.sign(notary, workers=workers)
    assert (run.signed, run.bundles, run.waiting) == (30, 30, 70)
    assert "the log does not answer" in str(run.stopped_by)
    assert notary.asked <= 30 + TRIES * (ENOUGH_FAILURES + workers)
    assert len(desk.facts()) == 30
    second = Notary()
    assert desk.sign(second, workers=workers).signed == 70
    assert set(second.subjects).isdisjoint(notary.subjects)


def test_a_failure_in_between_leaves_only_its_own_release_unsigned(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, 10)
    run = desk.sign(Notary(bad=b"demo-0003"), workers=2)
    assert (run.signed, run.waiting) == (9, 1)
    assert run.stopped_by is not None
    assert [str(package.plugin) for package in desk.waiting()] == ["acme/demo-0003"]


def test_a_refusal_ends_the_run_and_what_was_signed_is_written_down(tmp_path: Path) -> None:
    desk, notary = a_desk(tmp_path, 20), Notary(breaks_at=5, failure=AuthError("no such identity"))
    with pytest.raises(AuthError):
        desk.sign(notary, workers=4)
    assert len(desk.facts()) == 5


@pytest.mark.parametrize("workers", [1, 4])
def test_a_run_that_was_killed_goes_on_without_signing_again_what_is_written_down(tmp_path: Path, workers: int) -> None:
    desk = a_desk(tmp_path, 40)
    killed = subprocess.run(
        [sys.executable, str(TESTS / "signing_process.py"), str(tmp_path), str(workers), "25"],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(signed_in(tmp_path)) == 25
    before, known = desk.lines(), len(desk.facts())
    assert 25 - workers <= known <= 25
    run = signing_process.sign_what_waits(tmp_path, workers=workers, signatures=100)
    assert run.signed == 40 - known
    assert len(signed_in(tmp_path)) - len(set(signed_in(tmp_path))) == 25 - known <= workers
    assert len(desk.facts()) == len({fact.artifact for fact in desk.facts()}) == 40
    assert all(desk.lines()[path].startswith(body) for path, body in before.items())


def signed_in(folder: Path) -> list[str]:
    """Return the digests of all statements that were ever signed for the workspace in `folder`."""
    return [path.name.partition("-")[2] for path in (folder / signing_process.LOG).iterdir()]


class TestBackfill:
    def test_up_to_256_packages_share_a_bundle(self, tmp_path: Path) -> None:
        desk, notary = a_desk(tmp_path, 130, versions=2, platforms=("linux-x86_64", "macos-aarch64")), Notary()
        run = desk.sign(notary, backfill=True)
        assert (run.signed, run.bundles, run.waiting) == (520, 3, 0)
        assert sorted(len(statement["subject"]) for statement in statements(notary)) == [8, 256, 256]
        assert {fact.type for fact in desk.facts()} == {BACKFILL_PREDICATE}
        assert len({fact.sha256 for fact in desk.facts()}) == 3
        assert len({fact.artifact for fact in desk.facts()}) == 520
        assert desk.waiting() == ()

    def test_the_statement_says_of_each_package_what_it_is(self, tmp_path: Path) -> None:
        desk, notary = a_desk(tmp_path, 3), Notary()
        packages = desk.waiting()
        desk.sign(notary, backfill=True)
        (statement,) = statements(notary)
        for package in packages:
            assert package.subject in statement["subject"]
            said = statement["predicate"]["packages"][package.artifact.sha256.hex]
            assert said == package.description
            assert said["manifest_sha256"] == package.release.manifest.sha256.hex

    def test_what_the_service_left_unsigned_waits_as_a_whole(self, tmp_path: Path) -> None:
        desk = a_desk(tmp_path, 300)
        run = desk.sign(Notary(breaks_at=1), backfill=True, workers=1)
        assert (run.signed, run.bundles, run.waiting) == (256, 1, 44)
        assert desk.sign(Notary(), backfill=True).signed == 44


def statements(notary: Notary) -> Iterator[Any]:
    return (json.loads(statement) for statement in notary.signed)
