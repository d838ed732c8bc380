"""The registry's signature on the index: made when the index is new, carried over as long as it stays.

In: the root of an index, what is published, a signer and a verifier. Out: which root is made current, with the bundle
over it. Nothing is made current that clients under today's policy would refuse: when an index must be signed and cannot
be, the published one stays, and the new one waits for another run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.errors import AuthError, PluginryError, PolicyError, TamperedError, TransportError, UsageError
from pluginry.model.attestation import INDEX_PREDICATE, Demand
from pluginry.model.digest import Digest
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.model.layout import INDEX_BUNDLE_TARGET, INDEX_ROOT_TARGET
from pluginry.publisher.attest import statement_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.ports import MetadataRepository, ObjectStore, Signer, Verifier
    from pluginry.publisher.workspace import Workspace


def index_statement(body: bytes) -> bytes:
    """Return the statement that the registry published the index whose root is `body`."""
    root = documents.decode(TreeRoot, body, what=INDEX_ROOT_TARGET)
    predicate: dict[str, int | str] = {"epoch": root.epoch, "serial": root.serial}
    if root.commit:
        predicate["registry_commit"] = root.commit
    subject = {"name": INDEX_ROOT_TARGET, "digest": {"sha256": Digest.of(body).hex}}
    return statement_bytes(INDEX_PREDICATE, [subject], predicate)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentIndex:
    """The index that is made current: its ``root``, its targets, and why the new one is ``held_back``, if it is."""

    root: TreeRoot
    targets: Mapping[str, bytes]
    held_back: PluginryError | None = None

    @property
    def is_signed(self) -> bool:
        """Whether a bundle is published with it."""
        return INDEX_BUNDLE_TARGET in self.targets


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDesk:
    """Signs indexes, and knows which signatures count under `policy`."""

    policy: TrustPolicy
    trusted_root: bytes
    verifier: Verifier | None
    signer: Signer | None = None

    def settle(self, new: TreeRoot, *, repository: MetadataRepository, store: ObjectStore) -> CurrentIndex:
        """Return `new` with its signature, or what is published while `new` has to wait for one.

        Raises:
            TransportError: the signing service does not answer, and nothing that is published can stay current.
            AuthError: as `TransportError`, the signer is refused, or is not one whose signature would count.
            UsageError: the policy demands a signature, and nobody signs here.

        """
        published = {path: repository.current_target(path, store) for path in (INDEX_ROOT_TARGET, INDEX_BUNDLE_TARGET)}
        body = documents.encode(new)
        try:
            bundle = self._bundle_over(body, published[INDEX_BUNDLE_TARGET])
        except (TransportError, AuthError) as error:
            stays = self.carried_over(published[INDEX_ROOT_TARGET], published[INDEX_BUNDLE_TARGET])
            if stays is None:
                raise
            root = documents.decode(TreeRoot, stays[INDEX_ROOT_TARGET], what=INDEX_ROOT_TARGET)
            return CurrentIndex(root=root, targets=stays, held_back=error)
        return CurrentIndex(root=new, targets=_targets(body, bundle))

    def carried_over(self, body: bytes | None, bundle: bytes | None) -> dict[str, bytes] | None:
        """Return a published index as targets, when it can stay current; None when it cannot.

        A signature that counts no more is dropped where none is demanded.
        """
        if body is None or documents.decode(TreeRoot, body, what=INDEX_ROOT_TARGET).epoch != self.policy.epoch:
            return None
        if bundle is not None and not self._objection(body, bundle):
            return _targets(body, bundle)
        return None if self._is_demanded else _targets(body, None)

    @property
    def _is_demanded(self) -> bool:
        return self.policy.index_attestation == Demand.REQUIRED

    def _bundle_over(self, body: bytes, published: bytes | None) -> bytes | None:
        """Return the published bundle if it is over `body`, or a new one; None where there need not be one."""
        if not self._is_demanded and not self.policy.signers_of(INDEX_PREDICATE):
            return None
        if published is not None and not self._objection(body, published):
            return published
        try:
            return self._signed(body)
        except (TransportError, AuthError, UsageError):
            if self._is_demanded:
                raise
            return None

    def _signed(self, body: bytes) -> bytes:
        if self.signer is None:
            raise UsageError(
                "the policy demands a signed index, and nobody signs here", hint="see `pluginry trust show`"
            )
        bundle = self.signer.attest(index_statement(body))
        objection = self._objection(body, bundle)
        if objection:
            raise AuthError("this signer's signature on the index would not count", why=objection)
        return bundle

    def _objection(self, body: bytes, bundle: bytes) -> str:
        """Return why clients would refuse `bundle` as a signature on the index; empty when they would not."""
        if self.verifier is None:
            return "it cannot be checked here"
        signers = self.policy.signers_of(INDEX_PREDICATE)
        try:
            verified = self.verifier.verify(bundle, trusted_root=self.trusted_root, identities=signers)
        except (TamperedError, PolicyError) as error:
            return str(error)
        return "" if verified.payload == index_statement(body) else "it is about another index"


def index_desk_of(workspace: Workspace, *, verifier: Verifier | None, signer: Signer | None = None) -> IndexDesk:
    """Return the desk under the policy of `workspace`; without `signer` it only knows what counts."""
    return IndexDesk(
        policy=documents.decode(TrustPolicy, workspace.policy_bytes, what="policy.json"),
        trusted_root=workspace.trusted_root_bytes,
        verifier=verifier,
        signer=signer,
    )


def _targets(body: bytes, bundle: bytes | None) -> dict[str, bytes]:
    return {INDEX_ROOT_TARGET: body, **({INDEX_BUNDLE_TARGET: bundle} if bundle is not None else {})}
