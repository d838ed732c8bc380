"""Judges a pull request with all that reaches the world: one way for whoever asks, a person or a robot.

In: a clone with both commits, and people. Out: the decision, and what it was made of. Nothing of the pull request is
run; policy, owners and what proves provenance are those of the base commit.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pluginry.adapters.git_commits import GitCommits
    from pluginry.contribution.judge import Judgement
    from pluginry.contribution.people import People
    from pluginry.model.decision import Decision
    from pluginry.ports import Verifier

_POLICY = "index/trust/policy.json"
_TRUSTED_ROOT = "index/trust/trusted_root.json"


def judged(
    commits: GitCommits, base: str, head: str, *, people: People, offline: bool = False, whole: bool = False
) -> tuple[Decision, Judgement]:
    """Return what is decided about merging commit `head` into commit `base`; `offline`: nobody is asked.

    Raises:
        UsageError: there is no such commit.
        TransportError: git, a developer's repository or the place of a package does not answer.

    """
    from pluginry.contribution.judge import judge
    from pluginry.contribution.tiers import decide

    with tempfile.TemporaryDirectory(prefix="pluginry-ci-") as scratch:
        outside = {} if offline else _outside(commits, base, Path(scratch))
        places = Path(scratch, "commits")
        places.mkdir()
        judgement = judge(commits, base, head, people=people, scratch=places, whole=whole, **outside)
    said = _command(base, head, people, offline=offline, whole=whole)
    return decide(judgement.findings, judgement.situation, command=said), judgement


def _outside(commits: GitCommits, base: str, scratch: Path) -> dict[str, Any]:
    """Return what reaches the world: developers' repositories, and the places of packages."""
    from pluginry.adapters.git_published import GitPublished
    from pluginry.adapters.path_source import PathSource
    from pluginry.cli.publisher_wiring import PublisherPlaces, fetchers_of
    from pluginry.contribution.packages import PackageDesk
    from pluginry.encoding.content_store import ContentStore

    fetchers = fetchers_of(PublisherPlaces.at(scratch, None))
    verifier, trusted_root = _trust(commits, base)
    desk = PackageDesk(
        fetchers=lambda folder: {**fetchers, "path": PathSource(folder)},
        objects=ContentStore(scratch / "objects"),
        now=datetime.now(UTC),
        verifier=verifier,
        trusted_root=trusted_root,
    )
    return {"history": GitPublished(), "desk": desk}


def _trust(commits: GitCommits, base: str) -> tuple[Verifier | None, bytes]:
    """Return what checks provenance, and by which root: those of the base, never those of a working tree."""
    from pluginry.cli.publisher_wiring import NONE
    from pluginry.encoding import documents
    from pluginry.model.index import TrustPolicy

    there = commits.entries(base, [_POLICY, _TRUSTED_ROOT])
    if len(there) != len((_POLICY, _TRUSTED_ROOT)):
        return None, b""
    contents = commits.contents(entry.blob for entry in there.values())
    policy = documents.decode(TrustPolicy, contents[there[_POLICY].blob], what=_POLICY)
    if policy.instance == NONE:
        return None, b""
    from pluginry.adapters.sigstore_verifier import SigstoreVerifier

    return SigstoreVerifier(), contents[there[_TRUSTED_ROOT].blob]


def _command(base: str, head: str, people: People, *, offline: bool, whole: bool) -> str:
    """Return what reproduces the decision in a clone of the registry that has both commits."""
    words = ["pluginry ci check", f"--base {base}", f"--head {head}"]
    words += [f"--author-id {people.author.id}"] if people.author else []
    words += [f"--approved-by {account}" for account in sorted(people.approvals)]
    words += [option for option, is_on in (("--offline", offline), ("--whole", whole)) if is_on]
    return " ".join(words)
