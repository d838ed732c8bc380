"""A publication that is ready to be disturbed: the state before it, the state after it, and clients of both.

prepared = Prepared.at(tmp_path)             # the whole real pipeline ran twice, over a store in memory
prepared.seed(store)                         # any store now holds the first state
prepared.publish(store, tmp_path / "inv")    # the publish stage alone, with real signatures: as often as one likes
prepared.check_clients(store, tmp_path)      # clients of the first state, and new ones, refresh, verify and install
prepared.check_finished(store)               # to the byte what an undisturbed publication gives
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memory_store import MemoryStore
from pluginry.adapters.store_transport import StoreTransport
from pluginry.errors import ObjectMissingError
from pluginry.model import layout
from pluginry.model.names import PluginId
from pluginry.model.published import CachePolicy, Phase, PublishedObject
from pluginry.publisher.inventory import InventoryFile
from pluginry.publisher.publication import publish_in_turn
from simulated_client import a_client, install, versions_in
from workshop import Market, Workshop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.client.marketplace import Marketplace
    from pluginry.ports import ObjectStore
    from pluginry.publisher.inventory import Inventory
    from pluginry.publisher.outcome import PublishReport

LOCATION = "https://faults.test"
CHANGED, SAME = "bench/plugin-0", "bench/plugin-1"
_OF_ONE_RUN = (layout.METADATA_PREFIX, layout.TURN_KEY)
_LASTING = {
    layout.PACKAGES_PREFIX: Phase.ARTIFACT,
    layout.ATTESTATION_PREFIX: Phase.ARTIFACT,
    layout.NODE_PREFIX: Phase.NODE,
}


@dataclass(slots=True, kw_only=True)
class Prepared:
    """What is published ``before`` and ``after``, by key; ``home`` is that of a client of the state before."""

    workshop: Workshop
    before: dict[str, bytes]
    after: dict[str, bytes]
    targets: dict[str, bytes]
    home: Path

    @classmethod
    def at(cls, folder: Path) -> Prepared:
        """Run the pipeline twice in `folder`."""
        workshop = Workshop.at(folder / "workshop", plugins=2)
        store = MemoryStore(location=LOCATION)
        workshop.publish(store)
        before = _without_what_never_changes(store.objects)
        workshop.visit(folder / "home", store, SAME)
        workshop.release(CHANGED, "1.1.0")
        workshop.publish(store)
        paths = {
            layout.INDEX_ROOT_TARGET,
            layout.INDEX_ADVISORIES_TARGET,
            layout.POLICY_TARGET,
            layout.TRUSTED_ROOT_TARGET,
        }
        targets = {path: workshop.repository.current_target(path, store) for path in paths}
        return cls(
            workshop=workshop,
            before=before,
            after=_without_what_never_changes(store.objects),
            targets={path: body for path, body in targets.items() if body is not None},
            home=folder / "home",
        )

    def seed(self, store: ObjectStore) -> None:
        """Put the state before into an empty store."""
        for key, body in self.before.items():
            store.create(_published(key, body))

    def publish(self, store: ObjectStore, inventories: Path | None) -> PublishReport:
        """Publish the state after, in turn and with what is known, as the pipeline does."""

        def prepare(_known: Inventory, view: ObjectStore) -> tuple[None, Iterator[PublishedObject]]:
            metadata = [*self.workshop.repository.sign(self.targets, store=view, now=self.workshop.now).objects]
            return None, self._in_phases(metadata)

        kept = InventoryFile.within(inventories, store)
        _, report = publish_in_turn(prepare, store, kept=kept, now=self.workshop.now)
        return report

    def check_clients(self, store: ObjectStore) -> None:
        """See that nobody is worse off than before: who knows the state before, and who comes for the first time."""
        is_new = store.read(layout.TIMESTAMP_KEY) != self.before[layout.TIMESTAMP_KEY]
        expected = {CHANGED: "1.1.0" if is_new else "1.0.0", SAME: "1.0.0"}
        with tempfile.TemporaryDirectory() as scratch:
            for name in ("old", "new"):
                home = Path(scratch) / name
                if name == "old":
                    shutil.copytree(self.home, home)
                client = a_client(home, self._market(store))
                client.refresh()
                install(client, CHANGED, SAME)
                assert versions_in(client) == expected
                _read_all(client)

    def check_pages(self, store: ObjectStore) -> None:
        """See that every page is whole: as before or as after."""
        for key in self.after.keys() - {layout.TIMESTAMP_KEY, layout.TURN_KEY}:
            if not layout.is_replaced_metadata(key):
                try:
                    body = store.read(key)
                except ObjectMissingError:
                    assert key not in self.before, f"{key} is gone"
                    continue
                assert body in (self.before.get(key), self.after[key]), f"{key} is neither old nor new"

    def check_finished(self, store: ObjectStore) -> None:
        """See that `store` holds to the byte what an undisturbed publication gives, but for versions of metadata."""
        found = {stored.key: store.read(stored.key) for stored in store.list()}
        assert _comparable(found) == _comparable(self.after)
        assert found[layout.TIMESTAMP_KEY] != self.before[layout.TIMESTAMP_KEY]

    def _market(self, store: ObjectStore) -> Any:
        return Market(LOCATION, StoreTransport(store), self.workshop.now, self.workshop.market(store).fingerprint)

    def _in_phases(self, metadata: list[PublishedObject]) -> Iterator[PublishedObject]:
        ours = [_published(key, body) for key, body in self.after.items() if not _is_metadata(key)]
        yield from sorted([*ours, *metadata], key=lambda published: published.phase)


def _without_what_never_changes(objects: dict[str, bytes]) -> dict[str, bytes]:
    """Return a marketplace with fewer files, which are all of the same kind to the publish stage."""
    return {key: body for key, body in objects.items() if not key.startswith(("v1/schemas/", "docs/", "assets/"))}


def _published(key: str, body: bytes) -> PublishedObject:
    lasting = next((phase for prefix, phase in _LASTING.items() if key.startswith(prefix)), None)
    if _is_metadata(key) and key != layout.TIMESTAMP_KEY:
        lasting = Phase.NODE
    return PublishedObject(
        key=key,
        body=body,
        media_type="application/octet-stream",
        cache=CachePolicy.SHORT if lasting is None else CachePolicy.IMMUTABLE,
        phase=lasting or (Phase.ROOT if key == layout.TIMESTAMP_KEY else Phase.PAGE),
    )


def _is_metadata(key: str) -> bool:
    return key.startswith((layout.METADATA_PREFIX, layout.TARGETS_PREFIX)) or key == layout.TURN_KEY


def _comparable(objects: dict[str, bytes]) -> dict[str, bytes]:
    return {key: body for key, body in objects.items() if not key.startswith(_OF_ONE_RUN)}


def _read_all(client: Marketplace) -> None:
    (source,) = client.sources()
    for summary in source.catalogue().plugins:
        record = source.record(PluginId.parse(str(summary.id)))
        assert record is not None
        for release in record.releases:
            source.manifest(summary.id, release)
            for artifact in release.artifacts:
                source.package(summary.id, release, artifact)
