"""The copy that a refresh works on: nothing of it counts until it is kept, and nothing is left behind for long."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pluginry.adapters.tuf_copy import MetadataCopy

HOUR_S = 3600


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the machine's folder for temporary files, for this test alone."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def original(tmp_path: Path) -> Path:
    folder = tmp_path / "metadata"
    (folder / "root_history").mkdir(parents=True)
    (folder / "timestamp.json").write_text("old")
    (folder / "root_history/1.root.json").write_text("root")
    return folder


def age(path: Path, seconds: float) -> Path:
    """Let `path` look as if nobody had touched it for a while."""
    then = path.lstat().st_mtime - seconds
    os.utime(path, (then, then), follow_symlinks=False)
    return path


def left_behind(scratch: Path, name: str, hours: float) -> Path:
    folder = scratch / f"pluginry-trust-{name}"
    (folder / "metadata").mkdir(parents=True)
    (folder / "metadata/timestamp.json").write_text("half")
    return age(folder, hours * HOUR_S)


def test_what_is_changed_counts_when_it_is_kept(original: Path) -> None:
    copy = MetadataCopy.of(original)
    (copy.metadata / "timestamp.json").write_text("new")
    (copy.metadata / "root_history/2.root.json").write_text("root 2")
    assert (original / "timestamp.json").read_text() == "old"
    copy.keep()
    assert (original / "timestamp.json").read_text() == "new"
    assert (original / "root_history/2.root.json").read_text() == "root 2"
    copy.close()


def test_what_is_not_kept_leaves_nothing(original: Path, scratch: Path) -> None:
    copy = MetadataCopy.of(original)
    (copy.metadata / "timestamp.json").write_text("new")
    copy.close()
    assert (original / "timestamp.json").read_text() == "old"
    assert [*scratch.iterdir()] == []


def test_a_copy_of_nothing_is_empty_and_makes_the_original_when_it_is_kept(tmp_path: Path) -> None:
    copy = MetadataCopy.of(tmp_path / "new")
    assert [*copy.metadata.iterdir()] == []
    (copy.metadata / "timestamp.json").write_text("new")
    copy.keep()
    assert (tmp_path / "new/timestamp.json").read_text() == "new"
    copy.close()


def test_what_a_killed_process_left_goes_with_the_next_refresh(original: Path, scratch: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from pluginry.adapters.tuf_copy import MetadataCopy;"
        "copy = MetadataCopy.of(Path(sys.argv[1])); print(copy.scratch, flush=True); os._exit(1)"
    )
    environment = {**os.environ, "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    run = subprocess.run(
        [sys.executable, "-c", code, str(original)], env=environment, capture_output=True, text=True, check=False
    )
    left = Path(run.stdout.strip())
    assert left.parent == scratch
    MetadataCopy.of(original).close()
    assert (left / "metadata/timestamp.json").is_file()
    age(left, 2 * HOUR_S)
    MetadataCopy.of(original).close()
    assert not left.exists()


def test_the_copy_of_somebody_who_is_at_work_stays(original: Path, scratch: Path) -> None:
    at_work, asleep = left_behind(scratch, "at-work", 0.9), left_behind(scratch, "dead", 1.1)
    MetadataCopy.of(original).close()
    assert at_work.is_dir()
    assert not asleep.exists()


def test_nothing_else_is_touched(original: Path, scratch: Path, tmp_path: Path) -> None:
    foreign = left_behind(scratch, "x", 0).rename(scratch / "other-trust-x")
    age(foreign, 9 * HOUR_S)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    link = scratch / "pluginry-trust-link"
    link.symlink_to(precious, target_is_directory=True)
    age(link, 9 * HOUR_S)
    MetadataCopy.of(original).close()
    assert foreign.is_dir()
    assert (precious / "file").read_text() == "kept"


def test_half_written_files_beside_the_original_go_when_the_next_copy_is_kept(original: Path) -> None:
    old = original / "root_history/.incoming-old"
    old.write_text("half")
    age(old, 2 * HOUR_S)
    young = original / ".incoming-young"
    young.write_text("half")
    copy = MetadataCopy.of(original)
    assert not [*copy.metadata.rglob(".incoming-*")]
    copy.keep()
    copy.close()
    assert not old.exists()
    assert young.exists()
