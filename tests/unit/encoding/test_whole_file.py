from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pluginry.client.intent_files import write_intent, write_lock
from pluginry.encoding.ledger_files import append_events
from pluginry.encoding.revocation_file import append_revocations
from pluginry.encoding.trust_files import TrustFiles
from pluginry.encoding.whole_file import replace_file, write_whole
from pluginry.model.intent import Intent, Lock
from pluginry.model.ledger import Listed
from pluginry.model.names import PluginId
from pluginry.model.revocation import Revocation, Verdict
from pluginry.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEMO, AT = PluginId.parse("acme/demo"), datetime(2026, 1, 1, tzinfo=UTC)
REVOKED = Revocation(n=1, at=AT, advisory="PLG-2026-0001", action=Verdict.DISABLE)
WRITERS: dict[str, Callable[[Path], object]] = {
    "acme/demo.jsonl": lambda folder: append_events(folder, DEMO, [Listed(at=AT, status=Status.ACTIVE)]),
    "plugins.lock": lambda folder: write_lock(Lock(plugins=()), folder),
    "plugins.toml": lambda folder: write_intent(Intent(), folder),
    "replaced": lambda folder: replace_file(folder / "replaced", b"new"),
    "revocations.jsonl": lambda folder: append_revocations(folder / "revocations.jsonl", [REVOKED]),
    "root.json": lambda folder: TrustFiles(folder).write("root.json", b"new"),
    "written": lambda folder: write_whole(folder / "written", b"new"),
}
both = pytest.mark.parametrize("write", [replace_file, write_whole])


@both
def test_a_file_is_replaced_and_its_folder_made(write: Callable[[Path, bytes], None], tmp_path: Path) -> None:
    for body in (b"one", b"another"):
        write(tmp_path / "folder/file", body)
        assert (tmp_path / "folder/file").read_bytes() == body
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["file"]


@both
def test_what_cannot_be_replaced_stays_and_nothing_is_left_beside_it(
    write: Callable[[Path, bytes], None], tmp_path: Path
) -> None:
    (tmp_path / "file/inside").mkdir(parents=True)
    with pytest.raises(OSError, match="file"):
        write(tmp_path / "file", b"new")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["file", "file/inside"]


@both
def test_what_is_left_of_who_was_killed_is_in_nobodys_way(write: Callable[[Path, bytes], None], tmp_path: Path) -> None:
    left = tmp_path / ".file.new"
    left.write_bytes(b"half of it")
    for body in (b"one", b"another"):
        write(tmp_path / "file", body)
        assert (tmp_path / "file").read_bytes() == body
    assert sorted(tmp_path.iterdir()) == [left, tmp_path / "file"]


@pytest.mark.parametrize("name", WRITERS)
def test_no_link_that_lies_beside_the_file_or_under_its_name_leads_to_another_one(name: str, tmp_path: Path) -> None:
    folder, precious = tmp_path / "clone", tmp_path / "precious"
    precious.write_bytes(b"")
    target = folder / name
    target.parent.mkdir(parents=True)
    for guessed in (target.name, f".{target.name}.new", f"{target.name}.new", f".{target.name}.partial"):
        (target.parent / guessed).symlink_to(precious)
    WRITERS[name](folder)
    assert precious.read_bytes() == b""
    assert target.is_file()
    assert not target.is_symlink()
