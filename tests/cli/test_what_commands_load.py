"""What the client's commands load: each of them pays for what it uses, and for nothing else."""

from __future__ import annotations

import gc
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from pluginry.cli.client_wiring import open_client
from pluginry.model.digest import Digest
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import atexit, sys
from pluginry.cli.main import run
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
run()
"""
AMAZON = {"boto3.session", "s3transfer", "multiprocessing"}
DELTAS = {"pluginry.client.package_delta", "pluginry.encoding.archive_writer", "pluginry.client.catalogue_steps"}
REGISTRY = {"jinja2", "jsonschema", "yaml", "rich", "pluginry.model.listing", "pluginry.model.release"}
TRUST = {"tuf", "securesystemslib", "sigstore", "urllib3", "cryptography"}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home that knows a marketplace of signed plugins, which lies in a folder, and has one of them."""
    folder = tmp_path_factory.mktemp("known")
    market = Simulator(now=datetime.now(UTC).replace(microsecond=0))
    market.release("acme/here")
    market.release("acme/there")
    market.publish()
    location = str(market.write_to(folder / "market"))
    home = folder / "home"
    fingerprint = Digest.of(market.repository.roots[0]).hex
    modules_after(home, "source", "add", "market", location, "--fingerprint", fingerprint)
    modules_after(home, "install", "acme/here")
    return home


def modules_after(home: Path, *arguments: str) -> set[str]:
    """Return the modules that a new process has when the command is over."""
    command = [sys.executable, "-c", PROGRAM, *arguments, "--home", str(home), "-q"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {*done.stderr.split()}


@pytest.mark.parametrize(
    ("arguments", "used", "unused"),
    [
        (("list",), set(), TRUST | AMAZON | DELTAS | {"traceback"}),
        (("show", "acme/here"), set(), TRUST | AMAZON | DELTAS | {"traceback"}),
        (("search", "here"), {"pluginry.client.search_table"}, TRUST | AMAZON | DELTAS | {"traceback"}),
        (("update",), set(), TRUST | AMAZON | DELTAS),
        (("source", "refresh"), {"tuf.ngclient"}, {"sigstore"} | AMAZON | DELTAS),
        (("install", "acme/there"), {"sigstore.models"}, AMAZON | DELTAS),
    ],
)
def test_a_command_loads_what_it_uses(
    known: Path, arguments: tuple[str, ...], used: set[str], unused: set[str]
) -> None:
    loaded = modules_after(known, *arguments)
    assert used <= loaded
    assert loaded & (unused | REGISTRY) == set()


def test_when_a_command_is_over_the_process_is_as_it_was(tmp_path: Path) -> None:
    def state() -> tuple[object, ...]:
        return gc.get_threshold(), tuple(sys.meta_path)

    @click.command
    def command() -> None:
        open_client(tmp_path)
        within.append(state())

    within: list[object] = []
    before = state()
    assert CliRunner().invoke(command).exit_code == 0
    assert within != [before]
    assert state() == before
