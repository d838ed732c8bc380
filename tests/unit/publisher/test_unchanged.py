"""The name of what a publication is made of differs when anything does that it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.publisher import unchanged
from pluginry.publisher.unchanged import input_digest, installation_digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder that is taken for that of the program."""
    monkeypatch.setattr(unchanged, "_PROGRAM", tmp_path)
    installation_digest.cache_clear()
    yield tmp_path
    installation_digest.cache_clear()


def name_now() -> str:
    installation_digest.cache_clear()
    return input_digest(("a", "b"))


def test_the_name_of_an_input_depends_on_its_trees() -> None:
    first = input_digest(("a", "b"))
    assert first == input_digest(("a", "b"))
    assert len({first, input_digest(("a", "c")), input_digest(("ab",)), input_digest(("b", "a"))}) == 4


def test_the_name_of_an_input_depends_on_every_file_of_the_program_and_where_it_lies(program: Path) -> None:
    names = [name_now()]
    module = program / "part" / "module.py"
    module.parent.mkdir()
    for content in ("one", "two"):
        module.write_text(content)
        names.append(name_now())
    module.rename(program / "module.py")
    names.append(name_now())
    (program / "empty.html").touch()
    names.append(name_now())
    assert len(set(names)) == len(names)


def test_no_files_side_by_side_are_taken_for_others(program: Path) -> None:
    names = set()
    for files in ({"a": "x\nb 1\ny"}, {"a": "x", "b": "y"}, {"a": "", "b": "xy"}, {"a": "xy", "b": ""}, {"ab": "xy"}):
        for name, content in files.items():
            (program / name).write_text(content)
        names.add(name_now())
        for name in files:
            (program / name).unlink()
    assert len(names) == 5


def test_times_compiled_files_and_links_that_lead_nowhere_change_nothing(program: Path) -> None:
    (program / "module.py").write_text("one")
    first = name_now()
    (program / "module.py").touch()
    (program / "__pycache__").mkdir()
    (program / "__pycache__" / "module.cpython-311.pyc").write_bytes(b"compiled")
    (program / "module.pyc").write_bytes(b"compiled")
    (program / ".#module.py").symlink_to(program / "nowhere")
    assert name_now() == first


def test_a_program_does_not_get_another_name_while_it_runs(program: Path) -> None:
    first = installation_digest()
    (program / "module.py").write_text("installed meanwhile")
    assert installation_digest() == first
