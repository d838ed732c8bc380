"""What the visits of a client cost: requests, bytes and time, at a marketplace of 100,000 plugins in memory.

Transport is free here: the times are those of checking, and requests and bytes are what a network would have to carry.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pluginry.client import verify_release
from pluginry.encoding import tree
from pluginry.encoding.archive import read_archive
from pluginry.model.digest import BlobRef
from pluginry.model.names import PluginId
from simulated_client import a_client
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.client.source import Source
    from pluginry.model.index import TreeRoot

PLUGINS = 100_000
DEMO = PluginId.parse("acme/demo")


class Visit(NamedTuple):
    """Something a client does: `prepare` is not measured, `work` is."""

    about: str
    prepare: Callable[[], object]
    work: Callable[[], object]


def a_large_market() -> Simulator:
    """Return a marketplace of `PLUGINS`, of which one is more than a digest."""
    market = Simulator()
    market.release("acme/demo", files={"demo.txt": b"x" * 100_000}, permissions=[("mail.headers", "inbound")])

    def grown(root: TreeRoot) -> TreeRoot:
        # Digests that say nothing are as long as those of real records, and never asked for.
        records = {
            PluginId.parse(f"bench/plugin-{number}"): BlobRef.of(b"%d" % number) for number in range(PLUGINS - 1)
        }
        digest, size = root.shard[DEMO]
        planted = tree.plant({**records, DEMO: BlobRef(sha256=digest, size=size)})
        for body in planted.bodies:
            market.keep_node(body)
        return replace(root, shard={}, fanout=planted.fanout, nodes=planted.nodes, plugins=PLUGINS)

    market.publish(change_root=grown)
    return market


@contextmanager
def visits() -> Iterator[tuple[Simulator, tuple[Visit, ...]]]:
    """Yield the marketplace and the visits to measure."""
    market = a_large_market()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        (source,) = a_client(home, market).sources()
        record = source.record(DEMO)
        if record is None:
            raise LookupError(DEMO)
        (release,) = record.releases
        (artifact,) = release.artifacts
        (attestation,) = release.attestations

        def ready() -> None:
            refreshed()
            source.package(DEMO, release, artifact)
            source.statement(attestation)

        def forget() -> None:
            for name in ("metadata", "targets", "cache"):
                shutil.rmtree(source.folder / name, ignore_errors=True)
            (source.folder / "state.json").unlink(missing_ok=True)

        def refreshed() -> None:
            forget()
            source.refresh(now=market.now)

        def verified() -> None:
            statement = source.statement(attestation)
            verify_release.accept_statement(statement, plugin=DEMO, release=release, artifact=artifact)
            with source.package(DEMO, release, artifact).open("rb") as stream:
                read_archive(stream).check_contents()

        yield (
            market,
            (
                Visit("refresh, cold", forget, lambda: source.refresh(now=market.now)),
                Visit("refresh, warm", lambda: None, lambda: source.refresh(now=market.now)),
                Visit(f"look up 1 of {PLUGINS:,}, cold", refreshed, lambda: source.record(DEMO)),
                Visit(f"look up 1 of {PLUGINS:,}, warm", lambda: None, lambda: source.record(DEMO)),
                Visit("fetch and verify a release's manifest", refreshed, lambda: _manifest(source)),
                Visit("verify a release: attestation and archive", ready, verified),
            ),
        )


def _manifest(source: Source) -> object:
    record = source.record(DEMO)
    if record is None:
        raise LookupError(DEMO)
    return source.manifest(DEMO, record.releases[0])
