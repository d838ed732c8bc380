"""The corpus that builds are measured with is a marketplace like any other, and the same everywhere."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.corpus import NEXT_RELEASE, RELEASES, make_corpus
from pluginry.encoding.content_store import ContentStore
from pluginry.encoding.ledger_files import load_ledgers
from pluginry.model.finding import Severity
from pluginry.publisher.load import load_registry
from pluginry.publisher.record import record
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.corpus import Corpus

COUNT = 120


def tree_of(corpus: Corpus) -> str:
    found = subprocess.run(
        ["git", "-C", str(corpus.root), "rev-parse", "HEAD^{tree}"], check=True, capture_output=True, text=True
    )
    return found.stdout.strip()


def check(corpus: Corpus, releases: int) -> None:
    """See that nothing blocks, that the ledger says what the registry claims, and that all it names is there."""
    loaded = load_registry(corpus.root / "registry")
    assert loaded.findings == ()
    assert not [finding for finding in validate(loaded) if finding.severity is Severity.BLOCKS]
    ledgers = load_ledgers(corpus.root / "index" / "ledger")
    assert ledgers.keys() == loaded.registry.plugins.keys()
    assert len(ledgers) == COUNT
    assert sum(len(ledger.releases) for ledger in ledgers.values()) == releases
    objects = ContentStore(corpus.root / ".pluginry" / "objects")
    for plugin, ledger in ledgers.items():
        entry = loaded.registry.plugins[plugin]
        assert record(entry, ledger, {}, at=datetime(2026, 4, 1, tzinfo=UTC), registry_commit="") == ()
        assert entry.releases.keys() == ledger.releases.keys()
        for version, released in ledger.releases.items():
            claimed = entry.releases[version].artifacts[0].sha256
            assert [artifact.sha256 for artifact in released.artifacts] == [claimed]
            for ref in (released.manifest, ledger.facts_of(version), released.artifacts[0].blob):
                assert objects.read(ref) is not None


def test_a_corpus_is_a_sound_marketplace_and_the_same_each_time(tmp_path: Path) -> None:
    first, second = (make_corpus(tmp_path / name, COUNT) for name in ("first", "second"))
    assert tree_of(first) == tree_of(second)
    check(first, COUNT * len(RELEASES))
    assert make_corpus(tmp_path / "first", COUNT) == first, "one that is finished is taken as it is"


def test_one_more_release_is_what_a_publication_would_leave(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path, COUNT)
    before = tree_of(corpus)
    corpus.release(7)
    assert tree_of(corpus) != before
    check(corpus, COUNT * len(RELEASES) + 1)
    assert len([*(tmp_path / "registry").glob(f"plugins/*/*/releases/{NEXT_RELEASE}.yaml")]) == 1
