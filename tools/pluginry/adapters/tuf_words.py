"""Trust metadata in words: who may sign what until when, and what a signature would change.

In: documents, before and after. Out: lines for people. It never says that something is fine: it says what is there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import Root, Targets

from pluginry.adapters.signing_keys import holder_of
from pluginry.adapters.tuf_roles import ROLES, keys_of
from pluginry.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from securesystemslib.signer import Key

    from pluginry.adapters.tuf_ceremony import Ceremony


def roles_of(body: Root | Targets) -> Mapping[str, tuple[int, tuple[Key, ...]]]:
    """Return threshold and keys of every role that a document names."""
    named = {role: keys_of(body, role) for role in ROLES}
    return {role: (body.get_delegated_role(role).threshold, keys) for role, keys in named.items() if keys}


def pending_lines(ceremony: Ceremony) -> Iterator[str]:
    """Yield what is pending: what it changes, who signed it, and how many are missing."""
    root, targets, votes = ceremony.pending_root, ceremony.pending_targets, ceremony.votes()
    if root:
        yield f"pending root, version {root.signed.version}, good until {root.signed.expires:%Y-%m-%d}:"
        yield from _changes(ceremony.chain[-1] if ceremony.chain else None, root.signed)
        yield from _vote_lines(ceremony, "root")
    if targets:
        yield f"pending targets, version {targets.signed.version}, good until {targets.signed.expires:%Y-%m-%d}:"
        body = ceremony.files.offline_targets
        yield from _changes(Targets.from_dict(json.loads(body)["signed"]) if body else None, targets.signed)
        yield from _file_changes(
            ceremony.target_bodies(pending=False) if body else {}, ceremony.target_bodies(pending=True)
        )
        yield from _vote_lines(ceremony, "targets")
    if not votes:
        yield "nothing is pending"


def _changes(before: Root | Targets | None, after: Root | Targets) -> Iterator[str]:
    """Yield how the roles of two documents differ."""
    old = roles_of(before) if before else {}
    new = roles_of(after)
    for role, (threshold, keys) in new.items():
        old_threshold, old_keys = old.get(role, (0, ()))
        was = f" (before: {old_threshold} of {len(old_keys)})" if (old_threshold, len(old_keys)) != (0, 0) else ""
        same = (threshold, len(keys)) == (old_threshold, len(old_keys))
        if not same:
            yield f"  {role}: {threshold} of {len(keys)} keys must sign{was}"
        ids, old_ids = ({key.keyid for key in some} for some in (keys, old_keys))
        yield from (f"  {role}: adds {holder_of(key)}" for key in keys if key.keyid not in old_ids)
        yield from (f"  {role}: removes {holder_of(key)}" for key in old_keys if key.keyid not in ids)
    if old == new:
        yield "  the same signers, a new date"
    paths = _delegated_paths(after)
    if paths != (_delegated_paths(before) if before else ()):
        yield f"  the role index may speak of {', '.join(paths)}"


def _delegated_paths(body: Root | Targets) -> tuple[str, ...]:
    if isinstance(body, Root) or body.delegations is None:
        return ()
    return tuple(path for role in (body.delegations.roles or {}).values() for path in role.paths or ())


def _file_changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[str]:
    """Yield how the files that targets name differ, key by key where they are JSON objects."""
    for path, body in after.items():
        old, new = _document(before.get(path)), _document(body)
        if before.get(path) == body:
            continue
        yield f"  {path}: {Digest.of(body)}"
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                yield f"  {path}: {key} is {_shown(new.get(key))}" + (f", was {_shown(old.get(key))}" if old else "")


def _document(body: bytes | None) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _shown(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    most = 400
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"


def _vote_lines(ceremony: Ceremony, role: str) -> Iterator[str]:
    for vote in ceremony.votes()[role]:
        signed = ", ".join(map(holder_of, vote.signed)) or "nobody yet"
        yield f"  {vote.of}: {len(vote.signed)} of {vote.threshold} signatures ({signed}); {vote.missing} missing"
