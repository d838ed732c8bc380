"""Which packages of other ecosystems files speak of."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.publisher.vendored.look_alike import taken_for
from pluginry.publisher.vendored.recognise import packages_in


def seen(file: str, content: str | bytes) -> list[tuple[str, str, str]]:
    data = content.encode() if isinstance(content, str) else content
    return [(one.ecosystem, one.name, one.version) for one in packages_in(file, lambda: data)]


def test_a_lock_of_npm_names_all_of_it() -> None:
    lock = {
        "packages": {
            "": {"name": "self", "version": "1.0.0"},
            "node_modules/a": {"version": "1.2.3"},
            "node_modules/a/node_modules/@b/c": {"version": "0.1.0-rc.1"},
            "node_modules/alias": {"name": "real", "version": "3.0.0"},
            "node_modules/link": {"link": True},
        }
    }
    expected = [("npm", "a", "1.2.3"), ("npm", "@b/c", "0.1.0-rc.1"), ("npm", "real", "3.0.0")]
    assert seen("package-lock.json", json.dumps(lock)) == expected
    assert seen("x/npm-shrinkwrap.json", '{"dependencies": {"a": {"version": "1.2.3"}}}') == expected[:1]


def test_requirements_count_where_they_are_exact() -> None:
    text = "a==1.0\nb[x] == 2.0 ; python_version > '3'\nc>=1\n-r other.txt\n# d==1\n"
    assert seen("requirements-dev.txt", text) == [("PyPI", "a", "1.0"), ("PyPI", "b", "2.0")]
    assert seen("pip/_vendor/vendor.txt", "e==3.0\n") == [("PyPI", "e", "3.0")]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("package.json", '{"name": "a", "version": "1.0.0"}'),
        ("node_modules/a/lib/package.json", '{"name": "a", "version": "1.0.0"}'),
        ("node_modules/a/package.json", '{"name": "../a", "version": "1.0.0"}'),
        ("node_modules/a/package.json", '{"name": "a", "version": 1}'),
        ("node_modules/a/package.json", "[" * 100_000),
        ("a.dist-info/METADATA", "Name: a\n"),
        ("a.dist-info/METADATA", b"\xff\xfe"),
        ("package-lock.json", '{"packages": {"node_modules/a": 1}}'),
        ("package-lock.json", "[]"),
    ],
)
def test_what_names_nothing_is_nothing(file: str, content: str | bytes) -> None:
    assert seen(file, content) == []


@given(st.binary(max_size=100), st.sampled_from(["package-lock.json", "a.dist-info/METADATA", "requirements.txt"]))
def test_no_bytes_break_it(data: bytes, file: str) -> None:
    seen(file, data)


@pytest.mark.parametrize(
    ("ecosystem", "name", "other"),
    [
        ("PyPI", "reqeusts", "requests"),
        ("PyPI", "request", "requests"),
        ("PyPI", "requestss", "requests"),
        ("PyPI", "python-dateutill", "python-dateutil"),
        ("npm", "cros-env", "cross-env"),
        ("npm", "crossenv", "cross-env"),
        ("npm", "loadsh", "lodash"),
        ("npm", "lodash", ""),
        ("npm", "preact", ""),
        ("npm", "@types/reacts", ""),
        ("PyPI", "flask", ""),
        ("PyPI", "my-own-package", ""),
        ("Go", "reqeusts", ""),
    ],
)
def test_names_that_can_be_taken_for_famous_ones(ecosystem: str, name: str, other: str) -> None:
    assert taken_for(ecosystem, name) == other
