"""Reads a published marketplace from an S3 bucket that not everybody may read, with signed requests.

In: ``s3://BUCKET/PREFIX``, and how to get there; endpoint, region and credentials come from the AWS environment, as for
publishing. Out: an `HttpTransport` that signs, with its limits, its deadline, its proxies and certificates. A signature
stands in a header and never in an address, so it gets into no message.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from pluginry.adapters.http_transport import HttpTransport
from pluginry.adapters.s3_client import S3Location, open_client
from pluginry.adapters.s3_failures import meaning_of, no_credentials, s3_errors
from pluginry.errors import UsageError
from pluginry.model.access import NETRC, NO_ACCESS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.credentials import Credentials

    from pluginry.errors import PluginryError
    from pluginry.model.access import Access

_CODE = re.compile(rb"<Code>(\w{1,60})</Code>")
_ANY_KEY = "x"


def open_s3_transport(address: str, access: Access = NO_ACCESS) -> HttpTransport:
    """Return what reads the marketplace at `address`.

    Raises:
        UsageError: it is no address of a bucket, boto3 is not installed, or `access` names a credential of its own.
        AuthError: there are no credentials in the AWS environment.

    """
    at = S3Location.parse(address)
    if access.credential not in ("", NETRC):  # a netrc file is for hosts, and this is none
        raise UsageError("credentials for s3:// come from the AWS environment", where=str(at), hint="name none here")
    ours = replace(access, credential="", ca_file=access.ca_file or os.environ.get("AWS_CA_BUNDLE", ""))
    url, region = _place_of(at)
    return HttpTransport(url, ours, name=str(at), signer=_signer(region, where=str(at)))


def _place_of(at: S3Location) -> tuple[str, str]:
    """Return the address below which the objects lie, as boto3 would ask for them, and the region."""
    from botocore import UNSIGNED

    client = open_client(connections=1, signature_version=UNSIGNED)
    with s3_errors(str(at)):
        found = urlsplit(client.generate_presigned_url("get_object", Params=at.name_of(_ANY_KEY)))
    return urlunsplit((found.scheme, found.netloc, found.path.removesuffix(_ANY_KEY), "", "")), client.meta.region_name


def _signer(region: str, *, where: str) -> _Signer:
    import boto3

    with s3_errors(where):
        credentials = boto3.session.Session().get_credentials()
    if credentials is None:
        raise no_credentials(where)
    return _Signer(credentials=credentials, region=region)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    """A `RequestSigner` with the credentials of this machine, which renew themselves."""

    credentials: Credentials
    region: str

    def headers(self, method: str, url: str) -> Mapping[str, str]:
        """Return the headers that make a request ours."""
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method=method, url=url)
        with s3_errors(url):
            S3SigV4Auth(self.credentials.get_frozen_credentials(), "s3", self.region).add_auth(request)
        return dict(request.headers.items())

    def refusal(self, body: bytes, url: str) -> PluginryError | None:
        """Return what the body of a refusal says, unless it is only that there is no such object."""
        code = _CODE.search(body)
        if code is None or code[1] == b"AccessDenied":  # who may not list a bucket is not told what is missing
            return None
        return meaning_of(code[1].decode(), url)
