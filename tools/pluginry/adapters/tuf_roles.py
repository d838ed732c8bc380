"""Who may sign what: the two documents that people sign, in both key profiles.

*simple*: one root key; one online key for targets, snapshot and timestamp. *hardened*: quorums of offline keys for
the root and for the targets; the targets delegate ``index/*`` to the role `INDEX`, under an online key of its own (K2),
while another online key (K1) signs snapshot and timestamp. A client reads both with the same code.

In: public keys, the time. Out: unsigned documents, and changes to them. It never sees a private key.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from tuf.api.metadata import DelegatedRole, Delegations, Root, TargetFile, Targets

from pluginry.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from securesystemslib.signer import Key

Document = TypeVar("Document", Root, Targets)
ROOT, TARGETS, SNAPSHOT, TIMESTAMP, INDEX = ROLES = ("root", "targets", "snapshot", "timestamp", "index")
INDEX_PATHS = "index/*"
ROOT_LIFE = timedelta(days=365)
OFFLINE_TARGETS_LIFE = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """`threshold` of `keys` must sign."""

    keys: tuple[Key, ...]
    threshold: int = 1

    def __post_init__(self) -> None:
        distinct = len({key.keyid for key in self.keys})
        if distinct != len(self.keys):
            raise UsageError("the same key is given twice for one role")
        if not 1 <= self.threshold <= distinct:
            raise UsageError(f"{self.threshold} of {distinct} keys can never be reached")


def root_document(*, root: Quorum, targets: Quorum, online: Key, now: datetime) -> Root:
    """Return the first root; in profile *simple* `targets` is the online key too."""
    body = Root(expires=whole_seconds(now + ROOT_LIFE), consistent_snapshot=True)
    one = Quorum(keys=(online,))
    for role, quorum in ((ROOT, root), (TARGETS, targets), (SNAPSHOT, one), (TIMESTAMP, one)):
        for key in quorum.keys:
            body.add_key(key, role)
        body.roles[role].threshold = quorum.threshold
    return body


def hardened_root(before: Root, *, root: Quorum, targets: Quorum, online: Key | None, now: datetime) -> Root:
    """Return the root that follows one of profile *simple* and names the people of profile *hardened*.

    `online` takes the place of the online key; without it that key goes on signing what is current, and no more.
    """
    body = next_version(before, now=now)
    one = Quorum(keys=(online,) if online else keys_of(before, TIMESTAMP))
    for role, quorum in ((ROOT, root), (TARGETS, targets), (SNAPSHOT, one), (TIMESTAMP, one)):
        for keyid in before.roles[role].keyids:
            body.revoke_key(keyid, role)
        for key in quorum.keys:
            body.add_key(key, role)
        body.roles[role].threshold = quorum.threshold
    return body


def targets_document(files: Mapping[str, bytes], *, index: Key, now: datetime, version: int = 1) -> Targets:
    """Return the first offline targets: `files` by path, and the delegation of the index to the key `index`."""
    role = DelegatedRole(INDEX, keyids=[index.keyid], threshold=1, terminating=True, paths=[INDEX_PATHS])
    return Targets(
        version=version,
        expires=whole_seconds(now + OFFLINE_TARGETS_LIFE),
        targets=target_files(files),
        delegations=Delegations(keys={index.keyid: index}, roles={INDEX: role}),
    )


def index_role(body: Targets) -> DelegatedRole:
    """Return the role that offline targets delegate the index to.

    Raises:
        UsageError: they delegate nothing of that name.

    """
    role = (body.delegations.roles or {}).get(INDEX) if body.delegations else None
    if role is None:
        raise UsageError("the offline targets delegate no index", hint="begin with `pluginry trust init`")
    return role


def target_files(files: Mapping[str, bytes]) -> dict[str, TargetFile]:
    """Return what targets metadata says of `files` (bytes by path)."""
    return {path: TargetFile.from_data(path, body, ["sha256"]) for path, body in files.items()}


def next_version(body: Document, *, now: datetime) -> Document:
    """Return the document that follows `body`: one version later, good for another year, all else as it was."""
    following = copy.deepcopy(body)
    following.version += 1
    following.expires = whole_seconds(now + (ROOT_LIFE if isinstance(body, Root) else OFFLINE_TARGETS_LIFE))
    return following


def add_key(body: Root | Targets, role: str, key: Key, *, threshold: int | None = None) -> None:
    """Let `key` sign for `role` too; `threshold` changes how many must.

    Raises:
        UsageError: it may sign already, or the threshold can never be reached.

    """
    known = body.get_delegated_role(role)
    if key.keyid in known.keyids:
        raise UsageError(f"this key may sign {role} already", where=key.keyid)
    wanted = known.threshold if threshold is None else threshold
    if not 1 <= wanted <= len(known.keyids) + 1:
        raise UsageError(f"{wanted} of {len(known.keyids) + 1} keys can never be reached")
    body.add_key(key, role)
    known.threshold = wanted


def replace_key(body: Root | Targets, role: str, old: str, new: Key) -> tuple[str, ...]:
    """Put `new` in the place of the key `old` of `role`, and of every other role that it signs; return those roles.

    Who lost a key lost it everywhere: a stolen key must not stay in a role that nobody thought of.

    Raises:
        UsageError: `old` is not a key of `role`, or `new` has a place already.

    """
    if old not in body.get_delegated_role(role).keyids:
        raise UsageError(f"this key does not sign {role}", where=old, hint="see `pluginry trust show`")
    names = [name for name in ROLES if old in _keyids(body, name)]
    taken = [name for name in names if new.keyid in _keyids(body, name)]
    if taken:
        raise UsageError(f"the new key signs {taken[0]} already", where=new.keyid)
    for name in names:
        body.revoke_key(old, name)
        body.add_key(new, name)
    return tuple(names)


def remove_key(body: Root | Targets, role: str, old: str, *, threshold: int | None = None) -> None:
    """Let the key `old` sign for `role` no longer; `threshold` changes how many of the others must.

    Raises:
        UsageError: it does not sign for `role`, or the threshold can never be reached without it.

    """
    known = body.get_delegated_role(role)
    if old not in known.keyids:
        raise UsageError(f"this key does not sign {role}", where=old, hint="see `pluginry trust show`")
    left, wanted = len(known.keyids) - 1, known.threshold if threshold is None else threshold
    if not 1 <= wanted <= left:
        raise UsageError(
            f"{wanted} of {left} keys can never be reached",
            hint="put another key in its place with `pluginry trust rotate`, or lower the number with --threshold",
        )
    body.revoke_key(old, role)
    known.threshold = wanted


def keys_of(body: Root | Targets, role: str) -> tuple[Key, ...]:
    """Return the keys that may sign `role`."""
    return tuple(body.get_key(keyid) for keyid in _keyids(body, role))


def whole_seconds(moment: datetime) -> datetime:
    """Return `moment` as metadata writes times."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _keyids(body: Root | Targets, role: str) -> list[str]:
    try:
        return list(body.get_delegated_role(role).keyids)
    except ValueError:  # no such role in this document
        return []
