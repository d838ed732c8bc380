"""Scanning many releases at once: on processes, on a cluster, and with releases that take their worker down."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import dying_workers
from dying_workers import BAD_LICENCE
from pluginry.encoding.content_store import ContentStore
from pluginry.hosts.scan_process import setup_from
from pluginry.hosts.scan_work import ScanLimits, plain_setup, scan_all
from pluginry.model.facts import Facts
from pluginry.model.host import Harm, HostProfile, PermissionMeaning
from pluginry.model.ledger import ArtifactFact
from pluginry.model.names import ANY_PLATFORM, Name, PluginId
from pluginry.model.registry import ScannerSwitches
from pluginry.model.versions import Version
from pluginry.publisher.rescan import OutdatedRelease
from pluginry.publisher.scan import facts_of_release
from pluginry.publisher.scan_setup import PLAIN_SETUP, ScanSetup
from scanned_packages import manifest_with, package_of, scanned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

FILES = {"setup.py": "import socket\n"}


def two_processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=2, mp_context=multiprocessing.get_context("spawn"))


@pytest.fixture
def objects(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "objects")


def releases(objects: ContentStore, count: int, *, bad: int | None = None) -> Iterator[OutdatedRelease]:
    """Yield releases with one package each; that with the number `bad` takes its worker down where workers do that."""
    for number in range(count):
        blob = objects.add(package_of({**FILES, "n.txt": str(number)}))
        artifact = ArtifactFact(platform=ANY_PLATFORM, sha256=blob.sha256, size=blob.size)
        version = Version(f"1.0.{number}")
        nothing = Facts(id=manifest_with().id, version=version, artifacts=(), scanners={})
        licence = BAD_LICENCE if number == bad else "MIT"
        yield OutdatedRelease(
            plugin=PluginId(Name("acme"), Name("demo")),
            version=version,
            artifacts=(artifact,),
            facts=nothing,
            licence=licence,
        )


def rules_by_release(
    objects: ContentStore, given: Iterator[OutdatedRelease], *, limits: ScanLimits | None = None, **options: Any
) -> dict[str, set[str]]:
    done = scan_all(
        given,
        objects=objects,
        setup=PLAIN_SETUP,
        new_executor=options.pop("new_executor", two_processes),
        limits=limits or ScanLimits(),
        **options,
    )
    return {str(release.version): {finding.rule for finding in facts.findings} for release, facts in done}


GOOD = {"scan.install-script", "scan.undeclared-access", "scan.no-licence-text"}
FAILED = {"scan.scanner-failed"}


def test_processes_find_what_is_found_here(objects: ContentStore) -> None:
    (release,) = releases(objects, 1)
    ((_, facts),) = scan_all(iter([release]), objects=objects, setup=PLAIN_SETUP, new_executor=two_processes)
    here = facts_of_release(manifest_with(), [scanned({**FILES, "n.txt": "0"}, licence="MIT")])
    assert facts == here


@pytest.mark.parametrize(
    "work", [dying_workers.killed_with_the_bad_one, dying_workers.raises_with_the_bad_one], ids=["killed", "raises"]
)
def test_a_release_that_takes_its_worker_down_is_a_finding_and_the_others_go_on(
    objects: ContentStore, work: Callable[..., Any]
) -> None:
    rules = rules_by_release(objects, releases(objects, 5, bad=2), work=work, new_executor=one_process)
    assert rules == {f"1.0.{number}": FAILED if number == 2 else GOOD for number in range(5)}


def one_process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"))


def test_a_worker_that_dies_once_loses_nothing(objects: ContentStore) -> None:
    rules = rules_by_release(objects, releases(objects, 3, bad=1), work=dying_workers.killed_once)
    assert rules == {f"1.0.{number}": GOOD for number in (0, 2)} | {"1.0.1": GOOD}


@pytest.mark.parametrize("work", [dying_workers.hangs, dying_workers.dies], ids=["hangs", "dies"])
def test_a_process_that_hangs_or_crashes_is_a_finding(objects: ContentStore, work: Callable[..., Any]) -> None:
    assert rules_by_release(objects, releases(objects, 2), work=work) == {"1.0.0": FAILED, "1.0.1": FAILED}


def test_too_little_memory_is_a_finding(objects: ContentStore) -> None:
    assert rules_by_release(objects, releases(objects, 1), limits=ScanLimits(memory_bytes=32 << 20)) == {
        "1.0.0": FAILED
    }


def test_a_package_that_is_not_what_it_was_is_a_finding(objects: ContentStore) -> None:
    (release,) = releases(objects, 1)
    objects.path_of(release.artifacts[0].sha256).write_bytes(package_of({"other.txt": ""}))
    assert rules_by_release(objects, iter([release])) == {"1.0.0": FAILED}


def test_what_was_known_stays_known_when_a_scan_fails(objects: ContentStore) -> None:
    (release,) = releases(objects, 1)
    earlier = facts_of_release(manifest_with(), [scanned({"setup.py": ""})])
    known = replace(release, facts=earlier)
    ((_, facts),) = scan_all(
        iter([known]), objects=objects, setup=PLAIN_SETUP, new_executor=two_processes, work=dying_workers.dies
    )
    assert {finding.rule for finding in facts.findings} == {"scan.scanner-failed", "scan.install-script"}
    assert facts.scanners == {}
    assert set(facts.not_run) == {*earlier.scanners, *earlier.not_run}


def test_a_local_cluster_is_an_executor_like_any_other(objects: ContentStore) -> None:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=1,
            threads_per_worker=2,
            processes=False,
            protocol="tcp://",
            dashboard_address=None,
            host="127.0.0.1",
        ) as cluster,
        Client(cluster) as client,
    ):
        rules = rules_by_release(
            objects,
            releases(objects, 4, bad=1),
            work=dying_workers.raises_with_the_bad_one,
            new_executor=client.get_executor,
        )
    assert rules == {"1.0.0": GOOD, "1.0.1": FAILED, "1.0.2": GOOD, "1.0.3": GOOD}


def test_the_setup_arrives_as_it_was_sent(tmp_path: Path) -> None:
    meaning = PermissionMeaning(type="report", severity=Harm.LOW, says="Sends reports", covers=("network",))
    host = HostProfile(id=Name("mail"), title="Mail", summary="Mail", versions=(), runtimes=(), permissions=(meaning,))
    setup = ScanSetup(
        switches={"secrets": ScannerSwitches(enforced=True)},
        hosts={host.id: host},
        osv=tmp_path / "osv.zip",
        rules=tmp_path,
    )
    assert setup_from(plain_setup(setup)) == setup
    assert setup_from(plain_setup(PLAIN_SETUP)) == PLAIN_SETUP
