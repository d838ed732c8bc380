"""The difference of two releases: what is in it, what bounds it, and that nothing in it gets out of its fence."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.contribution.difference import MAX_DIFF_LINES, MAX_FILES, as_markdown
from pluginry.contribution.packages import BuiltPair, SeenRelease
from pluginry.contribution.situation import PluginChange
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.facts import ArtifactFacts, Facts
from pluginry.model.ledger import ArtifactFact
from pluginry.model.manifest import FileEntry, Manifest, Permission, Runtime
from pluginry.model.names import ANY_PLATFORM, Name, PluginId
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.record import BuiltRelease

if TYPE_CHECKING:
    from collections.abc import Mapping

PLUGIN = PluginId.parse("acme/spam-filter")
BLOB = BlobRef.of(b"x")


def seen(version: str, files: Mapping[str, str], **changes: Any) -> SeenRelease:
    manifest = Manifest(
        **{
            "id": PLUGIN,
            "version": Version(version),
            "hosts": {Name("mail"): VersionRange(">=1")},
            "runtime": Runtime(kind="python"),
            **changes,
        }
    )
    entries = {
        name: FileEntry(path=name, sha256=Digest.of(text.encode(errors="replace")), size=len(text))
        for name, text in files.items()
    }
    fact = ArtifactFact(platform=ANY_PLATFORM, sha256=BLOB.sha256, size=BLOB.size)
    artifact = ArtifactFacts(platform=ANY_PLATFORM, sha256=BLOB.sha256, files=1, unpacked_size=1)
    return SeenRelease(
        version=Version(version),
        built=BuiltRelease(manifest=BLOB, facts=BLOB, artifacts=(fact,)),
        manifest=manifest,
        facts=Facts(id=PLUGIN, version=Version(version), artifacts=(artifact,), scanners=MappingProxyType({})),
        files=entries,
        is_proved=False,
        text_of=files.get,
    )


def shown(before: Mapping[str, str] | None, after: Mapping[str, str], **changes: Any) -> str:
    plugin = PluginChange(id=PLUGIN, before=None, after=None, files=(), known=True)
    old = None if before is None else seen("1.0.0", before)
    return as_markdown(BuiltPair(plugin=plugin, before=old, after=seen("1.1.0", after, **changes)))


def test_files_that_came_went_and_changed_are_named() -> None:
    text = shown({"a": "1", "b": "1", "same": "1"}, {"b": "22", "c": "1", "same": "1"})
    assert "3 files differ" in text
    assert "removed <code>a</code> (1 bytes)" in text
    assert "changed <code>b</code> (1 to 2 bytes)" in text
    assert "added <code>c</code> (1 bytes)" in text
    assert "<code>same</code>" not in text


def test_what_it_asks_for_stands_side_by_side() -> None:
    permission = Permission(type="network", scope="a.example", reason="Looks up")
    assert "| permissions | - | <code>network&#58;a.example</code> |" in shown({}, {}, permissions=(permission,))


def test_the_manifest_is_compared_line_by_line() -> None:
    text = shown({"plugin.json": '{"id":"a","version":"1"}'}, {"plugin.json": '{"id":"a","version":"2"}'})
    assert '- "version": "1"' in text
    assert '+ "version": "2"' in text
    assert "1 file differs" in text


def test_a_first_release_has_no_texts_to_compare() -> None:
    text = shown(None, {"a": "1"})
    assert "the first release" in text
    assert "````" not in text


def test_many_files_are_counted_and_not_all_named() -> None:
    text = shown({}, {f"file-{number:03}": "x" for number in range(MAX_FILES + 7)})
    assert "and 7 more" in text
    assert text.count("- added") == MAX_FILES


def test_a_long_difference_is_cut() -> None:
    text = shown({"a": ""}, {"a": "\n".join(map(str, range(5000)))})
    assert text.count("\n") < MAX_DIFF_LINES + 60
    assert "... more is not shown" in text


def test_a_long_line_is_cut() -> None:
    assert max(map(len, shown({"a": ""}, {"a": "x" * 100_000}).splitlines())) < 300


@pytest.mark.parametrize("hostile", ["\u202e", "\x1b[31m", "\x00", "\u2028", "\r"])
def test_what_cannot_be_seen_is_written_out(hostile: str) -> None:
    assert hostile not in shown({"a": ""}, {"a": f"x{hostile}y"})


@given(st.text(st.sampled_from("`~\n x<>@"), max_size=60))
def test_nothing_leaves_the_fence(text: str) -> None:
    lines = shown({"a": "old"}, {"a": text}).splitlines()
    fences = [line for line in lines if line.startswith("````")]
    opening = fences[0]
    assert opening.endswith("diff")
    fence = opening.removesuffix("diff")
    inside = lines[lines.index(opening) + 1 : lines.index(fence)]
    assert all(fence not in line for line in inside)
    assert lines[lines.index(fence) + 1 :] == ["", "</details>"]
