"""Finds out what an S3 object store makes of conditional writes, by asking it for some: its documentation may be wrong.

In: a client, a bucket with a prefix, a key that nobody uses. Out: `Conditions`. Five small requests; the object that
they are about is removed again, if the credentials are good for that.

Found so far: AWS and moto keep to both. radosgw (16) creates conditionally, but refuses ``If-Match`` with the right tag
too. Swift (2.38) answers 501 to that, and two who create at the same moment may both be told that they did. rclone
ignores all conditions, and says nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from pluginry.adapters.s3_failures import ConditionFailedError, UnsupportedError, s3_errors
from pluginry.errors import AuthError, ObjectMissingError, TransportError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from pluginry.adapters.s3_client import S3Location

_NO_TAG = '"00000000000000000000000000000000"'


class _Outcome(Enum):
    DONE = auto()
    REFUSED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a store keeps to: ``create`` is ``If-None-Match: *``, ``replace`` is ``If-Match: TAG``."""

    create: bool
    replace: bool


def probe(client: S3Client, at: S3Location, key: str) -> Conditions:
    """Return what the store makes of conditional writes, tried out on `key`.

    Raises:
        AuthError, UsageError, TransportError: it cannot be written to at all.

    """
    tag, name, where = "", at.name_of(key), str(at)

    def put(**condition: Any) -> _Outcome:
        nonlocal tag
        try:
            with s3_errors(where):
                tag = client.put_object(**name, Body=b"probe", **condition)["ETag"]
        except (ConditionFailedError, ObjectMissingError):
            return _Outcome.REFUSED
        except UnsupportedError:
            return _Outcome.UNKNOWN
        return _Outcome.DONE

    try:
        creates = put(IfNoneMatch="*") is _Outcome.DONE and put(IfNoneMatch="*") is _Outcome.REFUSED
        replaces = creates and put(IfMatch=_NO_TAG) is _Outcome.REFUSED and put(IfMatch=tag) is _Outcome.DONE
    finally:
        with suppress(AuthError, TransportError), s3_errors(where):
            client.delete_object(**name)
    return Conditions(create=creates, replace=replaces)
