"""Who signed what: signers and the conditions they are accepted under, and what is left of a verified bundle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
PUBLISH_PREDICATE = "urn:pluginry:attestations:publish:v1"
BACKFILL_PREDICATE = "urn:pluginry:attestations:publish-backfill:v1"
RELEASE_PREDICATES = (PUBLISH_PREDICATE, BACKFILL_PREDICATE)
"""What a registry says of packages: of one, or of up to `MAX_SUBJECTS` at once."""
MAX_SUBJECTS = 256
INDEX_PREDICATE = "urn:pluginry:attestations:index:v1"
PROVENANCE_PREDICATE = "https://slsa.dev/provenance/v1"


class Demand(StrEnum):
    """Whether a proof must be there."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class Use(StrEnum):
    """What a signer's signatures count for; ``publish-backfill`` is for releases older than the signing of releases.

    Only ``publish-backfill`` may sign many packages in one statement.
    """

    PUBLISH = "publish"
    INDEX = "index"
    PUBLISH_BACKFILL = "publish-backfill"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerIdentity:
    """A signer as its certificate names it: OIDC ``issuer`` and subject alternative name ``san``."""

    issuer: str
    san: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedSigner(SignerIdentity):
    """A signer and what else its certificate must say; an empty condition is none.

    Ids are the numeric ones that a forge never gives twice. ``runner`` is the runner environment, ``triggers`` are
    the events that may start the build. ``refs`` are patterns in which ``*`` stops at ``/``; ``repository`` is
    ``owner/name`` and ``workflow`` the path of the workflow file in it. With all three of them ``san`` may be empty,
    for a signer whose name holds the tag. ``deny_runs`` are addresses of builds that count for nothing, with or
    without the attempt. Signing must have happened from ``not_before`` to ``not_after``.
    """

    use: tuple[Use, ...] = (Use.PUBLISH, Use.INDEX)
    not_before: datetime | None = None
    not_after: datetime | None = None
    repository: str = ""
    repository_id: str = ""
    owner_id: str = ""
    runner: str = ""
    triggers: tuple[str, ...] = ()
    workflow: str = ""
    refs: tuple[str, ...] = ()
    deny_runs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Who it is, for people."""
        return self.san or f"{self.workflow} of {self.repository}"

    @property
    def limits(self) -> tuple[str, ...]:
        """What of it does not count, in sentences."""
        late = f"What it signed after {self.not_after:%Y-%m-%d %H:%M} UTC does not count." if self.not_after else ""
        denied = (f"What its run {run} signed does not count." for run in self.deny_runs)
        return (*([late] if late else ()), *denied)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedBuild:
    """The build that signed, as its certificate describes it; empty where the certificate says nothing.

    ``repository`` and ``run`` are addresses, ``workflow`` is the address of the workflow file with its ref, ``commit``
    and ``ref`` are what was built, ``trigger`` is the event that started it, ``runner`` the kind of machine.
    """

    repository: str = ""
    repository_id: str = ""
    owner_id: str = ""
    workflow: str = ""
    commit: str = ""
    ref: str = ""
    trigger: str = ""
    runner: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedStatement:
    """What a bundle proved: made only by a `Verifier`.

    ``payload`` is the in-toto statement as signed; ``signed_at`` is when the certificate became valid
    (signing happened within ten minutes after it); ``log_index`` is the entry in the transparency log;
    ``build`` is where the signer ran.
    """

    payload_type: str
    payload: bytes
    signer: SignerIdentity
    signed_at: datetime
    log_index: int
    build: CertifiedBuild = field(default_factory=CertifiedBuild)
