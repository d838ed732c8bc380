"""The registry's signature on the index: what a refresh asks for before anything of a new index is believed.

In: an index that passed every other check, the targets that it came with. Out: nothing, or a refusal. It is asked once
for each index, because a signature does not change; and it needs no request beyond the bundle that is a target itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pluginry.client import verify
from pluginry.errors import PolicyError, TamperedError
from pluginry.model import layout
from pluginry.model.attestation import INDEX_PREDICATE, Demand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.client.verify import TrustedIndex
    from pluginry.ports import Connector

_PARTS: Final = (
    layout.INDEX_ROOT_TARGET,
    layout.INDEX_BUNDLE_TARGET,
    layout.POLICY_TARGET,
    layout.TRUSTED_ROOT_TARGET,
)
"""What the answer depends on."""


def prove_index(
    index: TrustedIndex, targets: Mapping[str, bytes], *, kept: Mapping[str, bytes], connector: Connector
) -> None:
    """See that the registry signed the index; `kept` are the targets of the last refresh, which was accepted.

    Where the policy does not demand a signature, one that is there is checked as far as it can be.

    Raises:
        TamperedError: the policy demands a signature and there is none, or the one that there is does not hold.
        PolicyError: the policy demands a signature, and none can be checked here, or it names nobody who may sign.

    """
    if all(targets.get(path) == kept.get(path) for path in _PARTS):
        return
    is_demanded = index.policy.index_attestation == Demand.REQUIRED
    bundle, signers = targets.get(layout.INDEX_BUNDLE_TARGET), index.policy.signers_of(INDEX_PREDICATE)
    if bundle is None and is_demanded:
        raise TamperedError("the index is not signed by the registry, and its marketplace signs every index")
    if bundle is None or not (signers or is_demanded):
        return
    try:
        verifier = connector.verifier()
    except PolicyError:
        if is_demanded:
            raise
        return
    verified = verifier.verify(bundle, trusted_root=index.trusted_root, identities=signers)
    verify.accept_index_statement(verified, root=index.root, root_bytes=targets[layout.INDEX_ROOT_TARGET])
