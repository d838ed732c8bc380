"""What a signed statement says, word for word: the part of verify.py that reads in-toto statements.

In: a statement that a verifier proved, which kind it must be, what it must be about and what it must say of that. Out:
the parts that differ. It accepts nothing and refuses only what cannot be read: see verify.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pluginry.client import limits
from pluginry.encoding import strict_json
from pluginry.errors import DocumentError, TamperedError
from pluginry.model.attestation import BACKFILL_PREDICATE, MAX_SUBJECTS, PAYLOAD_TYPE, STATEMENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import Digest


def statement_differences(
    verified: VerifiedStatement, *, kind: str, name: str, digest: Digest, says: Mapping[str, str | int]
) -> tuple[str, ...]:
    """Return which parts of a statement are not those of one of the predicate type `kind` about a file.

    The file is called `name` and has `digest`. A statement is about that file alone, unless it is one about many
    packages; what it `says` stands in its predicate then under the digest.

    Raises:
        TamperedError: it is not strict JSON.

    """
    try:
        statement = strict_json.parse(verified.payload, what="attestation", max_bytes=limits.STATEMENT)
    except DocumentError as error:
        raise TamperedError("the attestation is not strict JSON", why=str(error)) from error
    return tuple(
        _differences(verified, _mapping(statement), kind, {"name": name, "digest": {"sha256": digest.hex}}, says)
    )


def _differences(
    verified: VerifiedStatement,
    statement: Mapping[str, Any],
    kind: str,
    subject: Mapping[str, Any],
    says: Mapping[str, str | int],
) -> Iterator[str]:
    if verified.payload_type != PAYLOAD_TYPE:
        yield "payloadType"
    if statement.get("_type") != STATEMENT_TYPE:
        yield "_type"
    if statement.get("predicateType") != kind:
        yield "predicateType"
    subjects, said = statement.get("subject"), _mapping(statement.get("predicate"))
    if kind == BACKFILL_PREDICATE:
        said = _mapping(_mapping(said.get("packages")).get(subject["digest"]["sha256"]))
        is_named = isinstance(subjects, list) and len(subjects) <= MAX_SUBJECTS and subjects.count(subject) == 1
    else:
        is_named = subjects == [subject]
    if not is_named:
        yield "subject"
    yield from (f"predicate.{key}" for key, value in says.items() if said.get(key) != value)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
