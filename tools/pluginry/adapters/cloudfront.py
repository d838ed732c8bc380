"""Tells the edges of Amazon CloudFront that objects were replaced.

In: a distribution, and keys of what was replaced. Out: one invalidation, of so few paths that it stays far from the
limits of the service (3,000 paths and 15 wildcards under way at once) and of what it does for nothing (1,000 paths a
month). Only what is ever replaced is named, never packages or the index below it. Credentials come from where every
tool for AWS has them; the right ``cloudfront:CreateInvalidation`` is enough.
"""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.errors import TransportError, UsageError
from pluginry.model.layout import VERSION_PREFIX, is_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mypy_boto3_cloudfront import CloudFrontClient

MOST_PATHS = 100
"""With more, folders are named as a whole, each of which counts as one path."""
MOST_WILDCARDS = 15
_FEW = 3
_PAGE = "index.html"
_REGION = "us-east-1"
_ID = re.compile(r"[A-Z0-9]{1,64}\Z")
_HINT = (
    "what was published stays, and the edges ask for it when their copies are too old, after a minute at most; "
    "check the id and the right cloudfront:CreateInvalidation"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFront:
    """The edges of the distribution ``name``, which shows the marketplace below ``prefix``: nothing, or ``a/b/``."""

    client: CloudFrontClient
    name: str
    prefix: str = ""

    def expire(self, keys: Collection[str]) -> None:
        """Forget the copies of what was replaced; see `EdgeCache`."""
        from botocore.exceptions import BotoCoreError, ClientError

        paths = paths_of(keys, prefix=self.prefix)
        if not paths:
            return
        try:
            self.client.create_invalidation(
                DistributionId=self.name,
                InvalidationBatch={
                    "Paths": {"Quantity": len(paths), "Items": paths},
                    "CallerReference": f"pluginry-{secrets.token_hex(16)}",
                },
            )
        except ClientError as error:
            raise self._failed(str(error.response.get("Error", {}).get("Code", ""))) from error
        except BotoCoreError as error:
            raise self._failed(type(error).__name__) from error

    def _failed(self, why: str) -> TransportError:
        return TransportError("the edges were not told", where=f"CloudFront {self.name}", why=why, hint=_HINT)


def open_cloudfront(reference: str) -> CloudFront:
    """Return the edges that ``DISTRIBUTION_ID`` names, or ``DISTRIBUTION_ID/PREFIX``.

    Raises:
        UsageError: it names none, or boto3 is not installed.
        TransportError: the AWS environment cannot be used.

    """
    name, _, prefix = reference.partition("/")
    prefix = prefix.rstrip("/")
    if not _ID.match(name) or (prefix and not is_key(prefix)):
        raise UsageError(
            "this is not a CloudFront distribution", hint="give its id, as in E2EXAMPLE1, or E2EXAMPLE1/PATH"
        )
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ModuleNotFoundError as error:
        raise UsageError("CloudFront needs boto3, which is not installed", hint="pip install boto3") from error
    try:
        config = Config(connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})
        client = boto3.session.Session().client("cloudfront", region_name=_REGION, config=config)
    except BotoCoreError as error:
        raise TransportError("the edges were not told", why=type(error).__name__, hint=_HINT) from error
    return CloudFront(client=client, name=name, prefix=f"{prefix}/" if prefix else "")


def paths_of(keys: Iterable[str], *, prefix: str = "") -> list[str]:
    """Return what to invalidate when the objects under `keys` were replaced: each, or folders when there are many.

    The page of a folder is kept under the folder's own address too, where a function at the edge finds it.
    """
    by_folder: dict[str, list[str]] = defaultdict(list)
    for key in sorted(set(keys)):
        by_folder[_folder_of(key)] += [key, key.removesuffix(_PAGE)] if _is_page(key) else [key]
    exact = [path for some in by_folder.values() for path in some]
    if len(exact) > MOST_PATHS:
        wild = [folder for folder, some in by_folder.items() if folder and len(some) > _FEW]
        if len(wild) > MOST_WILDCARDS:
            return [f"/{prefix}*"]
        exact = [path for folder, some in by_folder.items() if folder not in wild for path in some]
        exact += [f"{folder}*" for folder in wild]
    return [f"/{prefix}{path}" for path in exact]


def _folder_of(key: str) -> str:
    """Return what a wildcard could stand behind: the first folder, and below ``v1/`` the second one too."""
    start = VERSION_PREFIX if key.startswith(VERSION_PREFIX) else ""
    first, slash, _ = key.removeprefix(start).partition("/")
    return f"{start}{first}/" if slash else ""


def _is_page(key: str) -> bool:
    return key == _PAGE or key.endswith(f"/{_PAGE}")
