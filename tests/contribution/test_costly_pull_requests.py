"""Pull requests that would cost too much to judge: everybody else's wait meanwhile."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from builders import SPAM, a_listing, a_release
from pluginry.contribution.allowance import MAX_REQUESTS, Allowance
from pluginry.errors import TransportError
from pull_requests import ANNA, MALLORY, Forge, Internet, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

COMMIT = "c0ffee" * 6 + "c0ff"
SYSTEMS = ("linux", "macos", "windows", "freebsd", "android")
CPUS = ("x86_64", "aarch64", "x86", "armv7", "riscv64", "ppc64le", "s390x")


@dataclass(slots=True)
class CountedInternet(Internet):
    """Counts what is fetched."""

    count: int = 0

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        self.count += 1
        return Internet.fetch(self, source, into, expected=expected, max_bytes=max_bytes)


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge.with_registry(tmp_path)


def for_many_platforms(forge: Forge, versions: Iterable[str]) -> dict[str, str]:
    """Return releases of the spam filter with thirty-five packages each."""
    platforms = [f"{system}-{cpu}" for system in SYSTEMS for cpu in CPUS]
    changes = {}
    for version in versions:
        artifacts = []
        for platform in platforms:
            address = f"https://acme.example/releases/spam-filter-{platform}-{version}.zip"
            artifact = forge.internet.artifact(address, {"lib": platform.encode()})
            artifacts.append({**artifact, "platform": platform})
        changes[f"{SPAM}/releases/{version}.yaml"] = a_release(version, artifacts=artifacts)
    return changes


def test_what_would_fetch_hundreds_of_packages_is_left_to_a_person(forge: Forge) -> None:
    """Everybody else's pull requests wait meanwhile."""
    fetched = CountedInternet(files=forge.internet.files)
    forge.internet = fetched
    decision = forge.opened(for_many_platforms(forge, ["1.2.0", "1.3.0", "1.4.0"]), author=MALLORY)
    assert fetched.count == MAX_REQUESTS
    assert "packages.too-much" in rules_of(decision)
    assert (decision.tier, decision.merges) == (2, False)


def test_a_pull_request_that_takes_too_long_is_left_to_a_person(forge: Forge) -> None:
    """Also where the last file does not come at all: trying again at every sweep would cost as much again."""
    seconds = itertools.count(step=150)
    allowance = Allowance(clock=lambda: float(next(seconds)))
    forge.internet.is_down = True
    head = forge.branch({f"{SPAM}/releases/1.2.0.yaml": forge.release("1.2.0")})
    decision = forge.judged(head, author=ANNA, allowance=allowance)
    assert (rules_of(decision), decision.tier) == ({"packages.too-much"}, 2)


def test_asking_repositories_of_developers_is_bounded_as_well(tmp_path: Path) -> None:
    sources = {f"{SPAM}/listing.yaml": a_listing(sources=["https://github.com/acme/"])}
    forge = Forge.with_registry(tmp_path, sources)
    artifact = forge.internet.artifact(f"https://github.com/acme/spam/raw/{COMMIT}/spam.zip", version="1.2.0")
    head = forge.branch({f"{SPAM}/releases/1.2.0.yaml": a_release("1.2.0", artifacts=[artifact])})
    decision = forge.judged(head, author=ANNA, allowance=Allowance(max_requests=0))
    assert (rules_of(decision), decision.tier) == ({"packages.too-much"}, 2)


def test_a_moment_of_trouble_is_no_verdict(forge: Forge) -> None:
    forge.internet.is_down = True
    with pytest.raises(TransportError):
        forge.opened({f"{SPAM}/releases/1.2.0.yaml": forge.release("1.2.0")}, author=ANNA)
