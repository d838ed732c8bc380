"""How long a release must have been out before it is installed here: others may find out first what is wrong with it.

In: the machine's policy, the hours that a marketplace wants to pass before machines update by themselves, a plugin's
record, which revocations hit which release, the time. Out: why a release has to wait. What is found out about a
hijacked build or account in that time never reaches this machine. A release that mends a known fault does not wait:
that would be the greater danger. It does no I/O.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pluginry.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import ClientPolicy
    from pluginry.model.revocation import Revocation


def must_be_out_since(policy: ClientPolicy, *, now: datetime) -> datetime | None:
    """Return the moment until which a release must have been published to be installed now; None where age is free."""
    days = policy.minimum_release_age_days
    return now - timedelta(days=days) if days else None


def too_young(
    release: ReleaseRecord,
    record: PluginRecord | None,
    *,
    policy: ClientPolicy,
    soak_hours: int,
    now: datetime,
    hitting: Callable[[ReleaseRecord], Iterable[Revocation]],
    fits: Callable[[ReleaseRecord], bool],
) -> str | None:
    """Return why `release` has to wait, as the end of a sentence; None when it need not.

    `record` is its plugin's, `hitting` gives the revocations that hit a release, `fits` says whether it runs here. Its
    marketplace wants `soak_hours` to pass; 0 where a person asks.
    """
    days = policy.minimum_release_age_days
    waits = (
        (
            timedelta(days=days),
            f"is of {release.published_at:%Y-%m-%d}, and policy.toml wants {days} days to pass first",
        ),
        (
            timedelta(hours=soak_hours),
            f"is not out for {soak_hours} hours yet, before which no machine updates to it by itself",
        ),
    )
    due = (reason for wait, reason in waits if wait and not _may_come(release, record, now - wait, hitting, fits))
    return next(due, None)


def check_signed_until(statement: VerifiedStatement, limit: datetime | None, *, plugin: PluginId) -> None:
    """Check that a package was signed until `limit`, as the log of signatures says: the index can say any day.

    Raises:
        PolicyError: it was signed later.

    """
    if limit is not None and statement.signed_at > limit:
        raise PolicyError(
            f"{plugin} was signed on {statement.signed_at:%Y-%m-%d}, which is too lately to install it here",
            why=f"policy.toml wants it to be out since {limit:%Y-%m-%d}, and the index says that it is",
            hint="wait, or ask the marketplace's owner why it was signed again",
        )


def _may_come(
    release: ReleaseRecord,
    record: PluginRecord | None,
    limit: datetime,
    hitting: Callable[[ReleaseRecord], Iterable[Revocation]],
    fits: Callable[[ReleaseRecord], bool],
) -> bool:
    if release.published_at <= limit:
        return True
    return record is not None and release == _mending(record, release, limit, hitting, fits)


def _mending(
    record: PluginRecord,
    like: ReleaseRecord,
    limit: datetime,
    hitting: Callable[[ReleaseRecord], Iterable[Revocation]],
    fits: Callable[[ReleaseRecord], bool],
) -> ReleaseRecord | None:
    """Return the first release that is free of what hits the newest one that was out for long enough.

    Only the first: what comes after it mends nothing, and has to wait like everything else.
    """
    here = [one for one in record.releases if one.channel == like.channel and one.yanked is None and fits(one)]
    best = max((one for one in here if one.published_at <= limit), key=lambda one: one.version, default=None)
    faults = {revocation.advisory for revocation in hitting(best)} if best else set()
    if best is None or not faults:
        return None
    later = (one for one in here if one.version > best.version and not any(True for _ in hitting(one)))
    return min(later, key=lambda one: one.version, default=None)
