"""How an inspection is told: lines for people, plain data, metrics for Prometheus, and the exit status.

In: an `Inspection`, the time. Out: text. What strangers wrote (names in the quarantine, reasons) is never a label of a
metric; the console makes it harmless elsewhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pluginry.cli.expiry import WARN_DAYS, Expiry, Outlook, expiry_data, expiry_lines, worst_outlook
from pluginry.cli.table import counted
from pluginry.encoding import documents
from pluginry.errors import NEEDS_REVIEW_EXIT_STATUS, TrustError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pluginry.hosts.inspection import Inspection

_TIMESTAMP_LIFE = timedelta(days=7)
_SHOWN = 20


def expiries_of(found: Inspection) -> tuple[Expiry, ...]:
    """Return how long each file of the trust metadata is good for."""
    is_hardened = any(file.role == "index" for file in found.roles)
    return tuple(
        Expiry.of(file.role, file.version, file.expires, is_offline=is_hardened and file.role == "targets")
        for file in found.roles
        if file.role in WARN_DAYS
    )


def exit_status_of(found: Inspection, now: datetime) -> int:
    """Return 5 for what is refused, missing or wrong, 10 for what somebody should look at soon, else 0."""
    outlook = worst_outlook(expiries_of(found), now)
    if found.trouble is not None or found.flaws or outlook is Outlook.EXPIRED:
        return TrustError.exit_status
    faults = found.status.infrastructure_faults if found.status else 0
    return NEEDS_REVIEW_EXIT_STATUS if faults or found.lags or outlook is Outlook.SOON else 0


def report_data(found: Inspection, now: datetime) -> dict[str, Any]:
    """Return everything for programs."""
    age = _age(found, now)
    return {
        "location": found.location,
        "verdict": {0: "fine", NEEDS_REVIEW_EXIT_STATUS: "soon"}.get(exit_status_of(found, now), "bad"),
        "verified": found.is_known and found.trouble is None,
        "trouble": str(found.trouble) if found.trouble else "",
        "roles": expiry_data(expiries_of(found), now),
        "timestamp_age_seconds": None if age is None else int(age.total_seconds()),
        "serial": found.root.serial if found.root else None,
        "plugins": found.root.plugins if found.root else None,
        "releases": found.root.releases if found.root else None,
        "plugins_checked": found.plugins_checked,
        "objects_checked": found.objects_checked,
        "flaws": list(found.flaws),
        "lags": list(found.lags),
        "status": documents.to_plain(found.status) if found.status else None,
    }


def report_lines(found: Inspection, now: datetime) -> Iterator[str]:
    """Yield everything for people."""
    yield _trust(found)
    if found.trouble:
        yield f"clients refuse it: {found.trouble}"
    yield from expiry_lines(expiries_of(found), now)
    age = _age(found, now)
    if age is not None:
        yield f"the timestamp was signed {age.total_seconds() / 3600:.1f} hours ago"
    if found.root:
        yield (
            f"{counted(found.root.plugins, 'plugin')} with {counted(found.root.releases, 'release')}, "
            f"index serial {found.root.serial}"
        )
        yield (
            f"looked at {counted(found.plugins_checked, 'plugin')}, {counted(found.objects_checked, 'object')}: "
            f"{counted(len(found.flaws), 'flaw')}"
        )
    yield from (f"  {flaw}" for flaw in found.flaws[:_SHOWN])
    yield from (f"lags behind: {lag}" for lag in found.lags)
    if found.status:
        faults = f"{found.status.author_faults} by authors, {found.status.infrastructure_faults} by infrastructure"
        yield f"in quarantine: {len(found.status.quarantined)} ({faults})"
        for item in found.status.quarantined[:_SHOWN]:
            yield f"  {item.id or 'a file'} {item.version or ''} ({item.kind.value}): {item.reason}"


def metrics(location: str, found: Inspection | None, now: datetime) -> Iterator[str]:
    """Yield the lines of a metrics page; without an inspection the place could not be reached."""
    at = {"location": location}
    yield from _metric("up", "Whether the marketplace can be reached.", {_labels(at): float(found is not None)})
    if found is None:
        return
    yield from _metric(
        "verified",
        "Whether clients accept it under a root of trust that somebody vouched for.",
        {_labels(at): float(found.is_known and found.trouble is None)},
    )
    yield from _metric("accepted", "Whether clients accept it at all.", {_labels(at): float(found.trouble is None)})
    yield from _metric(
        "metadata_expires_seconds",
        "Seconds until a file of the trust metadata expires.",
        {_labels({**at, "role": one.role}): one.left(now).total_seconds() for one in expiries_of(found)},
    )
    age = _age(found, now)
    if age is not None:
        yield from _metric(
            "timestamp_age_seconds", "Seconds since the timestamp was signed.", {_labels(at): age.total_seconds()}
        )
    if found.root:
        yield from _metric("index_serial", "Serial of the index.", {_labels(at): float(found.root.serial)})
        yield from _metric("plugins", "Plugins in the index.", {_labels(at): float(found.root.plugins)})
        yield from _metric("releases", "Releases in the index.", {_labels(at): float(found.root.releases)})
    yield from _metric(
        "objects_checked", "Objects that were looked at this time.", {_labels(at): float(found.objects_checked)}
    )
    yield from _metric(
        "flaws",
        "Objects that are missing or wrong, of those that were looked at.",
        {_labels(at): float(len(found.flaws))},
    )
    yield from _metric("lags", "Documents of an earlier publication.", {_labels(at): float(len(found.lags))})
    if found.status:
        kinds = {"author": found.status.author_faults, "infrastructure": found.status.infrastructure_faults}
        yield from _metric(
            "quarantined",
            "What the last publication left in quarantine, by who has to act.",
            {_labels({**at, "fault": kind}): float(count) for kind, count in kinds.items()},
        )


def _metric(name: str, says: str, values: Mapping[str, float]) -> Iterator[str]:
    yield f"# HELP pluginry_{name} {says}"
    yield f"# TYPE pluginry_{name} gauge"
    yield from (f"pluginry_{name}{labels} {value:.15g}" for labels, value in values.items())


def _labels(given: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in given.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _trust(found: Inspection) -> str:
    if not found.is_known:
        return f"{found.location}: unverified, nobody vouches for this root of trust"
    return f"{found.location}: {'not accepted' if found.trouble else 'verified'}"


def _age(found: Inspection, now: datetime) -> timedelta | None:
    """Return how long ago the timestamp was signed: all of them are good for the same time."""
    expires = next((file.expires for file in found.roles if file.role == "timestamp"), None)
    return None if expires is None else now - (expires - _TIMESTAMP_LIFE)
