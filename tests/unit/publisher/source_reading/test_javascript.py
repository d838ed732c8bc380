"""JavaScript source: what it reaches for, under whatever name."""

from __future__ import annotations

import pytest

from pluginry.publisher.source_reading.reading import read_source


def uses(text: str, name: str = "a.js") -> set[tuple[str, str]]:
    return {(use.kind, use.what) for use in read_source(name, text.encode()).uses}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "const cp = require('node:child_process')\ncp.exec('x')",
            {("process", "child_process"), ("process", "child_process.exec")},
        ),
        (
            "const {exec: run, spawn} = require('child_process'); run('x'); spawn('y')",
            {("process", "child_process"), ("process", "child_process.exec"), ("process", "child_process.spawn")},
        ),
        ("import {get as g} from 'https'\ng('x')", {("network", "https"), ("network", "https.get")}),
        ("import * as files from 'fs'\nfiles.rmSync('x')", {("files.read", "fs"), ("files.write", "fs.rmSync")}),
        (
            "import {writeFile} from 'node:fs/promises'\nwriteFile('x')",
            {("files.read", "fs"), ("files.write", "fs.writeFile")},
        ),
        (
            "require('chi' + 'ld_process')['exec']('x')",
            {("process", "child_process"), ("process", "child_process.exec")},
        ),
        (
            "(await import('child_process')).exec('x')",
            {("process", "child_process"), ("process", "child_process.exec")},
        ),
        ("require(name)", {("code", "require")}),
        ("fetch('x'); window.fetch('y'); new WebSocket('z')", {("network", "fetch"), ("network", "WebSocket")}),
        ("process.env.HOME; process.env['A']", {("environment", "process.env.HOME"), ("environment", "process.env.A")}),
        ("navigator.clipboard.readText()", {("clipboard", "navigator.clipboard.readText")}),
        ("eval(x); new Function(y); (0, eval)(z)", {("code", "eval"), ("code", "Function")}),
        ("Function('return this')()", set()),
        ("a.execSync('x')", {("process", ".execSync()")}),
        ("const data = ['child_process', 'fs']; a.fetch('x'); socket.open()", set()),
        ("export {x} from 'axios'", {("network", "axios")}),
    ],
)
def test_names_are_followed(text: str, expected: set[tuple[str, str]]) -> None:
    assert uses(text) == expected


def test_typescript_is_read_as_well_as_can_be() -> None:
    text = "import {exec} from 'child_process'\nfunction run(x: string) { exec(x) }\n"
    assert ("process", "child_process.exec") in uses(text, "a.ts")


def test_short_names_in_minified_text_mean_nothing() -> None:
    text = "var e=require('fs');function f(e){return e.mkdir()}" + ";var x=1" * 200
    assert uses(text) == {("files.read", "fs")}


@pytest.mark.parametrize(
    "text",
    [
        "eval(atob(x))",
        "new Function(Buffer.from(x, 'base64').toString())()",
        "const t = String.fromCharCode(1, 2)\neval(t)",
        "setTimeout(unescape('%61'), 1)",
        "require('vm').runInThisContext(Buffer.from(x, 'hex'))",
        "eval(function(p,a,c,k,e,d){}('x'))",
    ],
)
def test_text_that_is_decoded_and_run_is_disguised(text: str) -> None:
    assert [use.kind for use in read_source("a.js", text.encode()).disguised] == ["code"]


@pytest.mark.parametrize("text", ["eval(x)", "const a = atob(x)", "setTimeout(() => { show(atob(x)) }, 10)"])
def test_what_is_only_run_or_only_decoded_is_not(text: str) -> None:
    assert read_source("a.js", text.encode()).disguised == ()


@pytest.mark.parametrize(
    "data",
    [b"(" * 20_000, b"[" * 200_000, b"a." * 100_000, b"`${" * 5000, b"a(b)." * 10_000, b"!" * 5000],
    ids=range(6),
)
def test_text_that_is_nested_as_no_program_is_told_as_that(data: bytes) -> None:
    assert read_source("a.js", data).unreadable == "it is nested too deeply"
