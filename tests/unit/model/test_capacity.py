"""The model of capacity: it adds up, grows with its inputs and never forgets a tier."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.model.capacity import (
    EDGE,
    GB,
    STORE,
    TARIFFS,
    TB,
    Behaviour,
    Tariff,
    Visit,
    Visits,
    bill,
    traffic,
)

IDLE = Behaviour(
    refreshes_per_day=0, catalogues_per_month=0, new_clients=0, installs=0, updates=0, publications_per_day=0
)
NOTHING_AROUND = replace(Visits(), headers=0)


def test_idle_clients_cost_nothing() -> None:
    assert traffic(10**9, IDLE, Visits()) == (0, 0, 0)


def test_every_kind_of_visit_is_counted_once() -> None:
    visits = replace(
        NOTHING_AROUND,
        unchanged=Visit(requests=1, size=1),
        changed=Visit(requests=10, size=10),
        catalogue_delta=Visit(requests=100, size=100),
    )
    acts = replace(IDLE, refreshes_per_day=2, publications_per_day=1, catalogues_per_month=3)
    caused = traffic(1, acts, visits)
    assert caused.requests == caused.size == 30 * 1 + 30 * 10 + 3 * 100


def test_packages_and_deltas_share_the_updates() -> None:
    visits = replace(
        NOTHING_AROUND,
        record=Visit(requests=0, size=0),
        package=Visit(requests=1, size=100),
        package_delta=Visit(requests=1, size=10),
    )
    acts = replace(IDLE, installs=1, updates=4, by_delta=0.75)
    assert traffic(1, acts, visits)[:2] == (5, 100 + 100 + 30)


def test_headers_count_for_every_request() -> None:
    acts = replace(IDLE, refreshes_per_day=1)
    assert traffic(1, acts, replace(Visits(), headers=7)).size == 30 * (469 + 2 * 7)


@given(st.floats(0, 1e18), st.floats(0, 1e18))
def test_what_goes_out_costs_no_less_when_it_is_more(one: float, other: float) -> None:
    small, large = sorted((one, other))
    for tariff in TARIFFS:
        assert 0 <= tariff.egress_cost(small) <= tariff.egress_cost(large) * (1 + 1e-9)


def test_tiers_of_egress_are_charged_one_after_the_other() -> None:
    tariff = Tariff(name="t", as_of="", per_million_requests=0, egress=((10 * GB, 2.0), (20 * GB, 1.0)))
    assert [tariff.egress_cost(size * GB) for size in (0, 5, 10, 15, 20, 30)] == [0, 10, 20, 25, 30, 40]


def test_a_bill_is_the_sum_of_requests_egress_and_storage() -> None:
    caused = traffic(1_000_000, Behaviour(), Visits())
    found = bill(caused, STORE, stored=TB, behaviour=Behaviour(), objects=0)
    assert found.dollars == pytest.approx(
        caused.requests / 1e6 * 0.40 + STORE.egress_cost(caused.size) + 1000 * STORE.per_gb_stored
    )
    assert found.origin_requests == caused.requests


def test_behind_an_edge_the_store_sees_no_more_when_clients_become_more() -> None:
    seen = {
        bill(
            traffic(clients, Behaviour(), Visits()), EDGE, stored=0, behaviour=Behaviour(), objects=50_000
        ).origin_requests
        for clients in (10**7, 10**8, 10**9)
    }
    assert seen == {100 * (43_200 + 50_000)}
    few = traffic(1, Behaviour(), Visits())
    assert bill(few, EDGE, stored=0, behaviour=Behaviour(), objects=50_000).origin_requests == few.requests
