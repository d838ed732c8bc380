from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.path_source import PathSource
from pluginry.errors import DocumentError, NotFoundError, TransportError
from pluginry.model.release import Source

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    folder = tmp_path / "registry"
    source = folder / "plugins/acme/demo/source/1.0.0"
    source.mkdir(parents=True)
    (source / "plugin.yaml").write_text("schema: 1\n")
    (source / "bin").mkdir()
    (source / "bin/run").write_text("#!/bin/sh\n")
    (source / "bin/run").chmod(0o755)
    return folder


def _fetch(registry: Path, text: str, *, max_bytes: int = MIB) -> Path:
    into = registry.parent / "into"
    into.mkdir()
    return PathSource(registry).fetch(Source(path=text), into, expected=None, max_bytes=max_bytes)


def test_a_source_tree_is_copied_with_its_modes(registry: Path) -> None:
    copy = _fetch(registry, str(registry / "plugins/acme/demo/source/1.0.0"))

    assert copy.parent == registry.parent / "into"
    assert sorted(path.relative_to(copy).as_posix() for path in copy.rglob("*")) == ["bin", "bin/run", "plugin.yaml"]
    assert (copy / "bin/run").stat().st_mode & stat.S_IXUSR


def test_what_changes_later_does_not_change_the_copy(registry: Path) -> None:
    source = registry / "plugins/acme/demo/source/1.0.0"
    copy = _fetch(registry, str(source))

    (source / "plugin.yaml").write_text("schema: 2\n")

    assert (copy / "plugin.yaml").read_text() == "schema: 1\n"


@pytest.mark.parametrize(
    "path", ["plugins/../../outside", "plugins/acme/demo/source/../../../../../outside", "../outside"]
)
def test_a_path_does_not_lead_out_of_the_registry(registry: Path, path: str) -> None:
    (registry.parent / "outside").mkdir()

    with pytest.raises(NotFoundError):
        _fetch(registry, f"{registry}/{path}")


def test_another_folder_of_the_machine_is_no_source(registry: Path) -> None:
    with pytest.raises(NotFoundError):
        _fetch(registry, str(registry.parent))


def test_the_registry_itself_is_no_source(registry: Path) -> None:
    with pytest.raises(NotFoundError):
        _fetch(registry, str(registry))


def test_a_missing_tree_is_not_found(registry: Path) -> None:
    with pytest.raises(NotFoundError):
        _fetch(registry, str(registry / "plugins/acme/demo/source/2.0.0"))


def test_no_link_is_followed_on_the_way(registry: Path) -> None:
    (registry.parent / "outside").mkdir()
    (registry / "plugins/acme/link").symlink_to(registry.parent / "outside")

    with pytest.raises(DocumentError):
        _fetch(registry, str(registry / "plugins/acme/link"))


def test_no_link_is_copied(registry: Path) -> None:
    (registry / "plugins/acme/demo/source/1.0.0/passwords").symlink_to("/etc/passwd")

    with pytest.raises(DocumentError):
        _fetch(registry, str(registry / "plugins/acme/demo/source/1.0.0"))


def test_no_pipe_is_waited_for(registry: Path) -> None:
    os.mkfifo(registry / "plugins/acme/demo/source/1.0.0/pipe")

    with pytest.raises(DocumentError):
        _fetch(registry, str(registry / "plugins/acme/demo/source/1.0.0"))


def test_a_tree_may_be_too_large(registry: Path) -> None:
    (registry / "plugins/acme/demo/source/1.0.0/data").write_bytes(b"x" * 2000)

    with pytest.raises(TransportError):
        _fetch(registry, str(registry / "plugins/acme/demo/source/1.0.0"), max_bytes=1000)
