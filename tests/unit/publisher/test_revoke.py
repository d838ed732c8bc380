"""The list of revocations: the registry's advisories folded into lines that are only ever added."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding import canonical_json, documents
from pluginry.encoding.content_store import ContentStore
from pluginry.encoding.revocation_file import parse_revocations
from pluginry.errors import DocumentError, TamperedError
from pluginry.model.advisory import Action, Advisory, Affected, AffectedPackage, Directive
from pluginry.model.names import PluginId
from pluginry.model.revocation import Revocation, Verdict, in_force
from pluginry.publisher.revoke import new_revocations, record_revocations, refuse_rewritten
from pluginry.publisher.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEMO = PluginId.parse("acme/demo")


def an_advisory(number: int = 1, *, action: Action = Action.DISABLE, is_withdrawn: bool = False) -> Advisory:
    return Advisory(
        schema_version="1.7.0",
        id=f"PLG-2026-{number:04}",
        modified=NOW,
        published=NOW,
        summary="Something is wrong",
        affected=(Affected(package=AffectedPackage(ecosystem="Pluginry", name=DEMO)),),
        database_specific=Directive(action=action),
        withdrawn=NOW + timedelta(days=1) if is_withdrawn else None,
    )


def said(entries: tuple[Revocation, ...]) -> list[tuple[int, str, str]]:
    return [(entry.n, entry.advisory[-1], entry.action.value) for entry in entries]


def test_each_advisory_becomes_an_entry_in_order_of_time() -> None:
    later = replace(an_advisory(1), modified=NOW + timedelta(days=1))
    entries = new_revocations([later, an_advisory(2, action=Action.WARN)], ())
    assert said(entries) == [(1, "2", "warn"), (2, "1", "disable")]
    assert entries[1].at == later.modified


def test_what_did_not_change_is_not_said_again() -> None:
    known = new_revocations([an_advisory()], ())
    assert new_revocations([an_advisory()], known) == ()


def test_what_changed_is_said_anew_and_counts() -> None:
    known = new_revocations([an_advisory()], ())
    added = new_revocations([an_advisory(action=Action.WARN)], known)
    assert said(added) == [(2, "1", "warn")]
    assert [entry.action for entry in in_force((*known, *added), ())] == [Verdict.WARN]


def test_a_withdrawn_one_is_restored_once_and_one_that_was_never_known_is_no_news() -> None:
    known = new_revocations([an_advisory()], ())
    added = new_revocations([an_advisory(is_withdrawn=True), an_advisory(2, is_withdrawn=True)], known)
    assert said(added) == [(2, "1", "restore")]
    assert new_revocations([an_advisory(is_withdrawn=True)], (*known, *added)) == ()
    assert in_force((*known, *added), ()) == ()


def test_a_file_that_is_gone_lifts_nothing() -> None:
    known = new_revocations([an_advisory()], ())
    assert new_revocations([], known) == ()


_ADVISORIES = st.builds(
    an_advisory,
    st.integers(min_value=1, max_value=4),
    action=st.sampled_from(Action),
    is_withdrawn=st.booleans(),
)


@given(st.lists(st.lists(_ADVISORIES, unique_by=lambda advisory: advisory.id), max_size=6))
def test_the_list_only_grows_and_its_fold_is_what_was_said_last(history: list[list[Advisory]]) -> None:
    entries: tuple[Revocation, ...] = ()
    last: dict[str, Advisory] = {}
    for advisories in history:
        before = entries
        entries = (*before, *new_revocations(advisories, before))
        assert entries[: len(before)] == before
        last |= {advisory.id: advisory for advisory in advisories}
    assert [entry.n for entry in entries] == list(range(1, len(entries) + 1))
    assert {(entry.advisory, entry.action.value) for entry in in_force(entries, ())} == {
        (advisory.id, advisory.action.value) for advisory in last.values() if advisory.withdrawn is None
    }


def a_workspace(root: Path) -> Workspace:
    return Workspace(registry=root / "registry", index=root / "index", objects=ContentStore(root / "objects"))


def test_the_file_grows_by_lines_and_keeps_the_ones_before_to_the_byte(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path)
    assert record_revocations(workspace, ()) == ()
    assert not workspace.revocations.exists()
    record_revocations(workspace, [an_advisory()])
    before = workspace.revocations.read_bytes()
    entries = record_revocations(workspace, [an_advisory(), an_advisory(2)])
    after = workspace.revocations.read_bytes()
    assert after.startswith(before)
    assert parse_revocations(after, what="list") == entries


def test_entries_that_are_not_numbered_in_turn_are_refused(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path)
    record_revocations(workspace, [an_advisory(), an_advisory(2), an_advisory(3)])
    first, _, third = workspace.revocations.read_bytes().splitlines(keepends=True)
    for body in (first + third, third, first + first):
        with pytest.raises(DocumentError, match="has the number"):
            parse_revocations(body, what="list")


@pytest.mark.parametrize("name", ["", "../x", "a b", "\u001b[2J", "x" * 65])
def test_an_entry_is_named_by_something_that_can_be_shown(name: str) -> None:
    (entry,) = new_revocations([an_advisory()], ())
    line = canonical_json.encode_line({**documents.to_plain(entry), "advisory": name})
    with pytest.raises(DocumentError, match="not the id of an advisory"):
        parse_revocations(line, what="list")


def test_a_list_that_lost_something_is_not_published() -> None:
    published = b"one\ntwo\n"
    refuse_rewritten(b"one\ntwo\nthree\n", published=published, is_new_epoch=False)
    refuse_rewritten(b"", published=None, is_new_epoch=False)
    refuse_rewritten(b"", published=published, is_new_epoch=True)
    for ours in (b"", b"one\n", b"one\n2\nthree\n"):
        with pytest.raises(TamperedError, match="not a continuation"):
            refuse_rewritten(ours, published=published, is_new_epoch=False)
