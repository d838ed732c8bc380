"""Whether a developer's own build must answer for a package, and what is said when it does not.

In: policies, what was remembered of a plugin, its record. Out: why provenance is demanded, whose word counts, the loss
to agree to or the refusal. What a marketplace named once and names no more is a step back that nobody takes unasked:
who stole its keys, or a developer's account, would begin there. It does no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding.provenance_statement import check_provenance, developer
from pluginry.errors import PolicyError
from pluginry.model.attestation import PROVENANCE_PREDICATE, Demand

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.attestation import AcceptedSigner, CertifiedBuild, VerifiedStatement
    from pluginry.model.index import PluginRecord, ReleaseRecord, TrustPolicy
    from pluginry.model.ledger import ArtifactFact, AttestationFact
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import ClientPolicy
    from pluginry.model.versions import Version

NONE_NAMED = "the marketplace names none for this package"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceLoss:
    """A plugin was installed with provenance, and ``version`` comes without one that counts: ``why``."""

    plugin: PluginId
    version: Version
    why: str

    @property
    def says(self) -> str:
        """What is lost, in a sentence."""
        return f"what was installed is provably built by its developer, and {self.version} is not: {self.why}"

    def refusal(self) -> PolicyError:
        """Return the error for whoever did not agree to it."""
        return PolicyError(
            f"{self.plugin} comes without the provenance that it had",
            why=self.says,
            hint=f"if you want it all the same, pass --accept-no-provenance {self.plugin}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceDemand:
    """A developer's build must answer for a package, because a policy says so (``by``) or one did before (empty)."""

    by: str = ""

    def refusal(self, plugin: PluginId, version: Version, why: str) -> PolicyError:
        """Return the error for a package without provenance that counts."""
        if not self.by:
            return ProvenanceLoss(plugin=plugin, version=version, why=why).refusal()
        return PolicyError(
            f"{plugin} {version} is not provably built by its developer, and that is required here",
            why=f"{self.by}; {why}",
            hint="a policy is changed by whoever is responsible for it, not by an option",
        )


def demand_of(policy: ClientPolicy, marketplace: TrustPolicy, *, had_it: bool) -> ProvenanceDemand | None:
    """Return why provenance must be there, if it must; `had_it` says that what was installed last had it."""
    if policy.provenance is Demand.REQUIRED:
        return ProvenanceDemand(by="policy.toml says provenance = required")
    if marketplace.provenance is Demand.REQUIRED:
        return ProvenanceDemand(by="the policy of its marketplace says so")
    return ProvenanceDemand() if had_it else None


def provenance_of(release: ReleaseRecord, artifact: ArtifactFact) -> AttestationFact | None:
    """Return the newest provenance that the marketplace names for a package."""
    named = (one for one in release.attestations if one.type == PROVENANCE_PREDICATE)
    return next((one for one in reversed([*named]) if one.artifact == artifact.sha256), None)


def developers_of(record: PluginRecord, release: ReleaseRecord) -> tuple[AcceptedSigner, ...]:
    """Return whose build may answer for `release`: the publisher's, or that of earlier ones until they handed over."""
    holders = [transfer.previous for transfer in record.transfers if release.published_at <= transfer.at]
    return tuple(developer(one) for one in dict.fromkeys([record.publisher, *holders]) if one is not None)


def accept_provenance(verified: VerifiedStatement, *, release: ReleaseRecord, artifact: ArtifactFact) -> CertifiedBuild:
    """Return the build that made `artifact`, as a verified statement says.

    Raises:
        TamperedError: it speaks of other files, also of the one that the registry made the package of.

    """
    check_provenance(verified, digest=artifact.sha256, version=release.version)
    return verified.build


def refuse_unproven(losses: Iterable[ProvenanceLoss], *, accepted: Iterable[PluginId]) -> None:
    """Refuse plugins that lost their provenance, unless the user agreed.

    Raises:
        PolicyError: there is one.

    """
    agreed = frozenset(accepted)
    for loss in losses:
        if loss.plugin not in agreed:
            raise loss.refusal()
