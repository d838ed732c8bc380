"""How the client reaches the world: which transport for which location, and nothing heavy before it is needed."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.folder_transport import FolderTransport
from pluginry.adapters.http_transport import HttpTransport
from pluginry.errors import UsageError
from pluginry.hosts.connections import Connections, open_marketplace

if TYPE_CHECKING:
    from pathlib import Path
from simulator import Simulator


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/srv/market", "/srv/market"),
        ("file:///srv/market", "/srv/market"),
        ("file:///srv/my%20market", "/srv/my market"),
    ],
)
def test_a_folder_is_read_as_a_folder(location: str, expected: str) -> None:
    transport = Connections().transport(location)
    assert isinstance(transport, FolderTransport)
    assert transport.location == expected


def test_an_address_is_read_over_http() -> None:
    assert isinstance(Connections().transport("https://market.example/catalogue"), HttpTransport)


@pytest.mark.parametrize("location", ["ftp://market.example/", "gs://bucket/", "javascript://x"])
def test_another_kind_of_address_is_refused(location: str) -> None:
    with pytest.raises(UsageError, match="cannot be read over"):
        Connections().transport(location)


def test_the_verifier_is_made_once() -> None:
    connections = Connections()
    assert connections.verifier() is connections.verifier()


def test_a_marketplace_in_a_folder_is_used_with_this_machines_clock(tmp_path: Path) -> None:
    market = Simulator(now=datetime.now(UTC))
    market.release("acme/demo")
    market.publish()
    location = str(market.write_to(tmp_path / "market"))
    client = open_marketplace(tmp_path / "home")
    client.add_source("market", location, fingerprint=client.fingerprint_of(location))
    assert [str(found.id) for found in client.search("demo")] == ["acme/demo"]
    assert abs(client.now() - datetime.now(UTC)) < timedelta(minutes=1)


LIBRARIES = {
    "boto3",
    "click",
    "cryptography",
    "filelock",
    "packaging",
    "platformdirs",
    "resolvelib",
    "rfc8785",
    "securesystemslib",
    "sigstore",
    "tuf",
    "urllib3",
}
STAGES = {
    f"pluginry.{name}"
    for name in (
        "client.applying",
        "client.install",
        "client.offers",
        "client.planning",
        "client.resolve",
        "client.source",
        "client.verify",
        "model.advisory",
        "model.index",
        "model.ledger",
    )
}


def imported_by(program: str, *arguments: str) -> set[str]:
    """Return the modules that a new process has after running `program`."""
    told = f"import sys; {program}; print(*sys.modules)"
    command = [sys.executable, "-c", told, *arguments]
    return {*subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()}


def test_importing_the_client_imports_next_to_nothing() -> None:
    modules = imported_by("import pluginry.hosts.connections")
    assert not modules & LIBRARIES
    ours = {name for name in modules if name.startswith("pluginry.") and name.count(".") > 1}
    assert ours == {"pluginry.hosts.connections", "pluginry.model.access"}


def test_listing_what_is_installed_imports_no_library_and_no_stage(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from pluginry.hosts.connections import open_marketplace;"
        "open_marketplace(Path(sys.argv[1])).home.installed()"
    )
    assert not imported_by(program, str(tmp_path)) & (LIBRARIES | STAGES)
