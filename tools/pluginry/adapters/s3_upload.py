"""Sends one object to an S3 store, with type and cache life, never holding more of a file than one part of it.

In: a client, a bucket with a prefix, a `PublishedObject`, perhaps a condition. Out: nothing; the object is there,
whole, or it is not. Large files go in parts, and the condition stands with the request that makes an object of them.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pluginry.adapters.s3_failures import ConditionFailedError, s3_errors
from pluginry.errors import PluginryError, TransportError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from pluginry.adapters.s3_client import ObjectName, S3Location
    from pluginry.model.published import PublishedObject

WHOLE_BYTES = 64 << 20
"""Up to this size, an object goes in one request."""
_PART_BYTES = 16 << 20
_Condition = dict[str, Any]


def is_large(published: PublishedObject) -> bool:
    """Return whether an object goes in parts."""
    body = published.body
    return isinstance(body, Path) and body.is_file() and body.stat().st_size > WHOLE_BYTES


def upload(client: S3Client, at: S3Location, published: PublishedObject, condition: _Condition) -> None:
    """Store `published`; `condition` is ``IfMatch`` or ``IfNoneMatch``, or empty.

    Raises:
        ConditionFailedError: the condition does not hold; nothing was stored.
        PluginryError: see `s3_errors`.

    """
    name, body = at.name_of(published.key), published.body
    says: dict[str, Any] = {"ContentType": published.media_type, "CacheControl": published.cache.value}
    try:
        with s3_errors(at.address_of(published.key)):
            if not isinstance(body, Path):
                client.put_object(**name, Body=body, **says, **condition)
            elif is_large(published):
                _in_parts(client, name, body, says, condition)
            else:
                with body.open("rb") as stream:
                    client.put_object(**name, Body=stream, **says, **condition)
    except OSError as error:
        raise TransportError("the file cannot be read", where=str(body), why=str(error)) from error


def _in_parts(client: S3Client, name: ObjectName, file: Path, says: dict[str, Any], condition: _Condition) -> None:
    begun = client.create_multipart_upload(**name, **says)
    these: Any = {**name, "UploadId": begun["UploadId"]}
    parts: list[Any] = []
    try:
        with file.open("rb") as stream:
            while part := stream.read(_PART_BYTES):
                done = client.upload_part(**these, PartNumber=len(parts) + 1, Body=part)
                parts.append({"ETag": done["ETag"], "PartNumber": len(parts) + 1})
        client.complete_multipart_upload(**these, MultipartUpload={"Parts": parts}, **condition)
    except BaseException:
        with suppress(PluginryError, ConditionFailedError), s3_errors(name["Key"]):
            client.abort_multipart_upload(**these)  # what is left of it would cost money for ever
        raise
