"""The wheel on its own, with nothing but the base dependencies beside it: what a host application embeds."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel's content and links to its base dependencies, theirs included, and no others."""
    folder = tmp_path_factory.mktemp("environment")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    for name in base_dependencies():
        distribution = importlib.metadata.distribution(name)
        for part in {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}:
            link = folder / part
            if not link.exists():
                link.symlink_to(Path(str(distribution.locate_file(part))))
    return folder


def base_dependencies() -> set[str]:
    """Return what the wheel needs without extras, and what that needs, by name."""
    found: set[str] = set()
    open_names = ["pluginry"]
    while open_names:
        name = open_names.pop()
        for requirement in importlib.metadata.requires(name) or ():
            text, _, marker = requirement.partition(";")
            crypto = name == "securesystemslib" and "crypto" in marker and "hsm" not in marker
            if "extra" in marker and not crypto:
                continue
            match = REQUIREMENT.match(text)
            needed = match.group(0) if match else ""
            if needed not in found and is_installed(needed):
                found.add(needed)
                open_names.append(needed)
    return found


def is_installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def run(environment: Path, *arguments: str, cwd: Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    program = f"import sys; sys.path.insert(0, {str(environment)!r}); from pluginry.cli.main import run; run()"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "PLUGINRY_HOME": str(home or cwd / "home")},
    )


def test_the_wheel_holds_the_schemas_and_the_templates_of_the_checkout(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("schemas", "site_templates"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert f"pluginry/_data/{path.relative_to(ROOT).as_posix()}" in names


def test_the_base_installation_has_no_registry_tools(environment: Path) -> None:
    for module in ("sigstore", "jinja2", "boto3", "jsonschema", "yaml"):
        assert not (environment / module).exists()
    assert (environment / "tuf").exists()


def test_help_and_version_work_in_an_empty_environment(environment: Path, tmp_path: Path) -> None:
    assert run(environment, "--version", cwd=tmp_path).stdout.startswith("pluginry, version ")
    assert "For users of plugins" in run(environment, "--help", cwd=tmp_path).stdout


def test_a_command_of_the_registry_says_which_extra_it_needs(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "plugin.yaml").write_text("schema: 1\n", "utf-8")
    done = run(environment, "check", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert "pluginry[registry]" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_verify_extra_a_marketplace_that_signs_everything_is_refused(
    environment: Path, tmp_path: Path
) -> None:
    program = (
        f"import sys; sys.path[:0] = [{str(environment)!r}]\n"
        "from pluginry.hosts.connections import Connections\n"
        "from pluginry.errors import PolicyError\n"
        "try:\n    Connections().verifier()\n"
        "except PolicyError as error:\n    import json; print(json.dumps([error.exit_status, error.hint]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    status, hint = json.loads(done.stdout)
    assert status == 6
    assert "pluginry[verify]" in hint


def test_the_client_library_imports_nothing_of_the_tool_chain(environment: Path, tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path[:0] = [{str(environment)!r}]\n"
        "import pluginry.hosts.connections\n"
        "print([m for m in ('sigstore', 'tuf', 'urllib3', 'cryptography', 'yaml', 'click') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "[]"
