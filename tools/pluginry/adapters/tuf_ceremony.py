"""Changes to who may sign what, signed by people one at a time: each step is a file, a commit, a pull request.

A change lies in ``index/trust/pending/`` until enough people signed it: a root by the quorum before *and* its own,
offline targets by the targets keys of the newest root. Then it gets its number and is what the publisher uses. A root
that leaves the offline targets without enough keys waits for the targets that are signed by the new ones.

In: the folder, changes, one signer at a time. Out: files. It never keeps a private key, and decides by signatures
alone: a stranger's signature, or one over other content, counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Targets

from pluginry.adapters.signing_keys import sign_with
from pluginry.adapters.tuf_publication import offline_part, root_chain
from pluginry.adapters.tuf_roles import ROOT, TARGETS, keys_of, next_version, target_files
from pluginry.encoding import strict_json
from pluginry.encoding.trust_files import POLICY_FILE, TRUSTED_ROOT_FILE, TrustFiles
from pluginry.errors import AuthError, DocumentError, TamperedError, UsageError
from pluginry.model.layout import POLICY_TARGET, TRUSTED_ROOT_TARGET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from securesystemslib.signer import Key, Signer

    from pluginry.adapters.tuf_roles import Document

_MAX_PENDING_BYTES = 256_000
_TARGET_FILES = {POLICY_TARGET: POLICY_FILE, TRUSTED_ROOT_TARGET: TRUSTED_ROOT_FILE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One quorum that must sign a draft: who of its `keys` did, and how many must."""

    of: str
    threshold: int
    signed: tuple[Key, ...]
    unsigned: tuple[Key, ...]

    @property
    def missing(self) -> int:
        """How many signatures are still needed."""
        return max(0, self.threshold - len(self.signed))


@dataclass(frozen=True, slots=True)
class Ceremony:
    """The root of trust in `files`, and what is pending."""

    files: TrustFiles

    @property
    def chain(self) -> tuple[Root, ...]:
        """The roots in force, oldest first; none before the first one is signed."""
        return root_chain(roots) if (roots := self.files.roots) else ()

    @property
    def root(self) -> Root:
        """The newest root in force, or the first one while it is still pending.

        Raises:
            UsageError: there is none.

        """
        pending = self.pending_root
        if not self.files.roots and pending:
            return pending.signed
        return root_chain(self.files.roots)[-1]

    @property
    def targets(self) -> Targets | None:
        """The offline targets in force; None in profile *simple*, and before they are signed for the first time."""
        body = self.files.offline_targets
        return offline_part(body, self.root).says if body is not None else None

    @property
    def pending_root(self) -> Metadata[Root] | None:
        """The root that still collects signatures."""
        return self._pending(ROOT, Root)

    @property
    def pending_targets(self) -> Metadata[Targets] | None:
        """The offline targets that still collect signatures; what they name was checked.

        Raises:
            TamperedError: a pending file is not the one that they name.

        """
        pending = self._pending(TARGETS, Targets)
        if pending and pending.signed.targets != target_files(self.target_bodies(pending=True)):
            raise TamperedError(
                "a pending file is not the one that the pending targets name",
                where=str(self.files.pending.folder),
                hint="if it was changed for a reason, propose the change anew",
            )
        return pending

    def target_bodies(self, *, pending: bool) -> Mapping[str, bytes]:
        """Return the files that the offline targets name, by target path: those in force, or the `pending` ones."""
        found = {path: self.files.read(name) for path, name in _TARGET_FILES.items()}
        if pending:
            found |= {path: self.files.pending.read(name) or found[path] for path, name in _TARGET_FILES.items()}
        return {path: body for path, body in found.items() if body is not None}

    def begin(self, root: Root, targets: Targets | None = None) -> None:
        """Make a root pending, the first one or one that hardens; in profile *hardened* with the first targets."""
        self.files.pending.write(f"{ROOT}.json", Metadata(root).to_bytes())
        if targets:
            self.files.pending.write(f"{TARGETS}.json", Metadata(targets).to_bytes())

    def change_root(self, change: Callable[[Root], object], *, now: datetime) -> None:
        """Make the next root pending with `change`, on top of what is pending already; signatures begin anew."""
        pending = self.pending_root
        body = pending.signed if pending else next_version(self.root, now=now)
        change(body)
        self.files.pending.write(f"{ROOT}.json", Metadata(body).to_bytes())
        if self.files.offline_targets is not None and self.pending_targets is None and self._needs_targets(body):
            self.change_targets(lambda _body: None, now=now)

    def change_targets(
        self, change: Callable[[Targets], object], *, now: datetime, files: Mapping[str, bytes] | None = None
    ) -> None:
        """Make the next offline targets pending with `change` and new `files` (bytes by target path).

        Raises:
            UsageError: profile *simple* has none.

        """
        pending, body = self.pending_targets, self.files.offline_targets
        if pending is None and body is None:
            raise UsageError(
                "profile simple has no offline targets",
                hint="edit index/trust/policy.json: `pluginry publish` signs what stands there",
            )
        # The newest targets may have lost their quorum to the root that is pending: their content still counts.
        following = (
            pending.signed if pending else next_version(Metadata[Targets].from_bytes(body or b"").signed, now=now)
        )
        change(following)
        for path, content in (files or {}).items():
            self.files.pending.write(_TARGET_FILES[path], content)
        following.targets = target_files(self.target_bodies(pending=True))
        self.files.pending.write(f"{TARGETS}.json", Metadata(following).to_bytes())

    def votes(self) -> Mapping[str, tuple[Vote, ...]]:
        """Return, for each pending file, the quorums that it needs."""
        root, targets = self.pending_root, self.pending_targets
        found: dict[str, tuple[Vote, ...]] = {}
        if root:
            before = self.chain[-1:]
            found[ROOT] = tuple(_vote(one, ROOT, root) for one in (*before, root.signed))
        if targets:
            judge = root.signed if root and self._needs_targets(root.signed) else self.root
            found[TARGETS] = (_vote(judge, TARGETS, targets),)
        return found

    def may_sign(self, key: Key) -> tuple[str, ...]:
        """Return the pending files that `key` is asked to sign and did not sign yet."""
        return tuple(
            role
            for role, votes in self.votes().items()
            if any(key.keyid == one.keyid for vote in votes for one in vote.unsigned)
        )

    def sign(self, signer: Signer) -> tuple[str, ...]:
        """Add the signature of one signer to every pending file that waits for it, and return the files in force now.

        Raises:
            AuthError: nothing waits for this key, or it cannot be used.

        """
        roles = self.may_sign(signer.public_key)
        if not roles:
            raise AuthError("nothing that is pending waits for this key", hint="see `pluginry trust show`")
        for role, pending in ((ROOT, self.pending_root), (TARGETS, self.pending_targets)):
            if pending and role in roles:
                sign_with(signer, pending)
                self.files.pending.write(f"{role}.json", pending.to_bytes())
        return tuple(self._promote())

    def _promote(self) -> Iterator[str]:
        """Put in force what enough people signed, and yield the new files."""
        done = {role for role, votes in self.votes().items() if not any(vote.missing for vote in votes)}
        root, targets = self.pending_root, self.pending_targets
        is_tied = root is not None and self._needs_targets(root.signed)
        if is_tied and {ROOT, TARGETS} - done:
            return
        if root and ROOT in done:
            yield self._put_in_force(ROOT, root)
        if targets and TARGETS in done:
            for name in _TARGET_FILES.values():
                body = self.files.pending.read(name)
                if body is not None:
                    self.files.write(name, body)
            yield self._put_in_force(TARGETS, targets)
            self.files.pending.remove(*_TARGET_FILES.values())

    def _needs_targets(self, root: Root) -> bool:
        """Return whether `root` can be in force only together with the pending targets."""
        in_force = self.files.offline_targets
        if in_force is None:
            return self.pending_targets is not None
        return not _holds(in_force, root)

    def _put_in_force(self, role: str, metadata: Metadata[Any]) -> str:
        name = f"{metadata.signed.version}.{role}.json"
        self.files.write(name, metadata.to_bytes())
        self.files.pending.remove(f"{role}.json")
        return name

    def _pending(self, role: str, kind: type[Document]) -> Metadata[Document] | None:
        body = self.files.pending.read(f"{role}.json")
        if body is None:
            return None
        where = str(self.files.pending.folder / f"{role}.json")
        try:
            # A repeated key would have two readings: one shown to the signer, one to somebody else.
            strict_json.parse(body, what=where, max_bytes=_MAX_PENDING_BYTES)
            metadata: Metadata[Document] = Metadata.from_bytes(body)
        except (DocumentError, RepositoryError) as error:
            raise TamperedError("a pending file cannot be read", where=where, why=str(error)) from error
        if not isinstance(metadata.signed, kind):
            raise TamperedError("a pending file is of another kind", where=where, why=metadata.signed.type)
        in_force = self.files.roots if kind is Root else [self.files.offline_targets or b""]
        before = Metadata.from_bytes(in_force[-1]).signed.version if in_force and in_force[-1] else 0
        is_first_of_targets = kind is Targets and before == 0  # those of profile simple were counted somewhere else
        if metadata.signed.version != before + 1 and not is_first_of_targets:
            raise TamperedError("a pending file does not follow what is in force", where=where)
        return metadata


def _vote(delegator: Root, role: str, metadata: Metadata[Any]) -> Vote:
    result = delegator.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    whose = f"{role} keys of root {delegator.version}"
    return Vote(
        of=whose,
        threshold=result.threshold,
        signed=tuple(result.signed.values()),
        unsigned=tuple(key for key in keys_of(delegator, role) if key.keyid in result.unsigned),
    )


def _holds(targets: bytes, root: Root) -> bool:
    """Return whether the offline targets are signed by enough of the keys that `root` names."""
    try:
        offline_part(targets, root)
    except TamperedError:
        return False
    return True
