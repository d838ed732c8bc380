"""A developer's word on where a file was built: who must have given it, and what it must say.

In: the publisher that a plugin's listing names, a statement that a verifier proved. Out: the signer to hold it to, or
the refusal. It is the same for the build that takes provenance in and for the client that asks for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pluginry.encoding import strict_json
from pluginry.errors import DocumentError, TamperedError
from pluginry.model.attestation import PROVENANCE_PREDICATE, STATEMENT_TYPE, AcceptedSigner

if TYPE_CHECKING:
    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import Digest
    from pluginry.model.publisher import Publisher
    from pluginry.model.versions import Version

MAX_STATEMENT_BYTES = 256 << 10
_TAG = "refs/tags/"


def developer(publisher: Publisher) -> AcceptedSigner:
    """Return the signer that the publisher of a plugin is."""
    return AcceptedSigner(
        issuer=publisher.issuer,
        san="",
        repository=publisher.repository,
        repository_id=publisher.repository_id,
        owner_id=publisher.owner_id,
        workflow=publisher.workflow,
        refs=publisher.refs,
    )


def check_provenance(verified: VerifiedStatement, *, digest: Digest, version: Version, name: str = "") -> None:
    """Check that a verified statement is the provenance of the file with `digest`, built for `version`.

    With `name`, the build must have called the file so.

    Raises:
        TamperedError: it is about something else.

    """
    try:
        statement = strict_json.parse(verified.payload, what="provenance", max_bytes=MAX_STATEMENT_BYTES, max_depth=32)
    except DocumentError as error:
        raise TamperedError("the provenance is not strict JSON", why=str(error)) from error
    found = statement if isinstance(statement, dict) else {}
    subjects = found.get("subject")
    if (found.get("_type"), found.get("predicateType")) != (STATEMENT_TYPE, PROVENANCE_PREDICATE):
        raise TamperedError("the provenance is a statement of another kind", why=str(found.get("predicateType")))
    wanted = {"digest": {"sha256": digest.hex}} | ({"name": name} if name else {})
    if not isinstance(subjects, list) or not any(
        isinstance(one, dict) and {key: one.get(key) for key in wanted} == wanted for one in subjects
    ):
        raise TamperedError("the provenance is about other files", why=f"none is {name or 'one'} with sha256 {digest}")
    ref = verified.build.ref
    if ref.startswith(_TAG) and not re.search(rf"(?:^|[^0-9A-Za-z.]|\bv){re.escape(str(version))}$", ref[len(_TAG) :]):
        raise TamperedError("the provenance is of another version", why=f"it was built from {ref}, not for {version}")
