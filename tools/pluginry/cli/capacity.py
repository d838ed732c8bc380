"""``pluginry plan capacity``: what a marketplace for so many clients costs its owner in a month.

In: numbers of clients, and whatever is known better than the defaults. Out: a table, or JSON with every input and where
it is from. It asks nobody: prices are inputs too.
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.table import table
from pluginry.errors import UsageError
from pluginry.model.capacity import GB, TARIFFS, Behaviour, Tariff, Visits, bill, traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.cli.console import Console

DEFAULT_CLIENTS = (1_000_000, 10_000_000, 1_000_000_000)
_UNITS = ((10**15, "PB"), (10**12, "TB"), (10**9, "GB"), (10**6, "MB"))


def _behaviour_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for every field of `Behaviour`."""
    for one in reversed(fields(Behaviour)):
        option = click.option(
            f"--{one.name.replace('_', '-')}",
            type=click.FloatRange(min=0),
            default=one.default,
            show_default=True,
            help=f"{one.metadata['says'].capitalize()} ({one.metadata['source']}).",
        )
        function = option(function)
    return function


@click.group("plan")
def plan() -> None:
    """Plan a marketplace before it is there."""


@command("capacity", short_help="Work out what so many clients cost in a month.")
@click.argument("clients", type=click.IntRange(min=1), nargs=-1)
@click.option("--stored-gb", type=click.FloatRange(min=0), default=100, show_default=True, help="What is stored.")
@click.option(
    "--new-objects", type=click.FloatRange(min=0), default=50_000, show_default=True, help="New objects in a month."
)
@click.option("--catalogue-bytes", type=click.FloatRange(min=0), help="First fetch of your catalogue, packed.")
@click.option("--package-bytes", type=click.FloatRange(min=0), help="A package of yours, on average.")
@click.option("--delta-bytes", type=click.FloatRange(min=0), help="A delta of yours, on average.")
@click.option(
    "--prices",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="JSON file with tariffs like those in the answer of --json.",
)
@_behaviour_options
def capacity(
    console: Console,
    *,
    clients: tuple[int, ...],
    stored_gb: float,
    new_objects: float,
    catalogue_bytes: float | None,
    package_bytes: float | None,
    delta_bytes: float | None,
    prices: Path | None,
    **behaviour: float,
) -> None:
    """Work out requests, bytes and cost of a month for CLIENTS (1, 10 and 1,000 million unless given)."""
    acts, visits = Behaviour(**behaviour), _visits(catalogue_bytes, package_bytes, delta_bytes)
    tariffs = TARIFFS if prices is None else _tariffs(prices)
    rows, found = [], []
    for count in clients or DEFAULT_CLIENTS:
        caused = traffic(count, acts, visits)
        bills = [bill(caused, tariff, stored=stored_gb * GB, behaviour=acts, objects=new_objects) for tariff in tariffs]
        costs = {one.tariff.name: round(one.dollars, 2) for one in bills}
        found.append({"clients": count, **caused._asdict(), "dollars": costs})
        rows.append(
            [
                f"{count:,}",
                f"{caused.requests / 10**6:,.0f} M",
                in_units(caused.size),
                f"{caused.peak_per_second:,.0f}",
                *(f"${one.dollars:,.0f}" for one in bills),
            ]
        )
    head = ["clients", "requests", "bytes", "peak/s", *(f"{one.name} ({one.as_of})" for one in tariffs)]
    data = {"months": found, "inputs": [*_inputs(acts, visits)], "tariffs": [_plain(one) for one in tariffs]}
    console.result(data, table(head, rows))


def in_units(size: float) -> str:
    """Return a number of bytes in the unit that suits it."""
    unit, name = next(((unit, name) for unit, name in _UNITS if size >= unit), _UNITS[-1])
    return f"{size / unit:,.1f} {name}"


def _visits(catalogue: float | None, package: float | None, delta: float | None) -> Visits:
    given = {"catalogue_first": catalogue, "package": package, "package_delta": delta}
    visits = Visits()
    known = {
        name: replace(getattr(visits, name), size=size, source="given")
        for name, size in given.items()
        if size is not None
    }
    return replace(visits, **known)


def _inputs(behaviour: Behaviour, visits: Visits) -> Iterator[dict[str, Any]]:
    """Yield every input: what it is, and where it is from."""
    for one in fields(behaviour):
        value = getattr(behaviour, one.name)
        source = one.metadata["source"] if value == one.default else "given"
        yield {"name": one.name, "value": value, "source": source}
    for kind in fields(visits):
        visit = getattr(visits, kind.name)
        if kind.name == "headers":
            yield {"name": kind.name, "value": visit, "source": "assumed"}
        else:
            yield {"name": kind.name, "requests": visit.requests, "bytes": visit.size, "source": visit.source}


def _plain(tariff: Tariff) -> dict[str, Any]:
    return {one.name: getattr(tariff, one.name) for one in fields(tariff)}


def _tariffs(path: Path) -> tuple[Tariff, ...]:
    try:
        given = json.loads(path.read_text("utf-8"))
        tariffs = tuple(
            Tariff(**{**one, "egress": tuple((*map(float, tier),) for tier in one["egress"])}) for one in given
        )
        for one in tariffs:
            one.egress_cost(one.per_million_requests + one.per_gb_stored)
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise UsageError(
            "these are no tariffs", where=str(path), why=str(error), hint="see --json for the form"
        ) from error
    if not tariffs:
        raise UsageError("there is no tariff in it", where=str(path))
    return tariffs


plan.add_command(capacity)
