"""``pluginry publish`` and ``pluginry build``: from the registry to a marketplace that clients read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.cli.publisher_wiring import (
    PublisherPlaces,
    fetchers_of,
    index_key_option,
    online_key_options,
    repository_of,
    signer_of,
    verifier_of,
)
from pluginry.errors import TamperedError, UsageError

if TYPE_CHECKING:
    from pluginry.adapters.folder_store import FolderStore
    from pluginry.cli.console import Console
    from pluginry.publisher.index import LeftOut
    from pluginry.publisher.pipeline import Outcome

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
AUTHOR_FAULTS_EXIT_STATUS = 1


@command("publish")
@click.argument("target", type=_FOLDER, default=Path("dist"))
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@online_key_options
@index_key_option
@click.option("--trust-config", type=_FILE, help="ClientTrustConfig of a private sigstore instance.")
def publish(
    console: Console,
    target: Path,
    workspace: Path,
    keys: Path | None,
    trust_config: Path | None,
    **references: str | None,
) -> int:
    """Fetch, scan, pack, sign, build and publish everything to the folder TARGET.

    Does only what the last run did not. A release that cannot be built is left out and named; the others
    are published. Exit status 1 when a release was left out for a fault of its author's.
    """
    from pluginry.adapters.folder_store import FolderStore
    from pluginry.adapters.git_history import GitCheckout
    from pluginry.publisher.pipeline import publish_marketplace

    places = PublisherPlaces.at(workspace.resolve(), keys.resolve() if keys else None, **references)
    releases = len(list(places.workspace.registry.glob("plugins/*/*/releases/*.yaml")))
    with (
        signer_of(places, trust_config) as signer,
        console.progress("publishing", total=releases + 2) as advance,
    ):
        outcome = publish_marketplace(
            places.workspace,
            fetchers=fetchers_of(places),
            repository=repository_of(places),
            signer=signer,
            verifier=verifier_of(places),
            store=FolderStore(target),
            history=GitCheckout(places.workspace.registry),
            now=datetime.now(UTC),
            advance=lambda _what: advance(1),
        )
    _tell(console, outcome, target)
    return AUTHOR_FAULTS_EXIT_STATUS if any(item.kind == "author" for item in outcome.left_out) else 0


@command("build")
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@click.option("--out", type=_FOLDER, help="Write the marketplace there, without trust metadata: a preview.")
@click.option("--check", "check", type=_FOLDER, help="Compare with what is published there, byte for byte.")
def build(console: Console, workspace: Path, out: Path | None, check: Path | None) -> None:
    """Build index and catalogue from what the ledger names; fetch and sign nothing.

    With --check, prove that a published marketplace was built from this registry and ledger: every object
    but the signed trust metadata and status.json, which tells how that publication went, must have the same
    bytes. Exit status 5 when one differs.
    """
    from pluginry.adapters.folder_store import FolderStore
    from pluginry.adapters.git_history import GitCheckout
    from pluginry.publisher.assembly import build_marketplace, differences, objects_of
    from pluginry.publisher.pipeline import load_valid_registry
    from pluginry.publisher.publish import publish as write_objects

    if (out is None) == (check is None):
        raise UsageError("say what to do with the result", hint="pass --out FOLDER or --check FOLDER")
    places = PublisherPlaces.at(workspace.resolve(), None)
    registry, _ = load_valid_registry(places.workspace.registry)
    store = FolderStore(check or out or Path())
    built = build_marketplace(
        places.workspace,
        registry,
        store=store,
        previous_root=_published_root(store) if check else None,
        left_out=(),
        commit=GitCheckout(places.workspace.registry).head_commit() or "",
        now=datetime.now(UTC),
        verifier=verifier_of(places),
    )
    if out is not None:
        report = write_objects(objects_of(built), store, timestamp_tag=None)
        console.result({"written": report.written, "folder": str(out)}, f"{report.written} objects written to {out}")
        return
    different = differences(built, store)
    if different:
        raise TamperedError(
            f"{len(different)} published objects are not what this registry and ledger give",
            where=str(check),
            why=", ".join(different[:5]),
        )
    count = sum(1 for _ in objects_of(built))
    console.result({"equal": True, "objects": count}, f"{count} objects, all the same to the byte")


def _published_root(store: FolderStore) -> bytes:
    """Return the newest published root of the index, read without trusting it: it is compared, not believed."""
    import json
    from typing import Any

    from pluginry.adapters.tuf_repository import target_key_of
    from pluginry.model.layout import INDEX_ROOT_TARGET, METADATA_PREFIX, TIMESTAMP_KEY

    def signed(key: str) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(store.read(key))["signed"]
        return body

    snapshot = signed(TIMESTAMP_KEY)["meta"]["snapshot.json"]["version"]
    listed = signed(f"{METADATA_PREFIX}{snapshot}.snapshot.json")["meta"]
    files = [signed(f"{METADATA_PREFIX}{meta['version']}.{name}")["targets"] for name, meta in listed.items()]
    info = next(targets[INDEX_ROOT_TARGET] for targets in files if INDEX_ROOT_TARGET in targets)
    return store.read(target_key_of(INDEX_ROOT_TARGET, info["hashes"]["sha256"]))


def _tell(console: Console, outcome: Outcome, target: Path) -> None:
    report = outcome.report
    console.result(
        {
            "serial": outcome.serial,
            "plugins": outcome.plugins,
            "releases": outcome.releases,
            "built": list(outcome.built),
            "signed": outcome.signed,
            "left_out": [_left_out(item) for item in outcome.left_out],
            "created": len(report.created),
            "replaced": len(report.replaced),
            "unchanged": report.unchanged,
            "bytes_written": report.bytes_written,
            "target": str(target),
        },
        [
            f"{outcome.plugins} plugins with {outcome.releases} releases, index serial {outcome.serial}",
            f"built {len(outcome.built)}, signed {outcome.signed}, left out {len(outcome.left_out)}",
            f"wrote {report.written} objects ({report.bytes_written:,} bytes), {report.unchanged} were there already",
            *(f"left out: {item.id} {item.version or ''} ({item.kind}): {item.reason}" for item in outcome.left_out),
        ],
    )


def _left_out(item: LeftOut) -> dict[str, str]:
    return {"id": str(item.id), "version": str(item.version or ""), "kind": item.kind, "reason": item.reason}
