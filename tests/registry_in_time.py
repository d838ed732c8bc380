"""A registry that changes: written, committed, published, broken, mended; and what quarantine makes of it.

    time = RegistryInTime.at(tmp_path)          # the registry of builders.py, committed and published
    time.change({f"{SPAM}/listing.yaml": "a: ["})
    time.sound().quarantined

Publishing here is the ledger's half of it: what stage *record* writes of the plugins that quarantine lets through.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from builders import LEFT_OUT, a_registry, registry_files
from history_in_memory import HistoryInMemory
from pluginry.encoding import documents
from pluginry.encoding.ledger_files import append_events, load_ledgers
from pluginry.model.digest import BlobRef
from pluginry.model.ledger import ArtifactFact, Ledger
from pluginry.model.manifest import Manifest, Runtime
from pluginry.model.versions import VersionRange
from pluginry.publisher.friendly_objects import friendly_objects
from pluginry.publisher.glances import Glances
from pluginry.publisher.index import IndexInput, build_index
from pluginry.publisher.quarantine import SoundRegistry, sound_registry
from pluginry.publisher.record import BuiltRelease, record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pluginry.model.digest import Digest
    from pluginry.model.quarantine import Quarantined
    from pluginry.model.registry import PluginEntry
    from pluginry.model.versions import Version

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass(slots=True)
class RegistryInTime:
    """A registry in ``folder``, its history, and its ledgers beside it; ``content`` is what its files hold now."""

    folder: Path
    history: HistoryInMemory
    content: dict[str, str | bytes] = field(default_factory=registry_files)
    manifests: dict[Digest, Manifest] = field(default_factory=dict)

    @classmethod
    def at(cls, folder: Path, *, is_published: bool = True) -> RegistryInTime:
        """Return the registry of builders.py below `folder`, committed and, if it `is_published`, in the ledgers."""
        registry = a_registry(folder)
        time = cls(registry, HistoryInMemory(registry))
        time.history.commit()
        if is_published:
            time.publish()
        return time

    def change(self, changes: Mapping[str, Any], *, is_committed: bool = True) -> None:
        """Write `changes` to files, by path; ``LEFT_OUT`` deletes one, a path that ends in ``/`` all below it."""
        for name, content in changes.items():
            for path in [
                path for path in self.content if path == name or (name.endswith("/") and path.startswith(name))
            ]:
                del self.content[path]
                (self.folder / path).unlink()
                _remove_empty_folders((self.folder / path).parent)
            if content is not LEFT_OUT:
                self.content[name] = content
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        if is_committed:
            self.history.commit()

    def sound(self) -> SoundRegistry:
        """Return what quarantine makes of the registry as it is."""
        return sound_registry(self.folder, ledgers=load_ledgers(self.ledgers), history=self.history)

    def held(self) -> dict[str, Quarantined]:
        """Return what is in quarantine, by id and version."""
        return {f"{item.id or ''} {item.version or ''}".strip(): item for item in self.sound().quarantined}

    def publish(self) -> None:
        """Record what is let through; each release is built to something of its own."""
        sound = self.sound()
        known = load_ledgers(self.ledgers)
        commit = self.history.head_commit() or ""
        for plugin, entry in sound.registry.plugins.items():
            ledger = known.get(plugin, Ledger(id=plugin))
            new = () if plugin in sound.frozen else entry.releases.keys() - ledger.releases.keys()
            built = {version: self._built(entry, version) for version in new}
            append_events(self.ledgers, plugin, record(entry, ledger, built, at=NOW, registry_commit=commit))

    def index(self) -> dict[str, bytes]:
        """Return the records and documents of the index of what is let through, by key."""
        registry = self.sound().registry
        ledgers = {plugin: one for plugin, one in load_ledgers(self.ledgers).items() if plugin in registry.plugins}
        given = IndexInput(registry=registry, ledgers=ledgers, manifests=self.manifests)
        built = build_index(given, previous=None, previous_digest=None, epoch=1, now=NOW, commit="")
        records = {f"record {plugin}": documents.encode(one) for plugin, one in built.records.items()}
        pages = friendly_objects(given, built, Glances(registry=registry, index=built).all())
        friendly = {published.key: published.body for published in pages}
        summaries = {f"summary {one.id}": documents.encode(one) for one in built.summaries.values()}
        return records | summaries | {key: body for key, body in friendly.items() if isinstance(body, bytes)}

    @property
    def ledgers(self) -> Path:
        """The folder of the ledgers."""
        return self.folder.parent / "ledger"

    def _built(self, entry: PluginEntry, version: Version) -> BuiltRelease:
        hosts = dict.fromkeys(entry.listing.hosts, VersionRange(">=0"))
        manifest = Manifest(id=entry.id, version=version, hosts=hosts, runtime=Runtime(kind="files"))
        blob = BlobRef.of(documents.encode(manifest))
        self.manifests[blob.sha256] = manifest
        artifacts = tuple(
            ArtifactFact(platform=claim.platform, sha256=blob.sha256, size=blob.size)
            for claim in entry.releases[version].artifacts
        )
        return BuiltRelease(manifest=blob, facts=blob, artifacts=artifacts)


def _remove_empty_folders(folder: Path) -> None:
    """Remove `folder` and those around it that hold nothing, as git does."""
    while not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
