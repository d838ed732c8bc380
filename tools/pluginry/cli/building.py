"""``pluginry build``: the marketplace that registry and ledger describe, as a preview or to prove a published one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.cli.publish_target import Target, endpoint_option
from pluginry.cli.publisher_wiring import PublisherPlaces, ledger_branch_option, ledger_of, verifier_of
from pluginry.errors import TamperedError, UsageError

if TYPE_CHECKING:
    from pluginry.cli.console import Console
    from pluginry.ports import ObjectStore

_FOLDER = click.Path(path_type=Path, file_okay=False)


@command("build")
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@click.option("--out", type=_FOLDER, help="Write the marketplace there, without trust metadata: a preview.")
@click.option("--check", "check", metavar="TARGET", help="Compare with what is published there, byte for byte.")
@endpoint_option
@ledger_branch_option
def build(
    console: Console,
    *,
    workspace: Path,
    out: Path | None,
    check: str | None,
    endpoint_url: str | None,
    ledger_branch: str | None,
) -> None:
    """Build index and catalogue from what the ledger names; fetch and sign nothing.

    With --check, prove that a published marketplace was built from this registry and ledger: every object
    but the signed trust metadata and status.json, which tells how that publication went, must have the same
    bytes. Exit status 5 when one differs.
    """
    from pluginry.adapters.git_history import GitCheckout
    from pluginry.publisher.assembly import build_marketplace, differences, objects_of
    from pluginry.publisher.publish import publish as write_objects
    from pluginry.publisher.quarantine import sound_registry

    if (out is None) == (check is None):
        raise UsageError("say what to do with the result", hint="pass --out FOLDER or --check TARGET")
    places = PublisherPlaces.at(workspace.resolve(), None)
    ledger_of(places, ledger_branch)
    history = GitCheckout(places.workspace.registry)
    ledgers = places.workspace.ledgers()
    sound = sound_registry(places.workspace.registry, ledgers=ledgers, history=history)
    target = Target(address=check or str(out), endpoint_url=endpoint_url)
    with target.open(writes=False) as store:
        built = build_marketplace(
            places.workspace,
            sound.registry,
            ledgers,
            store=store,
            previous_root=_published_root(store) if check else None,
            quarantined=sound.quarantined,
            commit=history.head_commit() or "",
            now=datetime.now(UTC),
            verifier=verifier_of(places),
            debug=console.debug,
        )
        if out is not None:
            report = write_objects(objects_of(built), store, timestamp_tag=None)
            console.result(
                {"written": report.written, "folder": str(out)}, f"{report.written} objects written to {out}"
            )
            return
        different = differences(built, store)
        if different:
            raise TamperedError(
                f"{len(different)} published objects are not what this registry and ledger give",
                where=str(target),
                why=", ".join(different[:5]),
            )
        count = sum(1 for _ in objects_of(built))
        console.result({"equal": True, "objects": count}, f"{count} objects, all the same to the byte")


def _published_root(store: ObjectStore) -> bytes:
    """Return the newest published root of the index, read without trusting it: it is compared, not believed."""
    import json
    from typing import Any

    from pluginry.model.digest import Digest
    from pluginry.model.layout import INDEX_ROOT_TARGET, METADATA_PREFIX, TIMESTAMP_KEY, target_key

    def signed(key: str) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(store.read(key))["signed"]
        return body

    snapshot = signed(TIMESTAMP_KEY)["meta"]["snapshot.json"]["version"]
    listed = signed(f"{METADATA_PREFIX}{snapshot}.snapshot.json")["meta"]
    files = [signed(f"{METADATA_PREFIX}{meta['version']}.{name}")["targets"] for name, meta in listed.items()]
    info = next(targets[INDEX_ROOT_TARGET] for targets in files if INDEX_ROOT_TARGET in targets)
    return store.read(target_key(INDEX_ROOT_TARGET, Digest(info["hashes"]["sha256"])))
