"""``pluginry publish``: from the registry to a marketplace that clients read."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.aftermath import Aftermath, aftercare_options
from pluginry.cli.command import command
from pluginry.cli.publish_target import Target, writes_target
from pluginry.cli.publisher_wiring import (
    NONE,
    PublisherPlaces,
    equipment_of,
    index_key_option,
    ledger_branch_option,
    ledger_of,
    made_of,
    metadata_reader_of,
    online_key_options,
    repository_of,
    signer_of,
)
from pluginry.cli.queue_file import published_queue
from pluginry.errors import ObjectMissingError, UsageError

if TYPE_CHECKING:
    from pluginry.cli.console import Console
    from pluginry.model.queue import Queue
    from pluginry.ports import ObjectStore
    from pluginry.publisher.outcome import Outcome

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@command("publish")
@writes_target
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@online_key_options
@index_key_option
@ledger_branch_option
@click.option("--trust-config", type=_FILE, help="ClientTrustConfig of a private sigstore instance.")
@click.option("--summary", type=click.Path(path_type=Path, dir_okay=False), help="Append what was done, in Markdown.")
@click.option("--backfill", is_flag=True, help="Sign up to 256 packages in one statement: for a first import.")
@click.option(
    "--plan", is_flag=True, help="Show what would be added and changed, and what is no longer named; do nothing."
)
@click.option(
    "--allow-shrink", metavar="N", type=click.IntRange(min=0), default=0, help="Let N plugins or releases go."
)
@click.option("--relist", is_flag=True, help="Look what TARGET holds; do not rely on what the last run left here.")
@click.option("--clean-checkout", is_flag=True, help="The folder is as git checked it out: do not compare each file.")
@click.option(
    "--queue",
    "queue_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Publish these open pull requests, written by `pluginry queue --output`.",
)
@aftercare_options
def publish(
    console: Console,
    *,
    target: Target,
    workspace: Path,
    keys: Path | None,
    trust_config: Path | None,
    backfill: bool,
    plan: bool,
    allow_shrink: int,
    relist: bool,
    clean_checkout: bool,
    ledger_branch: str | None,
    summary: Path | None,
    queue_file: Path | None,
    read_back: str | None,
    no_read_back: bool,
    cloudfront: str | None,
    **references: str | None,
) -> int:
    """Fetch, scan, pack, sign, build and publish everything to TARGET.

    TARGET is a folder, s3://BUCKET/PREFIX or rclone:REMOTE:PATH, here and in every command of publishers. A store that
    cannot keep two publishers apart is refused, unless --single-publisher says that there is only one.

    Does only what the last run did not. A plugin or release that cannot be published is put into quarantine and
    named, with its last good state kept; the others are published. Exit status 1 when authors have to act; 3 when
    something could not be fetched or signed and waits for the next run, also when authors have to act as well.
    A publication that would drop much of the marketplace is refused with exit status 6, unless --allow-shrink
    says how much. --plan needs no key, signs nothing, and ends as the publication would.

    Where nothing in registry/ and index/ differs from what the last run from here published, nothing is looked at, and
    only the trust metadata is kept fresh: every six hours. In between nothing is written, and no key is needed.

    With --queue the open pull requests are shown to everybody as they were when the file was written. Without it, or
    where there is no such file (the forge may not have answered), those that were published last stay.

    Then two clients read it back. A publication that they see and must not use is taken back: the state before is
    current again, and the exit status 5, or 3 when something is missing.
    """
    places = PublisherPlaces.at(workspace.resolve(), keys.resolve() if keys else None, **references)
    target.check_apart_from(places.root)
    if backfill:
        _refuse_unknown_batches(places)
    queue = published_queue(queue_file) if queue_file else None
    if queue_file and queue is None:
        console.say(f"there is no {queue_file}: the queue that is published stays as it is")
    keep = ledger_of(places, ledger_branch)
    given = None if plan else made_of(places, ledger_branch, is_clean=clean_checkout)
    if not (plan or relist) and (standing := _standing(target, places, given, queue)):
        return _tell(console, standing, target, Aftermath(), summary)

    # Only who has something to do loads what does it.
    from pluginry.adapters.pagefind_indexer import PagefindIndexer
    from pluginry.cli.after_publication import aftercare
    from pluginry.publisher.inventory import InventoryFile
    from pluginry.publisher.pipeline import publish_marketplace
    from pluginry.publisher.settled import Settled

    with target.open(writes=not plan) as store:
        settled = Settled.within(places.inventories, store)
        if relist:
            InventoryFile.within(places.inventories, store).forget()
            settled.forget()
        if plan:
            return _plan(console, places, store, allow_shrink)
        repository = repository_of(places)
        care = aftercare(
            store,
            places.workspace,
            repository,
            read_back=read_back,
            no_read_back=no_read_back,
            cloudfront=cloudfront,
        )
        aftermath = Aftermath()

        def total() -> int:
            releases = () if settled.is_about(given) else places.workspace.registry.glob("plugins/*/*/releases/*.yaml")
            return 3 + len(list(releases))

        with (
            signer_of(places, trust_config) as signer,
            care as look_after,
            console.progress("publishing", total=total) as advance,
        ):

            def confirm(outcome: Outcome) -> bool:
                nonlocal aftermath
                if outcome.report.written or not outcome.is_unchanged:
                    aftermath = look_after(outcome)
                return not aftermath.exit_status

            outcome = publish_marketplace(
                equipment_of(places, store, signer=signer, is_clean=clean_checkout),
                repository,
                now=datetime.now(UTC),
                made_of=given,
                queue=queue,
                indexer=PagefindIndexer(),
                backfill=backfill,
                allow_shrink=allow_shrink,
                debug=console.debug,
                advance=lambda _what: advance(1),
                keep=keep,
                confirm=confirm,
            )
            advance(1)
        return _tell(console, outcome, target, aftermath, summary)


def _standing(target: Target, places: PublisherPlaces, given: str | None, queue: Queue | None) -> Outcome | None:
    """Return what a publication comes to that has nothing to do, found out without a key; else None."""
    from pluginry.publisher.settled import Settled

    if not Settled.is_anywhere(places.inventories, given):
        return None
    with target.open(writes=False) as store:
        is_shown = queue is None or _shows(store, queue)
        settled = Settled.within(places.inventories, store)
        return settled.standing(given, store, now=datetime.now(UTC)) if is_shown else None


def _shows(store: ObjectStore, queue: Queue) -> bool:
    from pluginry.encoding import documents
    from pluginry.model.layout import QUEUE_KEY

    with suppress(ObjectMissingError):
        return store.read(QUEUE_KEY) == documents.encode(queue)
    return False


def _refuse_unknown_batches(places: PublisherPlaces) -> None:
    from pluginry.model.attestation import BACKFILL_PREDICATE

    if not places.policy.signers_of(BACKFILL_PREDICATE):
        raise UsageError(
            "the policy accepts nobody's statements about many packages",
            hint="name a signer whose `use` is publish-backfill, with a last day (`not_after`)",
        )


def _plan(console: Console, places: PublisherPlaces, store: ObjectStore, allow_shrink: int) -> int:
    from pluginry.cli.publication_plan import plan_data, plan_lines, status_of_plan
    from pluginry.publisher.plan import plan_publication

    planned = plan_publication(
        equipment_of(places, store),
        metadata_reader_of(places),
        signs=places.policy.instance != NONE,
        now=datetime.now(UTC),
        debug=console.debug,
        allow_shrink=allow_shrink,
    )
    console.result(plan_data(planned, store.location), plan_lines(planned))
    return status_of_plan(planned)


def _tell(console: Console, outcome: Outcome, target: Target, aftermath: Aftermath, summary: Path | None) -> int:
    """Tell what was done, and return the exit status."""
    from pluginry.cli.quarantine_report import exit_status_of, job_summary, plain, quarantine_lines
    from pluginry.cli.table import counted

    report = outcome.report
    plugins = counted(outcome.plugins, "plugin")
    delays = [error for error in (outcome.signing.stopped_by, outcome.held_back) if error is not None]
    there = f"{report.unchanged} {'was' if report.unchanged == 1 else 'were'}"
    console.result(
        {
            "serial": outcome.serial,
            "plugins": outcome.plugins,
            "releases": outcome.releases,
            "unchanged_input": outcome.is_unchanged,
            "built": list(outcome.built),
            "signed": outcome.signing.signed,
            "signatures": outcome.signing.bundles,
            "waiting": outcome.signing.waiting,
            "index_signed": outcome.is_index_signed,
            "delayed": [str(error) for error in delays],
            "text_left_out": str(outcome.text_left_out) if outcome.text_left_out else None,
            **plain(outcome),
            "created": len(report.created),
            "replaced": len(report.replaced),
            "unchanged": report.unchanged,
            "bytes_written": report.bytes_written,
            "target": str(target),
            **aftermath.data,
        },
        [
            f"{plugins} with {counted(outcome.releases, 'release')}, index serial {outcome.serial}",
            *(["nothing changed since the last publication from here"] if outcome.is_unchanged else ()),
            f"built {len(outcome.built)}, signed {outcome.signing.signed}, in quarantine {len(outcome.quarantined)}",
            *([f"{counted(outcome.signing.waiting, 'package')} not signed yet"] if outcome.signing.waiting else ()),
            *(["the new index is not signed: the one from before stays current"] if outcome.held_back else ()),
            *(f"delayed: {error}" for error in delays),
            *([f"READMEs cannot be searched: {outcome.text_left_out}"] if outcome.text_left_out else ()),
            f"wrote {counted(report.written, 'object')} ({report.bytes_written:,} bytes), {there} there already",
            *quarantine_lines(outcome),
            *aftermath.lines,
        ],
    )
    if summary is not None:
        _append(summary, job_summary(outcome))
    return aftermath.exit_status or exit_status_of(outcome)


def _append(file: Path, text: str) -> None:
    try:
        with file.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError("the summary cannot be written", where=str(file), why=error.strerror or "") from error
