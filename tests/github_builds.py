"""Builds of a forge, as the tokens of their jobs describe them, and genuine signatures of the lab for such builds."""

from __future__ import annotations

from functools import cache
from typing import Any

from notary import lab
from pluginry.adapters.sigstore_identity import SigstoreSigner
from pluginry.encoding import canonical_json
from pluginry.model.attestation import PROVENANCE_PREDICATE, STATEMENT_TYPE

GITHUB = "https://token.actions.githubusercontent.com"


def claims_of(
    repository: str = "acme/registry",
    workflow: str = ".github/workflows/publish.yml",
    ref: str = "refs/heads/main",
    **changes: str,
) -> dict[str, str]:
    """Return the claims of a job's token; `changes` win."""
    owner = repository.partition("/")[0]
    file = f"{repository}/{workflow}@{ref}"
    return {
        "iss": GITHUB,
        "sub": f"repo:{repository}:ref:{ref}",
        "job_workflow_ref": file,
        "workflow_ref": file,
        "repository": repository,
        "repository_id": "632596897",
        "repository_owner": owner,
        "repository_owner_id": "131804563",
        "ref": ref,
        "sha": "a" * 40,
        "event_name": "push",
        "runner_environment": "github-hosted",
        "run_id": "77",
        "run_attempt": "1",
        **changes,
    }


def signed_by_build(statement: bytes, **claims: Any) -> bytes:
    """Return a bundle over `statement` by the job with the claims of `claims_of`; each one is made once."""
    return _signed(statement, tuple(sorted(claims_of(**claims).items())))


def provenance(subjects: list[dict[str, Any]], kind: str = PROVENANCE_PREDICATE, **claims: str) -> bytes:
    """Return a bundle in which the job with these claims says that it built `subjects`."""
    statement = {"_type": STATEMENT_TYPE, "subject": subjects, "predicateType": kind, "predicate": {}}
    return signed_by_build(canonical_json.encode(statement), **claims)


@cache
def _signed(statement: bytes, claims: tuple[tuple[str, str], ...]) -> bytes:
    with lab().serve() as running:
        token = running.identity_token(dict(claims))
        return SigstoreSigner.from_trust_config(running.trust_config_json, token=lambda: token).attest(statement)
