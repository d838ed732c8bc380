"""A lock for publishers on an S3 store without ``If-Match``: an object that says who may replace others for now.

In: a client, a bucket with a prefix, the key of the lock. Out: a `PublisherLock`, held from its first use until it is
released. It never waits for somebody else, and never breaks a lock before it is `LASTS_S` old by the clock of the
store; a publisher that died leaves one behind for so long.

Some stores let two create the same object at once, and none of these can take an old lock away from only one of two who
find it. So whoever claims the lock waits a moment and then looks whose it is: the last one to write has it, and the
others see that. This holds if no write takes longer than that moment; who was slower does not trust the outcome.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from pluginry.adapters.s3_failures import ConditionFailedError, s3_errors
from pluginry.errors import BusyError, ObjectMissingError, PublishConflictError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from pluginry.adapters.s3_client import S3Location

LASTS_S = 1200.0
"""Seconds. Who holds it writes in the first half only, so that the last of these writes has ended when it expires."""
SETTLES_S = 3.0
_TOKEN_BYTES = 16
_MAX_BYTES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    owner: str
    age: timedelta


@dataclass(slots=True, kw_only=True)
class PublisherLock:
    """The lock at `key`; `settles_s` is the moment to wait, in seconds. May be used from several threads."""

    client: S3Client
    at: S3Location
    key: str
    settles_s: float = SETTLES_S
    lasts_s: float = LASTS_S
    _token: str = field(default_factory=lambda: secrets.token_hex(_TOKEN_BYTES), init=False, repr=False)
    _is_ours: bool = field(default=False, init=False)
    _good_until: float = field(default=0.0, init=False)
    _guard: Lock = field(default_factory=Lock, init=False, repr=False)

    def hold(self) -> None:
        """Return when the lock is ours for long enough to write something.

        Raises:
            BusyError: it is somebody else's.
            PublishConflictError: it was ours, and somebody took it because we were too slow.

        """
        with self._guard:
            if not self._is_ours or time.monotonic() > self._good_until:
                self._claim()

    def release(self) -> None:
        """Give the lock back, if it is ours; the store's own errors come out."""
        with self._guard:
            found = self._look() if self._is_ours else None
            self._is_ours = False
            if found and found.owner == self._token:
                with s3_errors(str(self.at)):
                    self.client.delete_object(**self.at.name_of(self.key))

    def _claim(self) -> None:
        began = time.monotonic()
        found = self._look()
        if self._is_ours and (found is None or found.owner != self._token):
            self._is_ours = False
            raise PublishConflictError(
                "somebody else took the lock of the store, because this publication took too long", where=str(self.at)
            )
        if found and found.owner != self._token and found.age < timedelta(seconds=self.lasts_s):
            raise self._busy(found)
        if not self._write(**({} if found else {"IfNoneMatch": "*"})):
            raise self._busy(None)
        if time.monotonic() - began > self.settles_s:
            raise BusyError("the store is too slow to agree on who may publish", where=str(self.at), hint="try again")
        time.sleep(self.settles_s)
        found = self._look()
        if found is None or found.owner != self._token:
            raise self._busy(found)
        self._is_ours, self._good_until = True, began + self.lasts_s / 2

    def _write(self, **condition: Any) -> bool:
        try:
            with s3_errors(str(self.at)):
                self.client.put_object(**self.at.name_of(self.key), Body=self._token.encode(), **condition)
        except ConditionFailedError as error:
            return error.was_repeated  # perhaps by ourselves: the look afterwards tells
        return True

    def _look(self) -> _Found | None:
        try:
            with s3_errors(str(self.at)):
                answer = self.client.get_object(**self.at.name_of(self.key))
                owner = answer["Body"].read(_MAX_BYTES).decode(errors="replace")
        except ObjectMissingError:
            return None
        # Both times are the store's: clocks of publishers may differ. Without one, nothing is ever old enough.
        said_at = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        age = parsedate_to_datetime(said_at) - answer["LastModified"] if said_at else timedelta(0)
        return _Found(owner=owner, age=age)

    def _busy(self, found: _Found | None) -> BusyError:
        left = timedelta(seconds=self.lasts_s) - (found.age if found else timedelta(0))
        return BusyError(
            "somebody else is publishing to this store",
            where=str(self.at),
            hint=f"wait for them; if they are gone for good, it is free in {left.total_seconds() / 60:.0f} minutes",
        )
