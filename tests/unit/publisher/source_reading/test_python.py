"""Python source: what it reaches for, under whatever name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.publisher.source_reading.reading import MAX_SOURCE_BYTES, read_source


def uses(text: str) -> set[tuple[int, str, str]]:
    return {(use.line, use.kind, use.what) for use in read_source("a.py", text.encode()).uses}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import subprocess as s\ns.run([])", {(1, "process", "subprocess"), (2, "process", "subprocess.run")}),
        ("from os import system as s\ns('x')", {(1, "process", "os.system"), (2, "process", "os.system")}),
        ("import os\nx = os.environ['A']", {(2, "environment", "os.environ")}),
        ("import os\nf = os.popen\nf('x')", {(2, "process", "os.popen"), (3, "process", "os.popen")}),
        ("getattr(__import__('os'), 'sys' + 'tem')('x')", {(1, "process", "os.system")}),
        ("import importlib\nimportlib.import_module('socket')", {(2, "network", "socket")}),
        ("import importlib\nimportlib.import_module(name)", {(2, "code", "importlib.import_module")}),
        ("open('a')", {(1, "files.read", "open()")}),
        ("open('a', mode='ab')", {(1, "files.write", "open()")}),
        ("p.open('w')\np.write_text('')", {(1, "files.write", "open()"), (2, "files.write", ".write_text()")}),
        ("import ctypes", {(1, "native", "ctypes")}),
        ("eval('1 + 1')", set()),
        ("eval(text)", {(1, "code", "eval")}),
        ("from .socket import x\nfrom . import requests\nrequests.get()", set()),
        ("import urllib.parse, http, socket as s\ns.gethostname()", {(1, "network", "socket")}),
        ("import urllib.request", {(1, "network", "urllib.request")}),
    ],
)
def test_names_are_followed(text: str, expected: set[tuple[int, str, str]]) -> None:
    assert uses(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "import base64 as b\nexec(b.b64decode(x))",
        "from base64 import b64decode as d\ntext = d(x)\nexec(text)",
        "exec(compile(bytes.fromhex(x), '', 'exec'))",
        "import codecs\neval(codecs.decode(x, 'rot13'))",
        "exec(''.join(map(chr, numbers)))",
        "exec(bytes([" + "1, " * 30 + "]).decode())",
        "__import__('builtins').exec(__import__('zlib').decompress(x))",
    ],
)
def test_text_that_is_decoded_and_run_is_disguised(text: str) -> None:
    assert {use.kind for use in read_source("a.py", text.encode()).disguised} == {"code"}


@pytest.mark.parametrize("text", ["exec(open(f).read())", "x = base64.b64decode(y)", "eval(expression)"])
def test_what_is_only_run_or_only_decoded_is_not(text: str) -> None:
    assert read_source("a.py", text.encode()).disguised == ()


@pytest.mark.parametrize(
    "data",
    [b"def (", b"\0", b"(" * 5000, b"-" * 100_000 + b"1", b"x" + b".a" * 50_000, b"\xff", b"# coding: nonsense\n"],
    ids=range(7),
)
def test_what_cannot_be_read_is_told(data: bytes) -> None:
    reading = read_source("a.py", data)
    assert reading.uses == ()
    assert reading.unreadable


def test_long_files_are_not_read() -> None:
    assert read_source("a.py", b" " * (MAX_SOURCE_BYTES + 1)).unreadable == "it is larger than 2,097,152 bytes"


@pytest.mark.parametrize("name", ["a.txt", "a.pyi", "a.d.ts", "py"])
def test_other_files_are_none_of_its_business(name: str) -> None:
    assert read_source(name, b"import socket").uses == ()


@given(st.text(max_size=200), st.sampled_from(["a.py", "a.js", "a.ts"]))
def test_no_text_breaks_it(text: str, name: str) -> None:
    read_source(name, text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=200), st.sampled_from(["a.py", "a.js"]))
def test_no_bytes_break_it(data: bytes, name: str) -> None:
    read_source(name, data)
