"""A real S3 server behind a proxy that breaks connections and answers with errors, while something is published."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config

from fault_proxy import FaultProxy, answering, cut_after, cut_before, cut_within, slow_answer
from pluginry.adapters.s3_client import S3Location
from pluginry.adapters.s3_store import PARALLELISM, S3Store
from pluginry.errors import PublishConflictError, TransportError
from s3_servers import BUCKET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from fault_proxy import Exchange
    from faults.prepared import Prepared
    from s3_servers import S3Server

OUTAGE = 10_000
_places = count()
_FAULTS = {
    "500 before": answering(500),
    "503 before": answering(503),
    "500 after": answering(500, after=True),
    "cut before": cut_before,
    "cut after": cut_after,
    "cut within": cut_within,
}


@pytest.fixture(scope="module")
def proxy(moto_server: S3Server) -> Iterator[FaultProxy]:
    with FaultProxy(moto_server.address) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def clients(moto_server: S3Server, proxy: FaultProxy) -> dict[str, S3Client]:
    """Return clients that reach the server directly, through the proxy, and through it with one try for a request."""
    disturbed = moto_server.behind(proxy.address)
    patient, impatient = (
        Config(retries={"mode": "standard", "total_max_attempts": tries}, max_pool_connections=PARALLELISM)
        for tries in (4, 1)
    )
    return {
        "direct": moto_server.client(),
        "patient": disturbed.client(config=patient),
        "impatient": disturbed.client(config=impatient),
    }


def stores(clients: dict[str, S3Client], proxy: FaultProxy, prepared: Prepared, kind: str) -> tuple[S3Store, S3Store]:
    """Return a store with the state before, as it is reached directly and through the proxy."""
    at = S3Location(bucket=BUCKET, prefix=f"faults-{next(_places)}/")
    direct, disturbed = (S3Store(client=clients[name], at=at, lock=None) for name in ("direct", kind))
    proxy.clear()
    prepared.seed(direct)
    disturbed.check()  # what the store makes of conditions is found out undisturbed
    proxy.clear()
    return direct, disturbed


@pytest.mark.parametrize("name", _FAULTS)
@pytest.mark.parametrize("at", [5, 27])
def test_a_fault_that_is_not_overcome_ends_the_publication_and_spoils_nothing(
    clients: dict[str, S3Client], proxy: FaultProxy, prepared: Prepared, tmp_path: Path, name: str, at: int
) -> None:
    direct, disturbed = stores(clients, proxy, prepared, "impatient")
    proxy.strike(_FAULTS[name], at=at, times=OUTAGE)
    with pytest.raises((TransportError, PublishConflictError)):
        prepared.publish(disturbed, tmp_path)
    prepared.check_pages(direct)
    prepared.check_clients(direct)
    proxy.clear()
    prepared.publish(disturbed, tmp_path)
    prepared.check_finished(direct)
    assert prepared.publish(disturbed, tmp_path).written == 0


@pytest.mark.parametrize("fault", [answering(503), cut_after, slow_answer(0.01)], ids=["503", "cut after", "slow"])
def test_single_faults_are_overcome(
    clients: dict[str, S3Client],
    proxy: FaultProxy,
    prepared: Prepared,
    tmp_path: Path,
    fault: Callable[[Exchange], None],
) -> None:
    direct, disturbed = stores(clients, proxy, prepared, "patient")
    for method, path in (("PUT", "turn.json"), ("PUT", "timestamp.json"), ("PUT", "v1/t/"), ("PUT", "index.html")):
        proxy.strike(fault, method=method, path=path)
    prepared.publish(disturbed, tmp_path)
    prepared.check_finished(direct)
    prepared.check_clients(direct)
    assert prepared.publish(disturbed, tmp_path).written == 0
