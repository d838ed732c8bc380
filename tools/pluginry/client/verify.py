"""Every decision of trust that the client makes about a marketplace: no network, no disk, no clock.

In: bytes as they arrived, what was promised about them, what was trusted before, the time. Out: values
of types that are made nowhere else. Whatever is not exactly as promised raises `TrustError`.

The order of a refresh (source.py does the reading):
 1. `check_clock`, and trust metadata: signatures, versions, expiry (an adapter over a TUF library)
 2. `accept_policy`: the policy that the metadata names
 3. `accept_root`: epoch and serial never go back
 4. `accept_advisories`, and the root certificates of the signers, both named by the metadata
 5. `accept_revocations`: within an epoch the list only grows
 6. `accept_index_statement`: signed by the registry, about this very root, where the policy says so (index_proof.py)
 7. `advance_state`: what is remembered, written only after everything above passed
 8. installed plugins that a revocation disables are disabled (marketplace.py)
The order of an installation (install.py does the reading, verify_release.py holds the decisions from 10 on):
 9. `check_clock`, and `freshness`: what is known is recent enough to install from
10. `accept_record`: it is this plugin's, and no older than one seen before
11. no revocation blocks the release, and it was out for long enough (candidates.py)
12. `accept_manifest` and the package: size and digest as the record says
13. `accept_statement`: signed by the registry, about this very file; and where a policy demands it or there was one
    before, `accept_provenance`: signed by the developer's build, about this very file (provenance.py)
14. the strict archive reader, `accept_package_manifest`: the package says what the index said, and
    `accept_file_list`: it holds the files that it lists
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import pluginry
from pluginry.client.statements import statement_differences
from pluginry.encoding import documents, tree
from pluginry.encoding.revocation_file import parse_revocations
from pluginry.errors import DocumentError, PolicyError, TamperedError
from pluginry.model import layout
from pluginry.model.advisory import AdvisoryList
from pluginry.model.attestation import INDEX_PREDICATE
from pluginry.model.digest import Digest
from pluginry.model.index import Catalogue, TreeRoot, TrustPolicy
from pluginry.model.receipt import RevocationMark, SourceState
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from datetime import datetime

    from pluginry.model.advisory import Advisory
    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import BlobRef
    from pluginry.model.receipt import ClientPolicy
    from pluginry.model.revocation import Revocation

_T = TypeVar("_T")
CLOCK_TOLERANCE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIndex:
    """The state of a marketplace that passed every check; ``as_of`` is when that was.

    ``revocations`` are those in force, worst first.
    """

    root: TreeRoot
    policy: TrustPolicy
    trusted_root: bytes
    advisories: tuple[Advisory, ...]
    as_of: datetime
    revocations: tuple[Revocation, ...] = ()


class Freshness(StrEnum):
    """How old what we know of a marketplace is."""

    FRESH = "fresh"
    OLD = "old"
    TOO_OLD = "too-old"


def check_clock(state: SourceState | None, *, now: datetime) -> None:
    """Refuse to go on when the clock went back: expired metadata would look valid again.

    Raises:
        PolicyError: `now` is more than a day before a time that was seen already.

    """
    if state is not None and now < state.max_time - CLOCK_TOLERANCE:
        raise PolicyError(
            "this machine's clock went back",
            why=f"it says {now:%Y-%m-%d %H:%M}, but {state.max_time:%Y-%m-%d %H:%M} was seen before",
            hint="set the clock",
        )


def accept_policy(data: bytes) -> TrustPolicy:
    """Return the marketplace's policy.

    Raises:
        TamperedError: not a policy.
        PolicyError: it wants a newer client than this one.

    """
    policy = decoded(TrustPolicy, data, "trust policy")
    _check_client(policy.min_client)
    return policy


def accept_root(data: bytes, *, policy: TrustPolicy, state: SourceState | None) -> TreeRoot:
    """Return the root of the index, which is never older than one that was trusted before.

    Raises:
        TamperedError: not a root, of another epoch than the policy, or older than what was seen.
        PolicyError: it wants a newer client than this one.

    """
    root = decoded(TreeRoot, data, "index root")
    if root.format != 1:
        raise PolicyError("the index has a format that this client does not know", hint="update pluginry")
    _check_client(root.min_client)
    if root.epoch != policy.epoch:
        raise TamperedError("index and policy are of different epochs", why=f"{root.epoch} and {policy.epoch}")
    if state is not None:
        _check_not_older(root, Digest.of(data), state)
    return root


def accept_index_statement(verified: VerifiedStatement, *, root: TreeRoot, root_bytes: bytes) -> None:
    """Check that a verified statement is the registry's about exactly this index.

    Raises:
        TamperedError: it speaks of something else, perhaps of an earlier index.

    """
    wrong = statement_differences(
        verified,
        kind=INDEX_PREDICATE,
        name=layout.INDEX_ROOT_TARGET,
        digest=Digest.of(root_bytes),
        says={"epoch": root.epoch, "serial": root.serial},
    )
    if wrong:
        raise TamperedError("the registry's signature is over another index", why=f"see {', '.join(wrong)}")


def accept_advisories(data: bytes) -> tuple[Advisory, ...]:
    """Return the marketplace's advisories.

    Raises:
        TamperedError: not a list of advisories.

    """
    return decoded(AdvisoryList, data, "list of advisories").advisories


def accept_revocations(data: bytes, *, epoch: int, state: SourceState | None) -> tuple[Revocation, ...]:
    """Return the marketplace's list of revocations; `data` is empty where none was ever published.

    Raises:
        TamperedError: not such a list, or not a continuation of the one that was seen in this epoch.

    """
    seen = state.revocations if state is not None and state.epoch == epoch else None
    if seen is not None and (len(data) < seen.size or Digest.of(data[: seen.size]) != seen.sha256):
        raise TamperedError(
            "the list of revocations is not a continuation of the one that was seen before",
            why=f"it had {seen.n} entries",
            hint="somebody wants a revocation to be forgotten; those that are known stay in force",
        )
    try:
        return parse_revocations(data, what=layout.REVOCATIONS_FILE)
    except DocumentError as error:
        raise TamperedError("the list of revocations cannot be read", why=str(error)) from error


def accept_catalogue(data: bytes, *, ref: BlobRef) -> Catalogue:
    """Return the marketplace at a glance.

    Raises:
        TamperedError: not the promised bytes, or not a catalogue.

    """
    return decoded(Catalogue, tree.checked(data, ref), "catalogue", max_bytes=max(ref.size, 1))


def advance_state(
    state: SourceState | None, *, root: TreeRoot, root_bytes: bytes, now: datetime, revocations: bytes = b""
) -> SourceState:
    """Return what is to be remembered after `root` was accepted.

    A new epoch forgets the old one's numbers, and never who published a plugin and whether its build was proven.
    """
    same_epoch = state is not None and state.epoch == root.epoch
    return SourceState(
        epoch=root.epoch,
        serial=root.serial,
        root_sha256=Digest.of(root_bytes),
        last_ok=now,
        max_time=max(now, state.max_time) if state else now,
        plugins=state.plugins if state and same_epoch else MappingProxyType({}),
        publishers=state.publishers if state else MappingProxyType({}),
        proven=state.proven if state else (),
        revocations=_mark_of(revocations),
    )


def freshness(index: TrustedIndex, policy: ClientPolicy, *, now: datetime) -> Freshness:
    """Return whether `index` is recent enough, worth a warning, or too old for new installations."""
    age = now - index.as_of
    if age > timedelta(days=policy.max_stale_days):
        return Freshness.TOO_OLD
    return Freshness.OLD if age > timedelta(days=policy.warn_after_days) else Freshness.FRESH


def _mark_of(revocations: bytes) -> RevocationMark | None:
    """Return how far a list of revocations was read."""
    if not revocations:
        return None
    return RevocationMark(n=revocations.count(b"\n"), size=len(revocations), sha256=Digest.of(revocations))


def _check_not_older(root: TreeRoot, digest: Digest, state: SourceState) -> None:
    if root.epoch < state.epoch:
        raise TamperedError("the index is of an earlier epoch", why=f"{root.epoch}, but {state.epoch} was seen")
    if root.epoch > state.epoch:
        return
    if root.serial < state.serial:
        raise TamperedError(
            "the index went back to an earlier state", why=f"serial {root.serial}, but {state.serial} was seen"
        )
    if root.serial == state.serial and state.root_sha256 not in (None, digest):
        raise TamperedError("there are two different indexes with the same serial", why=f"serial {root.serial}")


def _check_client(min_client: str) -> None:
    if not min_client:
        return
    try:
        is_too_old = Version(min_client) > Version(pluginry.__version__)
    except DocumentError as error:
        raise TamperedError("the marketplace asks for a client that cannot exist", why=error.what) from error
    if is_too_old:
        raise PolicyError(
            f"this marketplace needs pluginry {min_client} or newer", why=f"this is {pluginry.__version__}"
        )


def decoded(kind: type[_T], data: bytes, what: str, *, max_bytes: int = documents.MAX_DOCUMENT_BYTES) -> _T:
    """Return a document as a `kind`; `what` names it in errors.

    Raises:
        TamperedError: it is none.

    """
    try:
        return documents.decode(kind, data, what=what, max_bytes=max_bytes)
    except DocumentError as error:
        raise TamperedError(f"the {what} cannot be read", why=str(error)) from error
