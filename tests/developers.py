"""Developers who publish plugins from repositories of a forge, and what their builds say of themselves."""

from __future__ import annotations

from dataclasses import replace

from github_builds import GITHUB
from pluginry.model.publisher import Publisher

ANN = Publisher(
    issuer=GITHUB,
    repository="ann/demo",
    workflow=".github/workflows/release.yml",
    refs=("refs/tags/v*",),
    repository_id="1",
    owner_id="10",
)
BOB = replace(ANN, repository="bob/demo", repository_id="2", owner_id="20")
EVE = replace(ANN, repository="eve/demo", repository_id="3", owner_id="30")
RESURRECTED = replace(ANN, repository_id="4", owner_id="40")
"""Somebody who registered Ann's name again after she had left it."""


def build_of(publisher: Publisher, version: str = "1.0.0", **claims: str) -> dict[str, str]:
    """Return the claims (`github_builds.claims_of`) of a publisher's build of a release; `claims` win."""
    return {
        "repository": publisher.repository,
        "repository_id": publisher.repository_id,
        "repository_owner_id": publisher.owner_id,
        "workflow": publisher.workflow,
        "ref": f"refs/tags/v{version}",
        **claims,
    }
