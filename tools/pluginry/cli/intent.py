"""``pluginry export``, ``lock`` and ``sync``: what is installed as two files in somebody's git, and back again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.agreement_options import Agreement, agreement_options, dry_run_option
from pluginry.cli.change_text import plan_data, plan_lines
from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import command
from pluginry.cli.consent_dialogue import agreed_permissions
from pluginry.cli.home_option import home_option
from pluginry.cli.host import home_settings, note_missing_host
from pluginry.cli.table import counted
from pluginry.cli.written import Written
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import NotFoundError, PolicyError, UsageError
from pluginry.model.names import PluginId

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pluginry.cli.console import Console
    from pluginry.client.marketplace import Marketplace
    from pluginry.client.syncing import Synced
    from pluginry.model.intent import Intent
    from pluginry.model.receipt import SourceConfig

_folder_argument = click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="[FOLDER]"
)


def _upgrade_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--upgrade-all", is_flag=True, help="Keep to no locked version."),
        click.option(
            "--upgrade",
            type=Written(PluginId.parse, "ID"),
            multiple=True,
            help="Do not keep to the locked version of ID.",
        ),
    ):
        function = option(function)
    return function


@command("export", streams=True)
@_folder_argument
@home_option
def export(console: Console, folder: Path, home: Path) -> None:
    """Write plugins.toml and plugins.lock for what is installed now into FOLDER.

    They hold ids, versions, digests, sources with the fingerprints of their roots, and the permissions that were agreed
    to: what `pluginry sync` needs on another machine, and what somebody can review in git.
    """
    from pluginry.client.intent_files import INTENT_FILE, LOCK_FILE, write_intent, write_lock

    intent, lock = open_client(home).as_files()
    write_intent(intent, folder)
    write_lock(lock, folder)
    console.result(
        {"files": [str(folder / name) for name in (INTENT_FILE, LOCK_FILE)], "plugins": len(lock.plugins)},
        f"{INTENT_FILE} with {counted(len(intent.plugins), 'plugin')}, {LOCK_FILE} with {len(lock.plugins)}",
    )


@command("lock", streams=True)
@_folder_argument
@_upgrade_options
@click.option("--check", is_flag=True, help="Write nothing; exit status 6 when plugins.lock does not answer any more.")
@home_option
def lock(
    console: Console, folder: Path, *, upgrade: tuple[PluginId, ...], upgrade_all: bool, check: bool, home: Path
) -> int:
    """Bring plugins.lock in FOLDER up to what its plugins.toml says, and install nothing.

    What is locked stays at its version as long as that fits.
    """
    from pluginry.client.intent_files import LOCK_FILE, read_intent, write_lock

    marketplace = open_client(home)
    intent = read_intent(folder)
    _add_sources(marketplace, intent, console)
    synced = _synced(marketplace, intent, folder, upgrade, upgrade_all=upgrade_all)
    if not check:
        write_lock(synced.lock, folder)
    said = list(synced.news) or [f"{LOCK_FILE} answers plugins.toml"]
    console.result({"news": list(synced.news), "plugins": len(synced.lock.plugins)}, said)
    return PolicyError.exit_status if check and synced.news else 0


@command("sync", streams=True)
@_folder_argument
@_upgrade_options
@click.option("--locked", is_flag=True, help="Refuse when plugins.lock does not answer plugins.toml.")
@click.option("--offline", is_flag=True, help="Use only what this machine has already.")
@agreement_options
@dry_run_option
@home_option
def sync(
    console: Console,
    folder: Path,
    *,
    upgrade: tuple[PluginId, ...],
    upgrade_all: bool,
    locked: bool,
    offline: bool,
    dry_run: bool,
    home: Path,
    **options: Any,
) -> None:
    """Make what is installed what plugins.toml and plugins.lock in FOLDER say: add, change, remove, enable, disable.

    Permissions that plugins.lock lists count as agreed to. Sources that are missing are added: plugins.toml names the
    fingerprints of their roots. plugins.lock is written when it did not answer plugins.toml yet.
    """
    from pluginry.client.intent_files import read_intent, read_lock, write_lock
    from pluginry.client.publisher_pins import refuse_strangers

    marketplace = open_client(home, offline=offline)
    note_missing_host(console, marketplace)
    intent, before = read_intent(folder), read_lock(folder)
    _add_sources(marketplace, intent, console)
    synced = _synced(marketplace, intent, folder, upgrade, upgrade_all=upgrade_all)
    if locked and synced.news:
        raise PolicyError(
            "plugins.lock does not answer plugins.toml",
            where=str(folder),
            why="; ".join(synced.news),
            hint="run `pluginry lock`, review the difference, and commit it",
        )
    agreement = Agreement.of(**options).and_to(sorted(before.granted) if before else ())
    refuse_strangers(synced.plan.publishers, accepted=agreement.accepted_publishers)
    agreement = agreement.and_to(agreed_permissions(console, synced.plan.consent, agreement.accepted))
    if dry_run:
        synced.plan.consent.require(agreement.accepted)
        console.result(plan_data(synced.plan, None), [*plan_lines(synced.plan), "Nothing was changed."])
        return
    generation = agreement.apply(synced.plan, marketplace, console)
    write_lock(synced.lock, folder)
    console.result(plan_data(synced.plan, generation.number), list(plan_lines(synced.plan)) or ["Nothing to do."])


def _synced(
    marketplace: Marketplace, intent: Intent, folder: Path, upgrade: Collection[PluginId], *, upgrade_all: bool
) -> Synced:
    from pluginry.client.intent_files import INTENT_FILE, LOCK_FILE, read_lock

    locked = read_lock(folder)
    known = {*intent.plugins, *(one.id for one in locked.plugins)} if locked else {*intent.plugins}
    for plugin in upgrade:
        if plugin not in known:
            hint = did_you_mean(str(plugin), map(str, known)) or f"name one that is in {INTENT_FILE} or {LOCK_FILE}"
            raise NotFoundError(f"{plugin} is not locked", where=str(folder), hint=hint)
    return marketplace.plan_sync(intent, locked, upgrade=None if upgrade_all else upgrade)


def _add_sources(marketplace: Marketplace, intent: Intent, console: Console) -> None:
    """Add the sources that `intent` names and the home has not; one that differs is refused."""
    known = {source.name: source for source in marketplace.home.sources().sources}
    for wanted in intent.sources:
        if wanted.name not in known:
            marketplace.add_source(
                wanted.name,
                wanted.location,
                fingerprint=wanted.root_sha256,
                namespaces=wanted.namespaces,
                mirrors=wanted.mirrors,
            )
            console.say(f"added the source {wanted.name} ({wanted.location})")
        elif not _same(known[wanted.name], wanted):
            raise UsageError(
                f"the source {wanted.name} of this home is another marketplace than the one in plugins.toml",
                why=f"its root is {known[wanted.name].root_sha256}, and {wanted.root_sha256} is wanted",
                hint=f"pluginry source remove {wanted.name}",
            )
    settings = home_settings(marketplace, None, None, None)
    if settings:
        marketplace.home.write_settings(settings)


def _same(known: SourceConfig, wanted: SourceConfig) -> bool:
    return (known.root_sha256, known.namespaces) == (wanted.root_sha256, wanted.namespaces)
