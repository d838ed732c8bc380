"""Signs the trust metadata of a marketplace with python-tuf, when it is published: both key profiles (tuf_roles.py).

In: the targets that are to be current, the store that holds what is current now, online keys, and what people signed
(roots; in profile *hardened* the offline targets too). Out: metadata and target objects, the timestamp last. It never
sees a root key, and in profile *hardened* no targets key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.adapters.tuf_lives import due_below_timestamp, renewed_at, until
from pluginry.adapters.tuf_roles import INDEX, SNAPSHOT, TARGETS, TIMESTAMP, index_role, target_files
from pluginry.encoding.conversion import time_as_text
from pluginry.errors import AuthError, UsageError
from pluginry.model import layout
from pluginry.model.digest import Digest
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.model.published import (
    JSON_TYPE,
    SETTLED_FIELD,
    CachePolicy,
    Phase,
    PublishedObject,
    SignedState,
    json_node,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from securesystemslib.signer import Signer
    from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

    from pluginry.adapters.tuf_publication import Publication, SignedPart, T
    from pluginry.ports import ObjectStore

_CEREMONY = "let the keys of the role sign: `pluginry trust renew` and `pluginry trust sign`"


@dataclass(frozen=True, slots=True)
class _Settled:
    """An input of which nothing is left to be done, until something below the timestamp is signed again."""

    made_of: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TufRepository:
    """Metadata under the key `online`; `roots` are the public ``N.root.json`` files, oldest first.

    Profile *hardened* has `offline_targets`, the newest ``N.targets.json``, and `index_key` for the role that they
    delegate the index to.
    """

    online: Signer
    roots: tuple[bytes, ...]
    index_key: Signer | None = None
    offline_targets: bytes | None = None

    def sign(
        self, targets: Mapping[str, bytes], *, store: ObjectStore, now: datetime, settled: str | None = None
    ) -> SignedState:
        """Return the objects that make `targets` current; at most a fresh timestamp when they are already.

        A timestamp that names another input than `settled`, if there is one, is replaced.

        Raises:
            TamperedError: the metadata in the store is not signed by keys of this marketplace.
            AuthError: the newest root does not name the online key, or what people must sign has expired or differs.

        """
        from pluginry.adapters.tuf_publication import Publication, published_now

        newest, offline = self._signed_by_people(now)
        self._check_online_key(newest, ("snapshot", "timestamp") if offline else ("targets", "snapshot", "timestamp"))
        current = published_now(store, self._chain, offline.says if offline else None)
        listed = self._listed(targets, offline, current, store, now)
        snapshot = self._snapshot(listed, current, store, now)
        due_at = _due_at(snapshot, listed, newest, offline)
        timestamp = self._timestamp(snapshot, current, now, _Settled(settled, due_at) if settled else None)
        made = Publication(timestamp=timestamp, snapshot=snapshot, targets=listed[TARGETS], index=listed.get(INDEX))
        return SignedState(objects=tuple(self._objects(targets, made, current)), timestamp=timestamp.body)

    def _objects(
        self, targets: Mapping[str, bytes], made: Publication, current: Publication | None
    ) -> Iterator[PublishedObject]:
        """Yield roots, targets, and the metadata in `made` that is not `current` already; the timestamp last."""
        from pluginry.adapters.tuf_publication import metadata_key

        for version, root in enumerate(self.roots, start=1):
            yield json_node(metadata_key(version, "root"), root)
        for path, body in targets.items():
            yield json_node(target_key(path, body), body)
        for role, part in made.listed.items():
            if current is None or part is not current.listed.get(role):
                yield json_node(metadata_key(part.says.version, role), part.body)
        if current is None or made.snapshot is not current.snapshot:
            yield json_node(metadata_key(made.snapshot.says.version, "snapshot"), made.snapshot.body)
        if current is None or made.timestamp is not current.timestamp:
            yield _timestamp_object(made.timestamp)

    def refresh(self, store: ObjectStore, *, now: datetime) -> PublishedObject:
        """Return a new timestamp over what is published already, and nothing else: for a schedule.

        Raises:
            UsageError: nothing is published yet, or not under the keys of today.
            AuthError, TamperedError: as `sign`.

        """
        return self._over_again(None, store, now)

    def put_back(self, before: bytes, store: ObjectStore, *, now: datetime) -> PublishedObject:
        """Return a new timestamp over what the earlier one, `before`, named: what came after it was not good.

        It counts on, and the next publication will be newer than both. Errors as `refresh`.
        """
        return self._over_again(before, store, now)

    def _over_again(self, before: bytes | None, store: ObjectStore, now: datetime) -> PublishedObject:
        from pluginry.adapters.tuf_publication import publication_of, published_now, settled_input

        newest, offline = self._signed_by_people(now)
        self._check_online_key(newest, ("timestamp",))
        delegator = offline.says if offline else None
        current = published_now(store, self._chain, delegator)
        if current is None:
            raise UsageError("nothing is published there yet", where=store.location, hint="run `pluginry publish`")
        named = publication_of(before, store, self._chain, delegator) if before is not None else current
        if named.snapshot.has_old_key or any(part.has_old_key for part in named.listed.values()):
            raise UsageError("that was signed by keys that were replaced since", hint="run `pluginry publish`")
        # Of what is put back nobody knows whether anything is left to be done.
        made_of = settled_input(current.timestamp) if before is None else None
        due_at = _due_at(named.snapshot, named.listed, newest, offline)
        settled = _Settled(made_of, due_at) if made_of else None
        return _timestamp_object(self._new_timestamp(named.snapshot, current, now, settled))

    def current_target(self, path: str, store: ObjectStore) -> bytes | None:
        """Return the target at `path` as it is published now; see `PublishedTargets`."""
        from pluginry.adapters.tuf_publication import PublishedTargets

        return PublishedTargets(self.roots).current_target(path, store)

    def current_targets(self, store: ObjectStore) -> dict[str, bytes]:
        """Return all targets as they are published now; see `PublishedTargets`."""
        from pluginry.adapters.tuf_publication import PublishedTargets

        return PublishedTargets(self.roots).current_targets(store)

    def newest_target(self, path: str, store: ObjectStore) -> bytes | None:
        """Return the target of the newest publication that anybody may have seen; see `PublishedTargets`."""
        from pluginry.adapters.tuf_publication import PublishedTargets

        return PublishedTargets(self.roots).newest_target(path, store)

    @property
    def _chain(self) -> tuple[Root, ...]:
        from pluginry.adapters.tuf_publication import root_chain

        return root_chain(self.roots)

    def _signed_by_people(self, now: datetime) -> tuple[Root, SignedPart[Targets] | None]:
        """Return the newest root, and the offline targets of profile *hardened*, both signed and not expired."""
        from pluginry.adapters.tuf_publication import offline_part

        newest = self._chain[-1]
        offline = offline_part(self.offline_targets, newest) if self.offline_targets is not None else None
        for name, says in (("root", newest), ("targets", offline.says if offline else newest)):
            if says.is_expired(now):
                raise AuthError(
                    f"the {name} of trust has expired, and no client would accept anything",
                    why=f"it was good until {says.expires:%Y-%m-%d}",
                    hint=_CEREMONY,
                )
        return newest, offline

    def _check_online_key(self, newest: Root, roles: tuple[str, ...]) -> None:
        for role in roles:
            if self.online.public_key.keyid not in newest.roles[role].keyids:
                raise AuthError(
                    "the online key is not the one that the root of trust names",
                    why=f"it may not sign {role}",
                    hint="use the key that was made with this root, or replace it with `pluginry trust rotate`",
                )

    def _listed(
        self,
        targets: Mapping[str, bytes],
        offline: SignedPart[Targets] | None,
        current: Publication | None,
        store: ObjectStore,
        now: datetime,
    ) -> dict[str, SignedPart[Targets]]:
        """Return what the snapshot lists: profile *simple* has all `targets` in one file, *hardened* in two."""
        from pluginry.adapters.tuf_publication import refuse_counting_back

        if offline is None:
            return {TARGETS: self._files_part(TARGETS, targets, self.online, current, store, now)}
        refuse_counting_back(offline, current)
        role = index_role(offline.says)
        if self.index_key is None or self.index_key.public_key.keyid not in role.keyids:
            raise AuthError("the key of the index is not the one that the targets delegate to")
        index = {path: body for path, body in targets.items() if role.is_delegated_path(path)}
        _check_same({path: body for path, body in targets.items() if path not in index}, offline.says)
        published = current.targets if current else None
        return {
            TARGETS: published if published and published.body == offline.body else offline,
            INDEX: self._files_part(INDEX, index, self.index_key, current, store, now),
        }

    def _files_part(
        self,
        role: str,
        files: Mapping[str, bytes],
        signer: Signer,
        current: Publication | None,
        store: ObjectStore,
        now: datetime,
    ) -> SignedPart[Targets]:
        """Return targets metadata that names `files`: the published one as long as it will do."""
        from tuf.api.metadata import Targets

        known = current.listed.get(role) if current else None
        named = target_files(files)
        if known and not known.has_old_key and known.says.targets == named and now < renewed_at(role, known.says):
            return known
        version = _next_version(role, known, current, store)
        return _signed(Targets(version=version, expires=until(role, now), targets=named), signer)

    def _snapshot(
        self,
        listed: Mapping[str, SignedPart[Targets]],
        current: Publication | None,
        store: ObjectStore,
        now: datetime,
    ) -> SignedPart[Snapshot]:
        from tuf.api.metadata import MetaFile, Snapshot

        known = current.snapshot if current else None
        is_listed = current is not None and all(part is current.listed.get(role) for role, part in listed.items())
        if known and is_listed and not known.has_old_key and now < renewed_at(SNAPSHOT, known.says):
            return known
        meta = {
            f"{role}.json": MetaFile.from_data(part.says.version, part.body, ["sha256"])
            for role, part in listed.items()
        }
        version = _next_version("snapshot", known, current, store)
        return _signed(Snapshot(version=version, expires=until(SNAPSHOT, now), meta=meta), self.online)

    def _timestamp(
        self, snapshot: SignedPart[Snapshot], current: Publication | None, now: datetime, settled: _Settled | None
    ) -> SignedPart[Timestamp]:
        from pluginry.adapters.tuf_publication import settled_input

        known = current.timestamp if current and snapshot is current.snapshot else None
        says_so = settled is None or (known is not None and settled.made_of == settled_input(known))
        if known and says_so and not known.has_old_key and now < renewed_at(TIMESTAMP, known.says):
            return known
        return self._new_timestamp(snapshot, current, now, settled)

    def _new_timestamp(
        self, snapshot: SignedPart[Snapshot], current: Publication | None, now: datetime, settled: _Settled | None
    ) -> SignedPart[Timestamp]:
        from tuf.api.metadata import MetaFile, Timestamp

        from pluginry.adapters.tuf_publication import NEWEST_SNAPSHOT, newest_snapshot

        counts_on = current is not None and not current.timestamp.has_old_key
        version = current.timestamp.says.version + 1 if current and counts_on else 1
        meta = MetaFile.from_data(snapshot.says.version, snapshot.body, ["sha256"])
        says = Timestamp(version=version, expires=until(TIMESTAMP, now), snapshot_meta=meta)
        if current and newest_snapshot(current) > snapshot.says.version:
            says.unrecognized_fields[NEWEST_SNAPSHOT] = newest_snapshot(current)
        if settled:
            due_at = min(settled.due_at, renewed_at(TIMESTAMP, says))
            said = {"made_of": settled.made_of, "due_at": time_as_text(due_at)}
            says.unrecognized_fields[SETTLED_FIELD] = said
        return _signed(says, self.online)


def target_key(path: str, body: bytes) -> str:
    """Return the key of the target at `path` whose content is `body`."""
    return layout.target_key(path, Digest.of(body))


def _due_at(
    snapshot: SignedPart[Snapshot],
    listed: Mapping[str, SignedPart[Targets]],
    newest: Root,
    offline: SignedPart[Targets] | None,
) -> datetime:
    """Return until when nothing below a timestamp has to be signed again, by whomever."""
    ours = due_below_timestamp(snapshot.says, {role: part.says for role, part in listed.items()})
    return min(ours, newest.expires, *([offline.says.expires] if offline else ()))


def _check_same(files: Mapping[str, bytes], offline: Targets) -> None:
    """Refuse files that differ from what the targets keys signed."""
    named = target_files(files)
    different = sorted(path for path in named.keys() | offline.targets if named.get(path) != offline.targets.get(path))
    if different:
        raise AuthError("a file is not the one that the targets keys signed", where=different[0], hint=_CEREMONY)


def _signed(says: T, signer: Signer) -> SignedPart[T]:
    from tuf.api.metadata import Metadata

    from pluginry.adapters.signing_keys import sign_with
    from pluginry.adapters.tuf_publication import SignedPart

    metadata = Metadata(says)
    sign_with(signer, metadata)
    return SignedPart(says=says, body=metadata.to_bytes())


def _next_version(
    role: str, known: SignedPart[Snapshot] | SignedPart[Targets] | None, current: Publication | None, store: ObjectStore
) -> int:
    """Return the first version after the `known` one that has no file: a run that broke off may have left some.

    Clients compare with what stands in the file above, and forget that file when its keys are replaced. Then the count
    begins anew: whoever stole those keys may have counted as far as numbers go.
    """
    from pluginry.adapters.tuf_publication import metadata_key

    above = None if current is None else current.timestamp if role == "snapshot" else current.snapshot
    version = 1 + (known.says.version if known and above and not above.has_old_key else 0)
    while store.find(metadata_key(version, role)) is not None:
        version += 1
    return version


def _timestamp_object(part: SignedPart[Timestamp]) -> PublishedObject:
    return PublishedObject(
        key=TIMESTAMP_KEY, body=part.body, media_type=JSON_TYPE, cache=CachePolicy.SHORT, phase=Phase.ROOT
    )
