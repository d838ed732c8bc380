from __future__ import annotations

import pytest

from pluginry.model.channel import Channel
from pluginry.model.release import Source

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("source", "kind", "shown", "is_tree"),
    [
        (Source(url="https://example.com/a.zip"), "url", "https://example.com/a.zip", False),
        (Source(path="source"), "path", "path:source", True),
        (
            Source(git="https://example.com/a.git", commit=COMMIT),
            "git",
            "git:https://example.com/a.git@0123456789ab",
            True,
        ),
        (Source(pypi="demo", version="1.0"), "pypi", "pypi:demo==1.0", False),
        (Source(npm="@acme/demo", version="1.0.0"), "npm", "npm:@acme/demo@1.0.0", False),
    ],
)
def test_a_source_is_of_one_kind(source: Source, kind: str, shown: str, is_tree: bool) -> None:
    assert source.kind == kind
    assert str(source) == shown
    assert source.is_tree is is_tree


def test_channels_are_listed_from_the_most_finished() -> None:
    assert [channel.value for channel in Channel] == ["stable", "beta", "experimental"]
