"""Every decision of trust that the client makes, and nothing else: no network, no disk, no clock.

In: bytes as they arrived, what was promised about them, what was trusted before, the time. Out: values
of types that are made nowhere else. Whatever is not exactly as promised raises `TrustError`.

The order of a refresh (source.py does the reading):
 1. trust metadata: signatures, versions, expiry (an adapter over a TUF library)
 2. `accept_policy`: the policy that the metadata names
 3. `accept_root`: epoch and serial never go back
 4. `accept_advisories`, and the root certificates of the signers, both named by the metadata
 5. `accept_revocations`: within an epoch the list only grows
 6. `advance_state`: what is remembered, written only after everything above passed
 7. installed plugins that a revocation disables are disabled (marketplace.py)
The order of an installation (install.py does the reading):
 8. `freshness`: what is known is recent enough to install from
 9. `accept_record`: it is this plugin's, and no older than one seen before
10. no revocation blocks the release (resolve.py)
11. `accept_manifest` and the package: size and digest as the record says
12. `accept_statement`: signed by the registry, about this very file
13. the strict archive reader, `accept_package_manifest`: the package says what the index said, and
    `accept_file_list`: it holds the files that it lists
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import pluginry
from pluginry.encoding import documents, strict_json, tree
from pluginry.encoding.revocation_file import parse_revocations
from pluginry.errors import DocumentError, PolicyError, TamperedError
from pluginry.model import layout
from pluginry.model.advisory import AdvisoryList
from pluginry.model.attestation import PAYLOAD_TYPE, PUBLISH_PREDICATE, STATEMENT_TYPE
from pluginry.model.digest import Digest
from pluginry.model.index import Catalogue, PluginRecord, TreeRoot, TrustPolicy
from pluginry.model.layout import package_file
from pluginry.model.manifest import FileList, Manifest
from pluginry.model.receipt import RevocationMark, SourceState
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from datetime import datetime

    from pluginry.model.advisory import Advisory
    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import BlobRef
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.ledger import ArtifactFact
    from pluginry.model.manifest import FileEntry
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import ClientPolicy
    from pluginry.model.revocation import Revocation

_T = TypeVar("_T")
MAX_STATEMENT_BYTES = 64 << 10
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
        PolicyError: it wants a newer client than this one, or a check that this client cannot make.

    """
    policy = _decoded(TrustPolicy, data, "trust policy")
    _check_client(policy.min_client)
    if policy.index_attestation != "optional":
        raise PolicyError(
            "this marketplace demands a signed index, and this client cannot check that",
            why=f"its policy says index_attestation: {policy.index_attestation}",
            hint="a newer pluginry may; until then nothing is taken from there",
        )
    return policy


def accept_root(data: bytes, *, policy: TrustPolicy, state: SourceState | None) -> TreeRoot:
    """Return the root of the index, which is never older than one that was trusted before.

    Raises:
        TamperedError: not a root, of another epoch than the policy, or older than what was seen.
        PolicyError: it wants a newer client than this one.

    """
    root = _decoded(TreeRoot, data, "index root")
    if root.format != 1:
        raise PolicyError("the index has a format that this client does not know", hint="update pluginry")
    _check_client(root.min_client)
    if root.epoch != policy.epoch:
        raise TamperedError("index and policy are of different epochs", why=f"{root.epoch} and {policy.epoch}")
    if state is not None:
        _check_not_older(root, Digest.of(data), state)
    return root


def accept_advisories(data: bytes) -> tuple[Advisory, ...]:
    """Return the marketplace's advisories.

    Raises:
        TamperedError: not a list of advisories.

    """
    return _decoded(AdvisoryList, data, "list of advisories").advisories


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
    return _decoded(Catalogue, tree.checked(data, ref), "catalogue")


def advance_state(
    state: SourceState | None, *, root: TreeRoot, root_bytes: bytes, now: datetime, revocations: bytes = b""
) -> SourceState:
    """Return what is to be remembered after `root` was accepted; a new epoch forgets the old one's numbers."""
    same_epoch = state is not None and state.epoch == root.epoch
    return SourceState(
        epoch=root.epoch,
        serial=root.serial,
        root_sha256=Digest.of(root_bytes),
        last_ok=now,
        max_time=max(now, state.max_time) if state else now,
        plugins=state.plugins if state and same_epoch else MappingProxyType({}),
        publishers=state.publishers if state else MappingProxyType({}),
        revocations=_mark_of(revocations),
    )


def accept_record(data: bytes, *, ref: BlobRef, plugin: PluginId, seen_seq: int) -> PluginRecord:
    """Return the record of `plugin`.

    Raises:
        TamperedError: not the promised bytes, of another plugin, or older than one that was seen.

    """
    record = _decoded(PluginRecord, tree.checked(data, ref), f"record of {plugin}")
    if record.id != plugin:
        raise TamperedError("the index gives the record of another plugin", why=f"{record.id} instead of {plugin}")
    if record.seq < seen_seq:
        raise TamperedError(
            f"the index gives an old record of {plugin}", why=f"number {record.seq}, but {seen_seq} was seen"
        )
    return record


def accept_manifest(data: bytes, *, ref: BlobRef, plugin: PluginId, version: Version) -> Manifest:
    """Return the manifest of a release, known before the package is downloaded.

    Raises:
        TamperedError: not the promised bytes, or of another plugin or version.

    """
    manifest = _decoded(Manifest, tree.checked(data, ref), f"manifest of {plugin} {version}")
    if (manifest.id, manifest.version) != (plugin, version):
        raise TamperedError(
            "a manifest is of another release", why=f"{manifest.id} {manifest.version}, not {plugin} {version}"
        )
    return manifest


def accept_package_manifest(data: bytes, *, release: ReleaseRecord) -> None:
    """Check that the manifest inside the package is, byte for byte, the one that the user agreed to.

    Raises:
        TamperedError: it is another one.

    """
    tree.checked(data, release.manifest)


def accept_file_list(data: bytes) -> tuple[FileEntry, ...]:
    """Return the files that a package says it holds.

    Raises:
        TamperedError: not a list of files.

    """
    return _decoded(FileList, data, "package's list of files").files


def accept_statement(
    verified: VerifiedStatement, *, plugin: PluginId, release: ReleaseRecord, artifact: ArtifactFact
) -> None:
    """Check that a verified statement is the publish statement about exactly this artifact.

    Raises:
        TamperedError: it speaks of something else.

    """
    try:
        statement = strict_json.parse(verified.payload, what="attestation", max_bytes=MAX_STATEMENT_BYTES)
    except DocumentError as error:
        raise TamperedError("the attestation is not strict JSON", why=str(error)) from error
    expected: dict[str, Any] = {
        "_type": STATEMENT_TYPE,
        "predicateType": PUBLISH_PREDICATE,
        "subject": [
            {
                "name": package_file(plugin, release.version, artifact.platform),
                "digest": {"sha256": artifact.sha256.hex},
            }
        ],
    }
    predicate = {
        "plugin": str(plugin),
        "version": str(release.version),
        "platform": str(artifact.platform),
        "manifest_sha256": release.manifest.sha256.hex,
    }
    found = statement if isinstance(statement, dict) else {}
    said = found.get("predicate")
    said = said if isinstance(said, dict) else {}
    wrong = [key for key, value in expected.items() if found.get(key) != value]
    wrong += [f"predicate.{key}" for key, value in predicate.items() if said.get(key) != value]
    if verified.payload_type != PAYLOAD_TYPE:
        wrong.append("payloadType")
    if wrong:
        raise TamperedError(
            f"the attestation of {plugin} {release.version} is about something else", why=f"see {', '.join(wrong)}"
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


def _decoded(kind: type[_T], data: bytes, what: str) -> _T:
    try:
        return documents.decode(kind, data, what=what)
    except DocumentError as error:
        raise TamperedError(f"the {what} cannot be read", why=str(error)) from error
