from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from foreign_archives import a_wheel
from pluginry.encoding.foreign_zip import unpack_zip
from pluginry.encoding.wheel_metadata import MAX_METADATA_BYTES, WheelMetadata, read_wheel_metadata
from pluginry.errors import DocumentError
from pluginry.model.manifest import EntryPoint

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


def _read(tmp_path: Path, **changes: Any) -> WheelMetadata:
    unpack_zip(a_wheel(tmp_path, **changes), tmp_path / "unpacked")
    return read_wheel_metadata(tmp_path / "unpacked")


def test_what_a_wheel_says_of_itself_is_read(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        headers=[
            "Summary: Shows demos",
            "Keywords: demo,testing",
            "Home-page: https://example.com/",
            "Project-URL: Source, https://example.com/source",
            "Description-Content-Type: text/markdown",
            "Classifier: License :: OSI Approved :: MIT License",
            "Requires-Python: >=3.10",
        ],
        description="# Demo\n",
    )

    assert (found.name, found.version, found.summary) == ("demo-plugin", "1.2.0", "Shows demos")
    assert found.keywords == ("demo", "testing")
    assert found.urls == {"Homepage": "https://example.com/", "Source": "https://example.com/source"}
    assert found.description.strip() == "# Demo"
    assert found.requires_python == ">=3.10"
    assert found.entry_points == {"pytest11": (EntryPoint(name="demo", target="demo_plugin.hooks"),)}


def test_requirements_of_extras_are_no_requirements(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        headers=[
            "Requires-Dist: pytest>=7",
            "Requires-Dist: towncrier; extra == 'docs'",
            "Requires-Dist: tomli>=2; python_version < '3.11' and (extra == 'dev' or extra == 'docs')",
            "Requires-Dist: tomli>=2; python_version < '3.11'",
        ],
    )

    assert [str(requirement) for requirement in found.requires] == ["pytest>=7", 'tomli>=2; python_version < "3.11"']


def test_names_of_entry_points_keep_their_case_and_lose_their_extras(tmp_path: Path) -> None:
    found = _read(tmp_path, entry_points="[flake8.extension]\nB90 = bugbear:BugBear [extra]\n[empty]\n")

    assert found.entry_points == {"flake8.extension": (EntryPoint(name="B90", target="bugbear:BugBear"),)}


def test_a_wheel_without_entry_points_has_none(tmp_path: Path) -> None:
    assert _read(tmp_path, entry_points="").entry_points == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"entry_points": "no section = here"},
        {"entry_points": "[a]\nb = c\n[a]\nb = d\n"},
        {"headers": ["Requires-Dist: not a requirement !!!"]},
        {"files": {"other-1.0.dist-info/METADATA": b"Name: other\nVersion: 1.0\n"}},
        {"files": {"padding": b""}, "description": "x" * (MAX_METADATA_BYTES + 1)},
    ],
)
def test_metadata_that_cannot_be_understood_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        _read(tmp_path, **changes)


@pytest.mark.parametrize("metadata", ["", "Name: demo\n", "Version: 1.0\n", "\x00\x01"])
def test_a_wheel_says_its_name_and_version(tmp_path: Path, metadata: str) -> None:
    (tmp_path / "demo-1.0.dist-info").mkdir()
    (tmp_path / "demo-1.0.dist-info/METADATA").write_text(metadata)

    with pytest.raises(DocumentError):
        read_wheel_metadata(tmp_path)
