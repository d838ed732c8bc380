from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from foreign_archives import a_tarball, an_npm_package
from pluginry.encoding.npm_metadata import MAX_METADATA_BYTES, NpmMetadata, read_npm_metadata
from pluginry.encoding.tarball import unpack_tarball
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


HARD_TO_COMPRESS = b"".join(sha256(b"%d" % n).hexdigest().encode() for n in range(MAX_METADATA_BYTES // 64 + 1))


def _read(tmp_path: Path, **changes: Any) -> NpmMetadata:
    unpack_tarball(an_npm_package(tmp_path, **changes), tmp_path / "unpacked")
    return read_npm_metadata(tmp_path / "unpacked")


def test_what_a_package_says_of_itself_is_read(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        top="eslint-plugin-demo",
        repository={"type": "git", "url": "git+https://example.com/demo.git"},
        bugs={"url": "https://example.com/issues"},
        keywords=["eslint", 7, "demo"],
        dependencies={"b": "^1", "a": "*"},
    )

    assert (found.folder, found.name, found.version) == ("eslint-plugin-demo", "eslint-plugin-demo", "1.2.0")
    assert found.repository == "git+https://example.com/demo.git"
    assert found.bugs == "https://example.com/issues"
    assert found.keywords == ("eslint", "demo")
    assert found.engines == {"node": ">=18"}
    assert list(found.dependencies.items()) == [("a", "*"), ("b", "^1")]
    assert found.peer_dependencies == {"eslint": "^8.0.0 || ^9.0.0"}
    assert found.install_scripts == ()


def test_old_shapes_of_fields_are_understood(tmp_path: Path) -> None:
    found = _read(
        tmp_path, license={"type": "MIT"}, repository="github:a/b", bugs="https://example.com/", keywords="a,b"
    )

    assert (found.license, found.repository, found.bugs) == ("MIT", "github:a/b", "https://example.com/")
    assert found.keywords == ("a", "b")


def test_fields_of_unknown_shape_are_left_empty(tmp_path: Path) -> None:
    found = _read(tmp_path, license=["MIT"], homepage=5, keywords={"a": 1}, engines=["node"], peerDependencies={"a": 5})

    assert (found.license, found.homepage, found.keywords) == ("", "", ())
    assert found.engines == {}
    assert found.peer_dependencies == {}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"main": "./lib/a.js"}, "lib/a.js"),
        ({"main": "lib"}, "lib/index.js"),
        ({"main": "lib/a"}, "lib/a.js"),
        ({"main": None, "exports": "./lib/a.js"}, "lib/a.js"),
        ({"main": None, "exports": {".": {"import": {"types": "./a.d.ts", "default": "./lib/a.js"}}}}, "lib/a.js"),
        ({"main": None, "exports": {"require": "./lib/a.js"}}, "lib/a.js"),
        ({"main": None}, "index.js"),
    ],
)
def test_the_likeliest_main_modules_are_named(tmp_path: Path, fields: dict[str, Any], expected: str) -> None:
    assert expected in _read(tmp_path, **fields).mains


@pytest.mark.parametrize("script", ["preinstall", "install", "postinstall"])
def test_scripts_of_the_installation_are_named(tmp_path: Path, script: str) -> None:
    assert _read(tmp_path, scripts={script: "node steal.js", "test": "x"}).install_scripts == (script,)


def test_a_package_that_npm_would_compile_has_a_script(tmp_path: Path) -> None:
    assert _read(tmp_path, files={"binding.gyp": b"{}"}).install_scripts == ("install",)


@pytest.mark.parametrize(
    "files",
    [
        {"package/index.js": b""},
        {"a/package.json": b"{}", "b/package.json": b"{}"},
        {"package/package.json": b"[]"},
        {"package/package.json": b"not json"},
        {"package/package.json": b"\xff"},
        {"package/package.json": b"[" * 100_000},
        {"package/package.json": b'{"name": "' + HARD_TO_COMPRESS + b'"}'},
    ],
)
def test_what_is_no_package_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    unpack_tarball(a_tarball(tmp_path / "a.tgz", files), tmp_path / "unpacked")

    with pytest.raises(DocumentError):
        read_npm_metadata(tmp_path / "unpacked")
