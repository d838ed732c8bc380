from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import ReleaseRecord
from pluginry.model.ledger import ArtifactFact
from pluginry.model.names import Platform
from pluginry.model.versions import Version


def a_record(*platforms: str) -> ReleaseRecord:
    ref = BlobRef.of(b"")
    return ReleaseRecord(
        version=Version("1.0.0"),
        channel=Channel.STABLE,
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        hosts={},
        manifest=ref,
        facts=ref,
        artifacts=tuple(
            ArtifactFact(platform=Platform(name), sha256=Digest.of(name.encode()), size=1) for name in platforms
        ),
    )


@pytest.mark.parametrize(
    ("offered", "wanted", "found"),
    [
        (("any",), "linux-x86_64", "any"),
        (("any",), "any", "any"),
        (("any", "linux-x86_64"), "linux-x86_64", "linux-x86_64"),
        (("linux-x86_64", "any"), "macos-aarch64", "any"),
        (("linux-x86_64",), "macos-aarch64", None),
        (("linux-x86_64",), "any", None),
        ((), "any", None),
    ],
)
def test_the_artifact_made_for_a_platform_goes_before_the_one_for_any(
    offered: tuple[str, ...], wanted: str, found: str | None
) -> None:
    artifact = a_record(*offered).artifact_for(Platform(wanted))
    assert (artifact.platform if artifact else None) == found
