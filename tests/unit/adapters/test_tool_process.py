from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.tool_process import environment, run_tool
from pluginry.errors import TransportError

if TYPE_CHECKING:
    from pathlib import Path


def _python(folder: Path, code: str, *, timeout_s: float = 30, max_bytes: int | None = None) -> None:
    command = [sys.executable, "-c", code]
    run_tool(command, folder=folder, variables=environment(), timeout_s=timeout_s, max_bytes=max_bytes)


def test_a_tool_gets_input_and_is_heard(tmp_path: Path) -> None:
    done = run_tool(
        [sys.executable, "-c", "import sys; print(sys.stdin.read()); print('no', file=sys.stderr); sys.exit(3)"],
        folder=tmp_path,
        variables=environment(),
        timeout_s=30,
        feed=b"hello",
    )

    assert (done.status, done.output.strip(), done.errors.strip()) == (3, b"hello", "no")


def test_a_tool_sees_only_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SECRET_TOKEN", "secret")
    monkeypatch.setenv("PIP_RETRIES", "1")

    assert "MY_SECRET_TOKEN" not in environment("HOME", prefixes=("pip_",))
    assert environment(prefixes=("pip_",))["PIP_RETRIES"] == "1"
    assert "PIP_RETRIES" not in environment()
    assert "PATH" in environment()


def test_a_tool_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="too long"):
        _python(tmp_path, "import time; time.sleep(60)", timeout_s=0.2)


def test_a_tool_that_fills_its_folder_is_stopped(tmp_path: Path) -> None:
    code = "import time; open('big', 'wb').write(b'x' * 5000); time.sleep(60)"

    with pytest.raises(TransportError, match="more than 1,000 bytes"):
        _python(tmp_path, code, max_bytes=1000)


def test_a_tool_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="no-such-tool cannot be started"):
        run_tool(["no-such-tool"], folder=tmp_path, variables=environment(), timeout_s=1)
