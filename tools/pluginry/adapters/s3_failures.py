"""What goes wrong with an S3 object store, as our errors: one for each, with what to do.

In: exceptions of botocore and of the connections below it. Out: errors that name the operation and the code of the
store's answer, and nothing else of it: a text by a stranger may repeat what was sent along.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pluginry.errors import AuthError, ObjectMissingError, TransportError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.exceptions import BotoCoreError, ClientError

    from pluginry.errors import PluginryError

_PRECONDITION_FAILED = 412
_TRY_AGAIN = "try again; what is there already is not sent twice"
_CODE = re.compile(r"[\w.-]{1,60}")
_WITHOUT_CREDENTIALS = re.compile(
    "NoCredentials|PartialCredentials|CredentialRetrieval|ProfileNotFound|NoAuthToken|SSO|Token|Login|"
    "UnauthorizedSSO|RefreshWithMFA|MetadataRetrieval"
)
"""How the names of botocore's exceptions begin when it found nothing to sign with."""


_MISCONFIGURED = re.compile("Invalid|Config|NoRegion|ParamValidation|Unknown|Unsupported")


class ConditionFailedError(Exception):
    """A write was refused for what is stored; if it `was_repeated`, an earlier try of our own may be the reason."""

    def __init__(self, *, was_repeated: bool) -> None:
        super().__init__("the condition does not hold")
        self.was_repeated = was_repeated


class UnsupportedError(TransportError):
    """The store does not know what it was asked for."""


_REFUSED_KEY = (
    AuthError,
    "the object store refuses the credentials",
    "check AWS_PROFILE, AWS_ACCESS_KEY_ID and the rest of the AWS environment; they may have expired",
)
_OTHER_REGION = (UsageError, "the bucket is in another region", "set AWS_REGION")
_NOT_ALLOWED = (
    AuthError,
    "the credentials are not good for this",
    "publishing reads, writes and lists objects, and removes them below v1/.store/",
)
_MISSING = (ObjectMissingError, "there is no such object", "")
_ANSWERS = {
    "NoSuchBucket": (UsageError, "there is no such bucket", "make it first, or check endpoint and region"),
    "RequestTimeTooSkewed": (AuthError, "the clocks of this machine and of the store differ", "set the clock"),
    **dict.fromkeys(("NoSuchKey", "NotFound", "404"), _MISSING),
    **dict.fromkeys(("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"), _REFUSED_KEY),
    **dict.fromkeys(("AuthorizationHeaderMalformed", "PermanentRedirect", "301"), _OTHER_REGION),
    **dict.fromkeys(("AccessDenied", "Unauthorized", "Forbidden", "401", "403"), _NOT_ALLOWED),
    **dict.fromkeys(("NotImplemented", "501"), (UnsupportedError, "the object store cannot do this", "")),
}
"""What a code, or a status without one, means: the kind of error, what happened, what to do."""


@contextmanager
def s3_errors(where: str) -> Iterator[None]:
    """Raise what goes wrong in the block as our error.

    Raises:
        ConditionFailedError: a conditional write was refused.
        ObjectMissingError: there is no such object.
        AuthError: credentials are missing, wrong, or not good for this.
        UsageError: there is no such bucket, or it is in another region, or the configuration makes no sense.
        UnsupportedError: the store knows that it cannot do this.
        TransportError: anything else.

    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        raise _refusal(error, where) from error
    except BotoCoreError as error:
        raise _no_answer(error, where) from error
    except (ResponseParserError, HTTPError) as error:
        raise TransportError(
            "the object store gives no answer that can be used", where=where, why=type(error).__name__, hint=_TRY_AGAIN
        ) from error


def code_of(error: ClientError) -> str:
    """Return the code of the store's answer: ``NoSuchKey``, or the HTTP status where there is none."""
    found = _CODE.match(str(error.response.get("Error", {}).get("Code", "")))
    return found[0] if found else "?"


def meaning_of(code: str, where: str, *, why: str = "") -> PluginryError | None:
    """Return what an answer with this code means, or one with this status and no code; None for all the others."""
    if code not in _ANSWERS:
        return None
    kind, what, hint = _ANSWERS[code]
    return kind(what, where=where, why=why or code, hint=hint)


def no_credentials(where: str, why: str = "") -> AuthError:
    """Return the error of somebody who has nothing to sign with."""
    hint = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a role"
    return AuthError("there are no credentials for the object store", where=where, why=why, hint=hint)


def _refusal(error: ClientError, where: str) -> PluginryError | ConditionFailedError:
    code, metadata = code_of(error), error.response.get("ResponseMetadata", {})
    status, was_repeated = metadata.get("HTTPStatusCode", 0), metadata.get("RetryAttempts", 0) > 0
    if status == _PRECONDITION_FAILED or (code == "NoSuchUpload" and was_repeated):
        return ConditionFailedError(was_repeated=was_repeated)
    why = f"{code} ({error.operation_name})"
    known = meaning_of(code, where, why=why) or meaning_of(str(status), where, why=why)
    return known or TransportError("the object store refuses or fails", where=where, why=why, hint=_TRY_AGAIN)


def _no_answer(error: BotoCoreError, where: str) -> PluginryError:
    name = type(error).__name__
    if _WITHOUT_CREDENTIALS.match(name):
        return no_credentials(where, name)
    if _MISCONFIGURED.match(name):
        hint = "check ~/.aws/config and the variables that begin with AWS_"
        return UsageError("the object store cannot be used as it is configured", where=where, why=name, hint=hint)
    return TransportError("the object store does not answer", where=where, why=name, hint=_TRY_AGAIN)
