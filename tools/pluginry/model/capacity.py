"""What a marketplace costs its owner in a month: requests, bytes and money, for any number of clients.

In: what clients do, what each visit takes (measured by the benchmarks), and prices. Out: traffic and bills. It
multiplies and adds, knows of no discounts and no tax, and is as good as its inputs; each says where it is from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

DAYS, HOURS = 30, 24
SECONDS = DAYS * HOURS * 3600
GB, TB = 10**9, 10**12
_MILLION = 10**6
_MEASURED = "make bench"
_ASSUMED = "assumed"


def _given(default: float, says: str, source: str) -> float:
    """Return a field that says what it is and where its default is from."""
    made: float = field(default=default, metadata={"says": says, "source": source})
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What a client does, and how often the marketplace changes."""

    refreshes_per_day: float = _given(1, "refreshes of a client in a day", _ASSUMED)
    publications_per_day: float = _given(24, "publications in a day", _ASSUMED)
    catalogues_per_month: float = _given(10, "times that a client brings its catalogue up to date", _ASSUMED)
    new_clients: float = _given(0.05, "share of clients that start with nothing in a month", _ASSUMED)
    installs: float = _given(0.5, "installs of a client in a month", _ASSUMED)
    updates: float = _given(2, "updates of plugins by a client in a month", _ASSUMED)
    by_delta: float = _given(0.8, "share of updates for which a client has a base and the extra", _ASSUMED)
    peak: float = _given(4, "busiest hour against the average", _ASSUMED)
    places: float = _given(100, "places of the CDN that fetch from the origin", _ASSUMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one visit takes: requests, and bytes without the headers around them."""

    requests: float
    size: float
    source: str = _MEASURED


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Every kind of visit; ``headers`` are bytes around each answer."""

    unchanged: Visit = Visit(requests=2, size=469)
    changed: Visit = Visit(requests=7, size=6_836, source="make bench: a cold refresh, without the root of trust")
    catalogue_delta: Visit = Visit(requests=1, size=1_694, source="make bench: 10 releases behind, of 100,000 plugins")
    catalogue_first: Visit = Visit(requests=2, size=2_623_919, source="make bench: first fetch, of 100,000 plugins")
    first_refresh: Visit = Visit(requests=8, size=6_836)
    record: Visit = Visit(requests=5, size=6_222, source="make bench: look up, with the manifest")
    package: Visit = Visit(requests=2, size=97_000, source="mean of 88 real updates, and an attestation of 8 kB")
    package_delta: Visit = Visit(requests=2, size=23_000, source="mean of the deltas of these updates, and the same")
    headers: float = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Prices in US dollars on the day ``as_of``: per million requests, per GB out in tiers, per GB stored and month.

    ``egress`` holds (bytes up to which, price per GB) in order; the last price holds for all beyond.
    """

    name: str
    as_of: str
    per_million_requests: float
    egress: tuple[tuple[float, float], ...]
    per_gb_stored: float = 0.0
    has_edge: bool = False

    def egress_cost(self, size: float) -> float:
        """Return what `size` bytes out cost in a month."""
        cost, below = 0.0, 0.0
        for up_to, price in self.egress:
            cost += max(min(size, up_to) - below, 0.0) / GB * price
            below = up_to
        return cost + max(size - below, 0.0) / GB * self.egress[-1][1]


STORE = Tariff(
    name="S3 alone",
    as_of="2025-06",
    per_million_requests=0.40,
    egress=((10 * TB, 0.09), (50 * TB, 0.085), (150 * TB, 0.07), (500 * TB, 0.05)),
    per_gb_stored=0.023,
)
EDGE = Tariff(
    name="S3 behind CloudFront",
    as_of="2025-06",
    per_million_requests=1.00,
    egress=(
        (10 * TB, 0.085),
        (50 * TB, 0.080),
        (150 * TB, 0.060),
        (500 * TB, 0.040),
        (1024 * TB, 0.030),
        (5120 * TB, 0.025),
        (10_240 * TB, 0.020),
    ),
    per_gb_stored=0.023,
    has_edge=True,
)
FLAT = Tariff(
    name="a store without egress fees",
    as_of="2025-06",
    per_million_requests=0.36,
    egress=((TB, 0.0),),
    per_gb_stored=0.015,
)
TARIFFS = (STORE, EDGE, FLAT)


class Traffic(NamedTuple):
    """Requests and bytes in a month, and requests per second in the busiest hour."""

    requests: float
    size: float
    peak_per_second: float


class Bill(NamedTuple):
    """What a tariff asks for in a month, in US dollars, and how many requests reach the store itself."""

    tariff: Tariff
    dollars: float
    origin_requests: float


def traffic(clients: float, behaviour: Behaviour, visits: Visits) -> Traffic:
    """Return what `clients` cause in a month."""
    refreshes = behaviour.refreshes_per_day * DAYS
    news = min(refreshes, behaviour.publications_per_day * DAYS)
    per_client: Iterable[tuple[float, Visit]] = (
        (refreshes - news, visits.unchanged),
        (news, visits.changed),
        (min(behaviour.catalogues_per_month, news), visits.catalogue_delta),
        (behaviour.new_clients, visits.catalogue_first),
        (behaviour.new_clients, visits.first_refresh),
        (behaviour.installs + behaviour.updates, visits.record),
        (behaviour.installs + behaviour.updates * (1 - behaviour.by_delta), visits.package),
        (behaviour.updates * behaviour.by_delta, visits.package_delta),
    )
    times = tuple(per_client)
    requests = clients * sum(often * visit.requests for often, visit in times)
    size = clients * sum(often * visit.size for often, visit in times) + requests * visits.headers
    return Traffic(requests, size, requests / SECONDS * behaviour.peak)


def bill(caused: Traffic, tariff: Tariff, *, stored: float, behaviour: Behaviour, objects: float) -> Bill:
    """Return what `tariff` asks for `caused` traffic and `stored` bytes.

    Behind an edge a mutable object reaches the store at most once a minute and place, and each of the `objects` that
    are new in a month once a place; what the edge fetches from its store is not charged by the byte.
    """
    storage = stored / GB * tariff.per_gb_stored
    dollars = caused.requests / _MILLION * tariff.per_million_requests + tariff.egress_cost(caused.size) + storage
    if not tariff.has_edge:
        return Bill(tariff, dollars, caused.requests)
    origin = min(caused.requests, behaviour.places * (SECONDS / 60 + objects))
    return Bill(tariff, dollars + origin / _MILLION * STORE.per_million_requests, origin)
