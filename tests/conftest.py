"""The servers that several tests share: each starts when the first test asks for it, and runs until the last one.

And how a run is made quick: where compiled Python is kept, for the tests and the programs that they start, and which
worker has which tests.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from ceph_server import missing_programs, radosgw
from certificates import Authority
from fault_proxy import FaultProxy
from s3_servers import moto, swift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xdist.scheduler.protocol import Scheduling

    from s3_servers import S3Server

BROWSER = "tests/browser/"

# Tests never time: on a machine that is busy an example may take as long as it takes.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Let every program compile a module once, and beside nothing that tests look at."""
    cache = getattr(config, "cache", None)  # unless somebody leaves it out
    folder = str(cache.mkdir("compiled")) if cache else None
    if folder and "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        sys.dont_write_bytecode, sys.pycache_prefix = False, folder


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    """Let a file stay with one worker, as ``--dist loadfile`` does, and all that needs a browser too.

    Each worker would start its own and publish the same catalogues for it. The browser waits much, and so the others
    have the processors meanwhile.
    """
    from xdist.scheduler import LoadFileScheduling

    class Scheduler(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)

    return Scheduler(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def moto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="session")
def swift_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with swift(tmp_path_factory.mktemp("swift")) as server:
        yield server


@pytest.fixture(scope="session")
def swift_tls_server(swift_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Yield the same Swift behind TLS."""
    authority = Authority.at(tmp_path_factory.mktemp("authority"))
    with FaultProxy(swift_server.address, tls=authority.server()) as proxy:
        yield swift_server.behind(proxy.address, ca_file=str(authority.file))


@pytest.fixture(scope="session")
def radosgw_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if missing := missing_programs():
        pytest.skip(f"Ceph is not installed: {missing}")
    with radosgw(tmp_path_factory.mktemp("ceph")) as server:
        yield server
