"""A publisher's workspace made in a moment: generated plugins, keys of a test, no sigstore; and clients of its stores.

    workshop = Workshop.at(tmp_path, plugins=5)
    outcome = workshop.publish(store)
    workshop.release("bench/plugin-0", "1.1.0")
    workshop.publish(store)

It is the whole real pipeline: registry files are loaded, validated, packed, scanned, recorded, indexed and published.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from authority import first_root, key
from history_in_memory import HistoryInMemory
from pluginry.adapters.path_source import PathSource
from pluginry.adapters.signing_keys import create_key, load_key
from pluginry.adapters.tuf_repository import TufRepository
from pluginry.encoding import documents
from pluginry.encoding.content_store import ContentStore
from pluginry.model import layout
from pluginry.model.digest import Digest
from pluginry.model.index import TrustPolicy
from pluginry.publisher.assembly import build_marketplace, differences
from pluginry.publisher.equipment import Equipment
from pluginry.publisher.pack import pack
from pluginry.publisher.pipeline import publish_marketplace
from pluginry.publisher.quarantine import sound_registry
from pluginry.publisher.reuse import Reuse
from pluginry.publisher.workspace import Workspace
from simulated_client import a_client, install

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from pluginry.client.marketplace import Marketplace
    from pluginry.ports import GitHistory, ObjectStore, SourceFetcher, Transport
    from pluginry.publisher.outcome import Outcome

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ONLINE_KEY = "online.pem"
REGISTRY = """\
schema: 1
name: Workshop
summary: Generated plugins
default_channel: stable
categories:
  - {id: tools, title: Tools}
"""
HOST = """\
schema: 1
id: shell
title: Shell
summary: A host for tests
versions: [1.0.0]
runtimes:
  - {kind: files, summary: Files}
permissions: []
"""
NAMESPACE = """\
schema: 1
namespace: bench
title: Generated plugins
owners:
  - {login: ann, id: 1}
proof: {kind: repository, value: this registry, checked_at: 2026-01-01T00:00:00Z}
status: active
"""
LISTING = """\
schema: 1
name: %s
summary: A generated plugin
hosts: [shell]
categories: [tools]
license: MIT
owners:
  - {login: ann, id: 1}
sources: ["path:source/"]
status: active
"""
ADVISORY = """\
schema_version: "1.7.0"
id: PLG-2026-0001
published: 2026-02-01T00:00:00Z
modified: 2026-02-02T00:00:00Z
summary: It steals everything
affected:
  - package: {ecosystem: Pluginry, name: bench/plugin-1}
    ranges: [{type: SEMVER, events: [{introduced: "0"}]}]
database_specific: {action: disable, reason: malware}
"""
MANIFEST = """\
schema: 1
id: %s
version: %s
hosts: {shell: ">=1.0,<2"}
runtime: {kind: files}
changes:
  - {kind: added, text: Everything}
license_files: [LICENSE]
"""
RELEASE = """\
schema: 1
version: %s
channel: stable
artifacts:
  - platform: any
    source: {path: source/%s}
    sha256: %s
"""


class _NoHistory:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def head_commit(self) -> None:
        return None

    def content_names(self) -> Mapping[str, str]:
        now = HistoryInMemory(self._folder)
        now.commit()
        return now.content_names()

    def __getattr__(self, name: str) -> Any:
        return lambda *_arguments, **_more: ()


@dataclass(slots=True)
class Market:
    """A store as clients reach it; stands in for the simulator that `a_client` takes."""

    location: str
    store: Transport
    now: datetime
    fingerprint: Digest


@dataclass(slots=True)
class Workshop:
    """The folder `root` with ``registry/`` and ``index/``; `now` stands still until a test moves it."""

    root: Path
    now: datetime = START
    roots: tuple[bytes, ...] = field(init=False)

    def __post_init__(self) -> None:
        trust = self.root / "index" / "trust"
        if not trust.exists():
            trust.mkdir(parents=True)
            create_key(self.root / ONLINE_KEY)
            online = load_key(self.root / ONLINE_KEY)
            (trust / "1.root.json").write_bytes(first_root(key("root"), online, now=START))
            policy = TrustPolicy(epoch=1, publish_attestation="optional", registry_identities=(), instance="none")
            (trust / "policy.json").write_bytes(documents.encode(policy))
            (trust / "trusted_root.json").write_bytes(b"{}")
        self.roots = (trust.joinpath("1.root.json").read_bytes(),)

    @classmethod
    def at(cls, root: Path, *, plugins: int) -> Workshop:
        """Return a new one, with ``bench/plugin-0`` and so on in version 1.0.0."""
        write(root / "registry" / "registry.yaml", REGISTRY)
        write(root / "registry" / "hosts" / "shell.yaml", HOST)
        write(root / "registry" / "namespaces" / "bench.yaml", NAMESPACE)
        write(root / "registry" / "reserved.yaml", "schema: 1\n")
        workshop = cls(root)
        for number in range(plugins):
            workshop.release(f"bench/plugin-{number}")
        return workshop

    def copy(self, root: Path) -> Workshop:
        """Return another checkout of the same registry and ledger: another machine, that knows nothing else."""
        for name in ("registry", "index"):
            shutil.copytree(self.root / name, root / name, dirs_exist_ok=True)
        shutil.copyfile(self.root / ONLINE_KEY, root / ONLINE_KEY)
        return Workshop(root, now=self.now)

    def release(self, plugin: str, version: str = "1.0.0") -> None:
        """Write what an author's pull request adds."""
        folder = self.root / "registry" / "plugins" / plugin
        source = folder / "source" / version
        write(folder / "listing.yaml", LISTING % plugin.rpartition("/")[2].replace("-", " ").title())
        write(folder / "README.md", f"# {plugin}\n\nGenerated.\n")
        write(source / "plugin.yaml", MANIFEST % (plugin, version))
        write(source / "LICENSE", "MIT\n")
        write(source / "data.txt", f"{plugin} {version}\n")
        packed = pack(source, platform="any", out=self.root / "package.zip")
        write(folder / "releases" / f"{version}.yaml", RELEASE % (version, version, packed.blob.sha256))

    def change(self, file: str, before: str, after: str) -> None:
        """Change a file of the registry."""
        path = self.root / "registry" / file
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after), "utf-8")

    @property
    def workspace(self) -> Workspace:
        """What the pipeline takes."""
        return Workspace(
            registry=self.root / "registry",
            index=self.root / "index",
            objects=ContentStore(self.root / "objects"),
            inventories=self.root / "inventories",
        )

    @property
    def history(self) -> GitHistory:
        """Says what is in the registry, as if it were a clean checkout; what was there before is not known."""
        return _NoHistory(self.workspace.registry)

    @property
    def repository(self) -> TufRepository:
        """Signs the trust metadata."""
        return TufRepository(online=load_key(self.root / ONLINE_KEY), roots=self.roots)

    def equipment(self, store: ObjectStore, source: SourceFetcher | None = None) -> Equipment:
        """Return what publishes to `store`, from the registry or another `source`."""
        fetchers = {"path": source or PathSource(self.workspace.registry)}
        return Equipment(workspace=self.workspace, history=self.history, store=store, fetchers=fetchers)

    def publish(self, store: ObjectStore, source: SourceFetcher | None = None, **options: Any) -> Outcome:
        """Do what ``pluginry publish`` does."""
        return publish_marketplace(self.equipment(store, source), self.repository, **{"now": self.now, **options})

    def differences(self, store: ObjectStore) -> tuple[str, ...]:
        """Return what ``pluginry build --check`` finds: keys that are not what this registry and ledger give."""
        ledgers = self.workspace.ledgers()
        built = build_marketplace(
            self.workspace,
            sound_registry(self.workspace.registry, ledgers=ledgers, history=self.history).registry,
            ledgers,
            store=store,
            previous_root=self.repository.current_target(layout.INDEX_ROOT_TARGET, store),
            commit="",
            now=self.now,
            verifier=None,
        )
        return differences(built, store)

    def market(self, transport: Transport) -> Market:
        """Return what clients know of the marketplace behind `transport`."""
        return Market(transport.location, transport, self.now, Digest.of(self.roots[0]))

    def visit(self, home: Path, transport: Transport, *wanted: str) -> Marketplace:
        """Refresh a client with the new or old home at `home`, and install what is `wanted`."""
        client = a_client(home, self.market(transport))
        client.refresh()
        if wanted:
            install(client, *wanted)
        return client


def units_made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the units that publications make from now on, as they are made."""
    names: list[str] = []
    note = Reuse._note

    def noting(self: Reuse, name: str, *rest: object) -> None:
        names.append(name)
        note(self, name, *rest)  # type: ignore[arg-type]  # whatever it takes

    monkeypatch.setattr(Reuse, "_note", noting)
    return names


def write(path: Path, text: str) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
