"""What a publisher works with, whatever there is to do: folders, the store, and adapters to everybody else.

In: what a command opened. Out: one value that the stages pass on, of which each takes what it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.ports import GitHistory, ObjectStore, SourceFetcher, Verifier
    from pluginry.publisher.patient_signer import PatientSigner
    from pluginry.publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """The ``workspace`` with its ``history`` in git, the ``store`` that is published to, a fetcher by kind of source.

    Without a ``signer`` nothing is signed, and without a ``verifier`` no signature is looked at.
    """

    workspace: Workspace
    history: GitHistory
    store: ObjectStore
    fetchers: Mapping[str, SourceFetcher]
    signer: PatientSigner | None = None
    verifier: Verifier | None = None
