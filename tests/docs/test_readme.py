"""The commands of the README work as they stand, in the order in which they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from e2e.marketplace_on_disk import Workspace, copy_registry

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- run by the tests -->\n```sh\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_every_command_of_the_readme_works(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    commands = [line for block in BLOCK.findall(text) for line in block.splitlines() if line.strip()]
    assert len(commands) >= 10
    copy_registry(tmp_path)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "REGISTRY": str(tmp_path / "registry"),
        "PLUGINRY_HOME": str(tmp_path / "home"),
    }
    for command in commands:
        if "$FINGERPRINT" in command:
            environment["FINGERPRINT"] = Workspace(tmp_path).fingerprint()
        done = subprocess.run(
            ["bash", "-euc", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    run_python(PYTHON.findall(text), tmp_path, environment)


def run_python(blocks: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Run the README's Python as a host would, against what its commands published."""
    assert blocks
    for block in blocks:
        subprocess.run([sys.executable, "-c", block], cwd=folder, env=environment, check=True, capture_output=True)


def test_the_readme_opens_with_the_two_commands() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert lines[2].split()[:2] == ["make", "demo"]
    assert lines[3].split()[:2] == ["make", "test"]
    assert shutil.which("make")
