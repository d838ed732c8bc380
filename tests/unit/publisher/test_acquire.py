from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pluginry.encoding.content_store import ContentStore
from pluginry.errors import NotFoundError, TamperedError, TransportError, UsageError
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.names import ANY_PLATFORM
from pluginry.model.release import ArtifactClaim, Source
from pluginry.publisher.acquire import acquire

if TYPE_CHECKING:
    from pathlib import Path

BODY = b"a release"
REF = BlobRef.of(BODY)
URL = Source(url="https://example.com/demo-1.0.0.zip")


@dataclass
class FakeFetcher:
    """The other end of a `SourceFetcher`: writes ``body`` (or a folder when it is None), or raises ``error``."""

    body: bytes | None = BODY
    error: Exception | None = None
    asked: list[tuple[Source, BlobRef | None, int]] = field(default_factory=list)

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        self.asked.append((source, expected, max_bytes))
        if self.error:
            raise self.error
        path = into / "found"
        if self.body is None:
            path.mkdir()
        else:
            path.write_bytes(self.body)
        return path


@dataclass
class Bench:
    """What a call of acquire needs."""

    folder: Path
    fetcher: FakeFetcher = field(default_factory=FakeFetcher)
    calls: int = 0

    @property
    def cache(self) -> ContentStore:
        return ContentStore(self.folder / "cache")

    def acquire(self, source: Source, *, sha256: Digest = REF.sha256, size: int | None = REF.size) -> Path:
        self.calls += 1
        scratch = self.folder / f"scratch{self.calls}"
        scratch.mkdir()
        return acquire(
            ArtifactClaim(platform=ANY_PLATFORM, source=source, sha256=sha256, size=size),
            plugin_folder=self.folder / "plugins/acme/demo",
            fetchers={"url": self.fetcher, "path": self.fetcher, "git": self.fetcher},
            cache=self.cache,
            scratch=scratch,
            max_bytes=1000,
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_file_is_fetched_checked_and_kept(bench: Bench) -> None:
    path = bench.acquire(URL)

    assert path.read_bytes() == BODY
    assert bench.fetcher.asked == [(URL, REF, 1000)]
    assert bench.cache.find(REF) is not None


@pytest.mark.parametrize("size", [REF.size, None])
def test_what_was_fetched_once_is_not_fetched_again(bench: Bench, size: int | None) -> None:
    bench.acquire(URL, size=size)
    bench.fetcher.error = TransportError("no network")

    assert bench.acquire(URL, size=size).read_bytes() == BODY


def test_a_damaged_cache_costs_a_download_and_nothing_else(bench: Bench) -> None:
    bench.acquire(URL)
    bench.cache.path_of(REF.sha256).write_bytes(b"rotten")

    assert bench.acquire(URL, size=None).read_bytes() == BODY
    assert len(bench.fetcher.asked) == 2


def test_without_a_claimed_size_the_digest_alone_is_held_to(bench: Bench) -> None:
    bench.acquire(URL, size=None)

    assert bench.fetcher.asked[0][1] is None


@pytest.mark.parametrize(("sha256", "size"), [(Digest.of(b"x"), None), (Digest.of(b"x"), 9), (REF.sha256, 10)])
def test_other_bytes_are_refused_whatever_the_fetcher_believes(bench: Bench, sha256: Digest, size: int | None) -> None:
    with pytest.raises(TamperedError):
        bench.acquire(URL, sha256=sha256, size=size)

    assert bench.cache.find(REF) is None


def test_a_path_is_looked_for_in_the_plugins_folder_and_never_in_the_cache(bench: Bench) -> None:
    bench.cache.add(BODY)
    bench.fetcher.body = None

    assert bench.acquire(Source(path="source/1.0.0")).is_dir()
    assert bench.fetcher.asked[0][0].path == str(bench.folder / "plugins/acme/demo/source/1.0.0")
    assert bench.fetcher.asked[0][1] is None


def test_a_commit_whose_package_is_known_is_not_fetched(bench: Bench) -> None:
    source = Source(git="https://example.com/a.git", commit="1" * 40)
    bench.fetcher.body = None
    assert bench.acquire(source).is_dir()

    bench.cache.add(BODY)

    assert bench.acquire(source).read_bytes() == BODY
    assert len(bench.fetcher.asked) == 1


def test_a_kind_without_a_fetcher_is_named(bench: Bench) -> None:
    with pytest.raises(UsageError, match="kind npm"):
        bench.acquire(Source(npm="demo", version="1.0.0"))


def test_what_the_fetcher_says_is_passed_on(bench: Bench) -> None:
    bench.fetcher.error = NotFoundError("there is no such file")

    with pytest.raises(NotFoundError):
        bench.acquire(URL)
