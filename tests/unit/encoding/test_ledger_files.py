from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from any_model import anything_of
from pluginry.encoding import documents
from pluginry.encoding.ledger_files import LedgerFolder, append_events, load_ledgers
from pluginry.errors import DocumentError
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef
from pluginry.model.ledger import Amended, ArtifactFact, Event, Ledger, Listed, Released, Rescanned, Transferred
from pluginry.model.names import Platform, PluginId
from pluginry.model.status import Status
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 1, 1, tzinfo=UTC)
DEMO, OTHER = PluginId.parse("acme/demo"), PluginId.parse("zenith/other")
LISTED = Listed(at=AT, status=Status.ACTIVE)
AMENDED = Amended(at=AT, version=Version("1.0.0"), yanked="broken")


def a_release(version: str = "1.0.0") -> Released:
    ref = BlobRef.of(version.encode())
    artifact = ArtifactFact(platform=Platform("any"), sha256=ref.sha256, size=ref.size)
    return Released(
        at=AT, version=Version(version), channel=Channel.STABLE, manifest=ref, facts=ref, artifacts=(artifact,)
    )


def written(folder: Path, *events: Event) -> Path:
    append_events(folder, DEMO, events)
    return folder / "acme" / "demo.jsonl"


def test_what_was_appended_is_loaded_in_its_order(tmp_path: Path) -> None:
    append_events(tmp_path, DEMO, [LISTED, a_release()])
    append_events(tmp_path, OTHER, [LISTED])
    append_events(tmp_path, DEMO, [AMENDED])
    assert load_ledgers(tmp_path) == {
        DEMO: Ledger(id=DEMO, events=(LISTED, a_release(), AMENDED)),
        OTHER: Ledger(id=OTHER, events=(LISTED,)),
    }


@settings(max_examples=20)
@given(st.lists(anything_of(Listed) | anything_of(Transferred), min_size=1, max_size=3))
def test_any_event_comes_back(tmp_path_factory: pytest.TempPathFactory, events: list[Listed | Transferred]) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    append_events(folder, DEMO, events)
    assert load_ledgers(folder)[DEMO].events == tuple(events)


def test_a_line_is_one_event_in_its_one_spelling(tmp_path: Path) -> None:
    path = written(tmp_path, LISTED)
    assert path.read_bytes() == b'{"at":"2026-01-01T00:00:00Z","event":"listed","status":"active"}\n'


def test_lines_that_were_there_are_never_touched(tmp_path: Path) -> None:
    path = written(tmp_path, LISTED, a_release())
    before = path.read_bytes()
    append_events(tmp_path, DEMO, [AMENDED])
    assert path.read_bytes().startswith(before)
    assert path.read_bytes().count(b"\n") == 3


def test_nothing_to_append_makes_no_file(tmp_path: Path) -> None:
    append_events(tmp_path, DEMO, [])
    assert list(tmp_path.iterdir()) == []


def test_no_ledgers_are_no_ledgers(tmp_path: Path) -> None:
    assert load_ledgers(tmp_path) == {}
    assert load_ledgers(tmp_path / "nowhere") == {}


def test_an_event_that_cannot_be_written_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path, LISTED)
    before = path.read_bytes()
    impossible = Listed(at=datetime(2026, 1, 1), status=Status.ACTIVE)  # noqa: DTZ001 - exactly this is refused
    with pytest.raises(DocumentError, match="time zone"):
        append_events(tmp_path, DEMO, [a_release(), impossible])
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["demo.jsonl"]


def test_a_crash_before_the_new_file_takes_its_place_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, LISTED)
    path.with_name(".demo.jsonl.new").write_bytes(b'{"half a li')
    assert load_ledgers(tmp_path) == {DEMO: Ledger(id=DEMO, events=(LISTED,))}
    append_events(tmp_path, DEMO, [a_release()])
    assert load_ledgers(tmp_path)[DEMO].events == (LISTED, a_release())


def test_nothing_is_appended_to_half_a_line(tmp_path: Path) -> None:
    path = written(tmp_path, LISTED)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DocumentError, match="not whole") as caught:
        append_events(tmp_path, DEMO, [a_release()])
    assert "restore the file from git" in caught.value.hint


GOOD = documents.encode(LISTED) + b"\n"


@pytest.mark.parametrize(
    "body",
    [
        GOOD[:-1],
        GOOD + b"\n",
        GOOD + b"{}\n",
        GOOD + b"[]\n",
        GOOD + b'{"event":"revoked"}\n',
        GOOD + GOOD[:20] + b"\n",
        GOOD.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + GOOD,
        GOOD + GOOD.replace(b'"active"', b'"active","status":"removed"'),
        GOOD.replace(b"2026-01-01T00:00:00Z", b"yesterday"),
        GOOD.replace(b'"status":"active"', b'"status":7'),
        b"\0" * 10,
    ],
)
def test_a_damaged_ledger_is_refused_with_its_place(tmp_path: Path, body: bytes) -> None:
    path = written(tmp_path, LISTED)
    path.write_bytes(body)
    with pytest.raises(DocumentError) as caught:
        load_ledgers(tmp_path)
    assert str(path) in caught.value.where
    assert "restore the file from git" in caught.value.hint


@pytest.mark.parametrize(
    ("events", "line", "what"),
    [
        ([AMENDED], 1, "1.0.0 is not released in any earlier line"),
        ([LISTED, AMENDED, a_release()], 2, "1.0.0 is not released in any earlier line"),
        ([a_release("2.0.0"), Rescanned(at=AT, version=Version("1.0.0"), facts=BlobRef.of(b""))], 2, "not released"),
        ([a_release(), LISTED, a_release()], 3, "1.0.0 was released in an earlier line already"),
    ],
)
def test_events_that_cannot_follow_each_other_are_refused(
    tmp_path: Path, events: list[Event], line: int, what: str
) -> None:
    path = written(tmp_path, *events)
    with pytest.raises(DocumentError, match=what) as caught:
        load_ledgers(tmp_path)
    assert caught.value.where == f"{path}:{line}"


@pytest.mark.parametrize("name", ["Acme/demo", "acme/Demo", "acme/.hidden", ".git/demo", "acme/con", "ac me/demo"])
def test_a_file_that_is_not_called_like_a_plugin_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.jsonl"
    path.parent.mkdir()
    path.write_bytes(GOOD)
    with pytest.raises(DocumentError, match="not a valid name") as caught:
        load_ledgers(tmp_path)
    assert caught.value.where == str(path)


def test_other_files_beside_ledgers_are_nobodys_business(tmp_path: Path) -> None:
    written(tmp_path, LISTED)
    (tmp_path / "README.md").write_text("x")
    (tmp_path / "acme" / "notes.txt").write_text("x")
    assert list(load_ledgers(tmp_path)) == [DEMO]


def test_a_ledger_is_read_again_only_when_it_changed_and_parsed_when_it_is_asked_for(tmp_path: Path) -> None:
    append_events(tmp_path, DEMO, [LISTED])
    append_events(tmp_path, OTHER, [LISTED])
    folder = LedgerFolder(tmp_path)
    before = folder.load()
    append_events(tmp_path, DEMO, [a_release()])
    after = folder.load()
    assert before[DEMO].events == (LISTED,)
    assert after == load_ledgers(tmp_path)
    assert after[OTHER] is before[OTHER]
    assert after.digests[str(OTHER)] == before.digests[str(OTHER)]
    assert after.digests[str(DEMO)] != before.digests[str(DEMO)]


def test_a_ledger_that_is_as_it_was_seen_is_not_read_before_it_is_parsed(tmp_path: Path) -> None:
    append_events(tmp_path, DEMO, [LISTED])
    append_events(tmp_path, OTHER, [LISTED])
    before = LedgerFolder(tmp_path).load()
    append_events(tmp_path, DEMO, [a_release()])
    seen = {str(OTHER): before.seen[str(OTHER)].replace(before.digests[str(OTHER)], "0" * 64), str(DEMO): "1 2 3 4 5"}
    after = LedgerFolder(tmp_path).load(seen)
    assert after.digests == {str(OTHER): "0" * 64, str(DEMO): LedgerFolder(tmp_path).load().digests[str(DEMO)]}
    assert after == load_ledgers(tmp_path)
    assert LedgerFolder(tmp_path).load(after.seen).digests == after.digests
    append_events(tmp_path, OTHER, [LISTED])
    assert LedgerFolder(tmp_path).load(seen).digests[str(OTHER)] not in ("0" * 64, before.digests[str(OTHER)])


def test_a_damaged_ledger_is_bad_news_for_who_asks_for_it(tmp_path: Path) -> None:
    append_events(tmp_path, DEMO, [LISTED])
    append_events(tmp_path, OTHER, [LISTED])
    (tmp_path / OTHER.namespace / f"{OTHER.name}.jsonl").write_bytes(b"{}\n")
    ledgers = LedgerFolder(tmp_path).load()
    assert ledgers[DEMO].events == (LISTED,)
    for _ in range(2):
        with pytest.raises(DocumentError, match="not an event"):
            ledgers[OTHER]
    with pytest.raises(DocumentError, match="not an event"):
        load_ledgers(tmp_path)
