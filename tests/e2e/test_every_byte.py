"""Change any published file: the client refuses, or trusts exactly what it trusted before."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from e2e.marketplace_on_disk import SCORER
from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.client.resolve import Wanted
from pluginry.errors import PluginryError, TransportError, TrustError
from pluginry.hosts.connections import Connections
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from e2e.marketplace_on_disk import Workspace

PERMISSIONS = (
    "mail.headers:inbound",
    "mail.body:inbound",
    "mail.modify:headers",
    "network.dns:any",
    "storage:plugin-data",
)


def trusted(dist: Path, home: Path, fingerprint: Digest, connections: Connections) -> object:
    """Return all that a fresh client believes and installs from `dist`: catalogue, records, installed files."""
    client = Marketplace(home=PluginHome(home), connector=connections, now=lambda: datetime.now(UTC))
    client.add_source("demo", str(dist), fingerprint=fingerprint)
    plan = client.plan_install([Wanted(plugin=PluginId.parse(SCORER))])
    generation = client.apply(plan, accepted=PERMISSIONS)
    receipts = [client.home.receipt(installed) for installed in generation.plugins]
    files = {
        path.relative_to(home).as_posix(): Digest.of(path.read_bytes())
        for path in (home / "plugins").rglob("*")
        if path.is_file() and path.name != "receipt.json"
    }
    evidence = [(r.id, r.version, r.artifact, r.manifest, r.files, r.signer, r.serial) for r in receipts]
    return client.search(), [client.record(r.id) for r in receipts], evidence, files


def outcome_of(dist: Path, home: Path, fingerprint: Digest, connections: Connections) -> object:
    """Return what a fresh client trusts, or the error with which it refuses."""
    try:
        return trusted(dist, home, fingerprint, connections)
    except PluginryError as error:
        return error
    finally:
        shutil.rmtree(home, ignore_errors=True)


def refused_among(paths: Sequence[Path], outcome: Callable[[], object], before: object) -> list[Path]:
    """Return those of `paths` of which one changed byte is refused; the others change nothing in what is trusted.

    They are changed together, and looked at in halves only if that is refused: most files are none that clients trust.
    """
    bodies = [path.read_bytes() for path in paths]
    for path, body in zip(paths, bodies, strict=True):
        place = len(path.as_posix()) * 7919 % max(len(body), 1)
        path.write_bytes(body[:place] + bytes([body[place] ^ 0x01]) + body[place + 1 :])
    found = outcome()
    for path, body in zip(paths, bodies, strict=True):
        path.write_bytes(body)
    if not isinstance(found, PluginryError):
        assert found == before, paths
        return []
    assert isinstance(found, TrustError | TransportError), (paths, found)
    if len(paths) == 1:
        return list(paths)
    half = len(paths) // 2
    return [*refused_among(paths[:half], outcome, before), *refused_among(paths[half:], outcome, before)]


def test_no_changed_byte_of_any_published_file_is_believed(published: Workspace, tmp_path: Path) -> None:
    connections = Connections()
    fingerprint = Digest(published.fingerprint())
    before = trusted(published.dist, tmp_path / "before", fingerprint, connections)
    copy = tmp_path / "dist"
    shutil.copytree(published.dist, copy)
    paths = sorted(p for p in copy.rglob("*") if p.is_file() and p.stat().st_size)
    refused = refused_among(paths, lambda: outcome_of(copy, tmp_path / "home", fingerprint, connections), before)
    assert len(refused) >= 12  # metadata, targets, nodes, manifests, packages, attestations on the way of this plugin
    assert len(paths) > 2 * len(refused)  # pages, other plugins, friendly copies: nothing that a client trusts
