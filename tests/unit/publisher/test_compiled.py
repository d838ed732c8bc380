"""What was compiled is found again by those who would compile the same, and by nobody else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from jinja2 import DictLoader, Environment
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pluginry.publisher.pages import compiled
from pluginry.publisher.pages.compiled import Compiled, compiled_for
from pluginry.publisher.pages.languages import ENGLISH

if TYPE_CHECKING:
    from pathlib import Path


class Compiling(Environment):
    """Counts how many templates it compiles."""

    times = 0

    def _compile(self, source: str, filename: str) -> object:  # type: ignore[override]  # it returns code
        self.times += 1
        return super()._compile(source, filename)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where compiled templates are kept meanwhile."""
    monkeypatch.setattr(compiled, "_FOLDER", tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path


def compiles(name: str, text: str = "Hello {{ who }}") -> int:
    """Render a page as a new process would that keeps templates under `name`; return how many it compiled."""
    environment = Compiling(loader=DictLoader({"page.html": text}), bytecode_cache=Compiled(name), autoescape=True)
    assert environment.get_template("page.html").render(who="world") == text.replace("{{ who }}", "world")
    return environment.times


def test_a_template_is_compiled_once(folder: Path) -> None:
    assert [compiles("this"), compiles("this")] == [1, 0]
    assert len(list(folder.iterdir())) == 1


def test_another_text_or_name_is_compiled_and_takes_the_place(folder: Path) -> None:
    variant = "v" * 64
    runs = [(f"{variant} 1", "One"), (f"{variant} 1", "Two"), (f"{variant} 2", "Two"), (f"{variant} 2", "Two")]
    assert [compiles(name, text) for name, text in runs] == [1, 1, 1, 0]
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"x" * 31, b"x" * 99])
def test_what_is_damaged_is_compiled_again(folder: Path, damage: bytes) -> None:
    compiles("this")
    (file,) = folder.iterdir()
    for body in (damage, file.read_bytes()[:-1], file.read_bytes()[:32] + damage):
        file.write_bytes(body)
        assert [compiles("this"), compiles("this")] == [1, 0]


def test_where_nobody_may_write_everybody_compiles(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").write_bytes(b"in the way")
    monkeypatch.setattr(compiled, "_FOLDER", folder / "file")
    assert [compiles("this"), compiles("this")] == [1, 1]


def test_nothing_is_kept_where_python_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    compiles("this")
    assert list(folder.iterdir()) == []


def test_templates_of_an_operator_are_not_kept(folder: Path) -> None:
    sandboxed = compiled_for(ImmutableSandboxedEnvironment, ENGLISH)
    assert sandboxed is not compiled_for(Environment, ENGLISH)
    loader = DictLoader({"page.html": "Hello"})
    ImmutableSandboxedEnvironment(loader=loader, bytecode_cache=sandboxed, autoescape=True).get_template("page.html")
    assert list(folder.iterdir()) == []
