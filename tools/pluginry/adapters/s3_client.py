"""Opens the connection to an S3 object store: what an address says, and a client with our timeouts and checks.

In: ``s3://BUCKET`` or ``s3://BUCKET/PREFIX``. Region, profile, credentials and endpoint come from where every tool for
S3 has them (``AWS_ENDPOINT_URL``, ``AWS_PROFILE``, ``~/.aws/config``, roles). Out: a boto3 client, safe for threads. It
never reads a secret itself: boto3 does.

Two settings are not boto3's own. It would rather send checksums behind the body of an upload (``aws-chunked``), which
radosgw and rclone refuse over https with 411; so a checksum goes along only where S3 demands one. In its place the
sha256 of every body is part of the signature, over https too: each store that checks signatures must look at it, and
refuses a body that was changed on the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from random import SystemRandom
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlsplit

from pluginry.adapters.s3_failures import s3_errors
from pluginry.errors import UsageError
from pluginry.model.layout import is_key, parts_of_key

if TYPE_CHECKING:
    from botocore.loaders import Loader
    from botocore.session import Session
    from mypy_boto3_s3 import S3Client

SCHEME = "s3://"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]\Z")
_REGION_OF_STORES_WITHOUT = "us-east-1"
_CONNECT_TIMEOUT_S = 10
_READ_TIMEOUT_S = 60
_ATTEMPTS = 5
_CONFLICT_ATTEMPTS = 8
_CONFLICT_PAUSE_S = 0.1
_CONFLICTS = ("ConditionalRequestConflict", "OperationAborted")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ObjectName(TypedDict):
    """An object, in the words of boto3."""

    Bucket: str
    Key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Location:
    """A bucket, and what stands before every key in it: nothing, or ``a/b/``."""

    bucket: str
    prefix: str = ""

    @classmethod
    def parse(cls, address: str) -> S3Location:
        """Return what ``s3://BUCKET/PREFIX`` names.

        Raises:
            UsageError: it is no such address; it is not repeated, because it may hold a secret.

        """
        bucket, _, rest = address.removeprefix(SCHEME).partition("/")
        prefix = rest.rstrip("/")
        if not (address.startswith(SCHEME) and _BUCKET.match(bucket) and (not prefix or is_key(prefix))):
            raise UsageError(
                "this is not the address of a bucket",
                hint="s3://BUCKET or s3://BUCKET/PREFIX; credentials and endpoint come from the AWS environment",
            )
        return cls(bucket=bucket, prefix=f"{prefix}/" if prefix else "")

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.prefix}".rstrip("/")

    def name_of(self, key: str) -> ObjectName:
        """Return what boto3 calls the object with a `key` of ours."""
        return {"Bucket": self.bucket, "Key": self.prefix + "/".join(parts_of_key(key))}

    def address_of(self, key: str) -> str:
        """Return where an object lies, for people."""
        return f"{self}/{key}"


def open_client(endpoint_url: str | None = None, *, connections: int, **settings: Any) -> S3Client:
    """Return a client with up to `connections` at once; `settings` replace those of its configuration.

    Raises:
        UsageError: boto3 is not installed, or the endpoint is not one that secrets may be shown to.
        AuthError: the AWS profile is not there.

    """
    try:
        import boto3
        from botocore.config import Config
    except ModuleNotFoundError as error:
        raise UsageError("s3:// needs boto3, which is not installed", hint="install it: `pip install boto3`") from error
    config = Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        max_pool_connections=connections,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"payload_signing_enabled": True},
        user_agent_extra="pluginry",
    ).merge(Config(**settings))
    with s3_errors("the AWS environment"):
        session = boto3.session.Session(botocore_session=_session())
        region = session.region_name or _REGION_OF_STORES_WITHOUT
        try:
            client = session.client("s3", endpoint_url=endpoint_url, region_name=region, config=config)
        except ValueError as error:
            raise UsageError("the endpoint is not an address", hint="as in https://s3.example.com") from error
    _check_endpoint(client.meta.endpoint_url)
    events: Any = client.meta.events  # typed as if the answers of handlers did not count
    events.register("needs-retry.s3", _pause_after_conflict)
    return client


def is_amazon(client: S3Client) -> bool:
    """Return whether it speaks to AWS, and not to a store with an endpoint of its own."""
    return (urlsplit(client.meta.endpoint_url).hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn"))


def _session() -> Session:
    """Return a new session, which has from the first one what is known of services: reading that takes 0.1 s."""
    from botocore.session import get_session

    session = get_session()
    session.register_component("data_loader", _services())
    return session


@cache
def _services() -> Loader:
    from botocore.session import get_session

    loader: Loader = get_session().get_component("data_loader")
    return loader


def _pause_after_conflict(*, response: Any, attempts: int, **_: Any) -> float | None:
    """Return how long to wait, in seconds, when two conditional writes met and the store decided for neither."""
    code = response[1].get("Error", {}).get("Code") if response else None
    if code not in _CONFLICTS or attempts >= _CONFLICT_ATTEMPTS:
        return None
    return SystemRandom().uniform(0, _CONFLICT_PAUSE_S * 2**attempts)


def _check_endpoint(url: str) -> None:
    parts = urlsplit(url)
    shown = f"{parts.scheme}://{parts.hostname}"
    if parts.username or parts.password:
        raise UsageError("an endpoint may not hold credentials", where=shown, hint="use AWS_PROFILE or a role")
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise UsageError("an object store is reached over https", where=shown, hint="give an https:// endpoint")
