from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from foreign_archives import a_wheel
from pluginry.adapters.pypi_source import PypiSource
from pluginry.errors import NotFoundError, TamperedError, TransportError
from pluginry.model.digest import BlobRef
from pluginry.model.release import Source

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
DEMO = Source(pypi="demo-plugin", version="1.2.0")


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a wheel in a folder that is all that pip, configured by its own variables, knows."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return a_wheel(folder, headers=["Requires-Python: >=3.99", "Requires-Dist: not-there>=1"])


def _fetch(tmp_path: Path, source: Source, *, expected: BlobRef | None = None, max_bytes: int = MIB) -> Path:
    into = tmp_path / "into"
    into.mkdir()
    return PypiSource().fetch(source, into, expected=expected, max_bytes=max_bytes)


def test_a_wheel_is_fetched_as_it_is_whatever_this_python_or_its_requirements(tmp_path: Path, wheel: Path) -> None:
    found = _fetch(tmp_path, DEMO, expected=BlobRef.of(wheel.read_bytes()))

    assert found.name == wheel.name
    assert found.read_bytes() == wheel.read_bytes()


def test_a_file_can_be_named(tmp_path: Path, wheel: Path) -> None:
    found = _fetch(tmp_path, Source(pypi="demo-plugin", version="1.2.0", file=wheel.name))

    assert found.read_bytes() == wheel.read_bytes()


def test_wheels_for_other_machines_can_be_named(tmp_path: Path, wheel: Path) -> None:
    name = "demo_plugin-1.2.0-cp312-abi3-macosx_11_0_arm64.whl"
    content = wheel.rename(wheel.with_name(name)).read_bytes()

    found = _fetch(tmp_path, Source(pypi="demo-plugin", version="1.2.0", file=name))

    assert (found.name, found.read_bytes()) == (name, content)


@pytest.mark.parametrize(
    "source",
    [
        Source(pypi="demo-plugin", version="9.9.9"),
        Source(pypi="not-there", version="1.0"),
        Source(pypi="demo-plugin", version="1.2.0", file="demo_plugin-1.2.0-cp312-cp312-win_amd64.whl"),
        Source(pypi="demo-plugin", version="1.2.0", file="not a wheel"),
        Source(pypi="--index-url=https://example.com", version="1"),
        Source(pypi="demo-plugin", version="1.2.0 --pre"),
        Source(pypi="demo-plugin", version="*"),
        Source(pypi="./demo", version="1.0"),
    ],
)
@pytest.mark.usefixtures("wheel")
def test_what_there_is_not_is_not_found(tmp_path: Path, source: Source) -> None:
    with pytest.raises(NotFoundError):
        _fetch(tmp_path, source)


@pytest.mark.usefixtures("wheel")
def test_another_wheel_than_promised_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TamperedError):
        _fetch(tmp_path, DEMO, expected=BlobRef.of(b"other"))


@pytest.mark.usefixtures("wheel")
def test_a_wheel_may_be_too_large(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="larger"):
        _fetch(tmp_path, DEMO, max_bytes=100)


def test_a_source_distribution_is_never_built(tmp_path: Path, wheel: Path) -> None:
    (wheel.parent / "demo_plugin-2.0.0.tar.gz").write_bytes(b"would be built")

    with pytest.raises(NotFoundError):
        _fetch(tmp_path, Source(pypi="demo-plugin", version="2.0.0"))


def test_a_python_without_pip_says_so(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="cannot be started"):
        PypiSource(python="no-such-python").fetch(DEMO, tmp_path, expected=None, max_bytes=MIB)


def test_a_registry_that_is_not_reached_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/secret-path")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_TIMEOUT", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(TransportError, match="could not reach") as caught:
        _fetch(tmp_path, DEMO)

    assert "127.0.0.1" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_versions_of_what_cannot_be_a_name_are_not_asked_for() -> None:
    with pytest.raises(NotFoundError):
        PypiSource().versions("--help")


@pytest.mark.network
def test_versions_are_listed_newest_first() -> None:
    found = PypiSource().versions("pytest-timeout")

    assert found.index("2.3.1") < found.index("2.2.0")


@pytest.mark.network
def test_an_unknown_distribution_has_no_versions() -> None:
    with pytest.raises(NotFoundError):
        PypiSource().versions("pluginry-has-no-such-distribution")
