"""``pluginry export``, ``lock`` and ``sync``: what is installed as two files in somebody's git, and back again."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.agreement_options import Agreement, agreement_options, dry_run_option
from pluginry.cli.change_text import plan_data, plan_lines
from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import command
from pluginry.cli.consent_dialogue import agree, agreed_permissions
from pluginry.cli.home_option import home_option
from pluginry.cli.host import home_settings, note_missing_host
from pluginry.cli.table import counted, one_line
from pluginry.cli.written import Written
from pluginry.encoding import documents
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import NotFoundError, PolicyError, UsageError
from pluginry.model.names import Name, PluginId

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

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

    What is locked stays at its version as long as that fits. Sources that are missing are looked at, and not added.
    """
    from pluginry.client.intent_files import LOCK_FILE, read_intent, write_lock

    marketplace = open_client(home)
    intent = read_intent(folder)
    with _with_sources(marketplace, _new_sources(marketplace, intent)) as there:
        synced = _synced(there, intent, folder, upgrade, upgrade_all=upgrade_all)
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
@click.option(
    "--accept-source",
    "accepted_sources",
    type=Written(Name, "NAME"),
    metavar="NAME",
    multiple=True,
    help="A source of plugins.toml that this home may use from now on.",
)
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
    accepted_sources: tuple[Name, ...],
    dry_run: bool,
    home: Path,
    **options: Any,
) -> None:
    """Make what is installed what plugins.toml and plugins.lock in FOLDER say: add, change, remove, enable, disable.

    Permissions that plugins.lock lists for a plugin count as agreed to for that one. Sources that are missing are added
    once you agreed to them; a home with no source and no plugin takes those of plugins.toml where nobody can be asked.
    plugins.lock is written when it did not answer plugins.toml yet.
    """
    from pluginry.client.intent_files import read_intent, write_lock
    from pluginry.client.publisher_pins import refuse_strangers

    marketplace = open_client(home, offline=offline)
    note_missing_host(console, marketplace)
    intent = read_intent(folder)
    new = _new_sources(marketplace, intent)
    _agree_to_sources(new, console, marketplace, accepted_sources)
    with _with_sources(marketplace, new) as there:
        synced = _synced(there, intent, folder, upgrade, upgrade_all=upgrade_all, locked=locked)
        agreement = Agreement.of(**options)
        refuse_strangers(synced.plan.publishers, accepted=agreement.accepted_publishers)
        agreement = agreement.and_to(agreed_permissions(console, synced.plan.consent, agreement.accepted))
        synced.plan.consent.require(agreement.accepted)
        if dry_run:
            console.result(plan_data(synced.plan, None), [*plan_lines(synced.plan), "Nothing was changed."])
            return
    if there is not marketplace:
        _add_sources(marketplace, new)
        for source in new:
            console.say(f"added the source {source.name} ({source.location})")
        synced = _synced(marketplace, intent, folder, upgrade, upgrade_all=upgrade_all, locked=locked)
    generation = agreement.apply(synced.plan, marketplace, console)
    write_lock(synced.lock, folder)
    console.result(plan_data(synced.plan, generation.number), list(plan_lines(synced.plan)) or ["Nothing to do."])


def _synced(
    marketplace: Marketplace,
    intent: Intent,
    folder: Path,
    upgrade: Collection[PluginId],
    *,
    upgrade_all: bool,
    locked: bool = False,
) -> Synced:
    """Return the plan and the new lock; with `locked` the one in `folder` must be it already."""
    from pluginry.client.intent_files import INTENT_FILE, LOCK_FILE, read_lock

    before = read_lock(folder)
    known = {*intent.plugins, *(one.id for one in before.plugins)} if before else {*intent.plugins}
    for plugin in upgrade:
        if plugin not in known:
            hint = did_you_mean(str(plugin), map(str, known)) or f"name one that is in {INTENT_FILE} or {LOCK_FILE}"
            raise NotFoundError(f"{plugin} is not locked", where=str(folder), hint=hint)
    synced = marketplace.plan_sync(intent, before, upgrade=None if upgrade_all else upgrade)
    if locked and synced.news:
        raise PolicyError(
            "plugins.lock does not answer plugins.toml",
            where=str(folder),
            why="; ".join(synced.news),
            hint="run `pluginry lock`, review the difference, and commit it",
        )
    return synced


def _new_sources(marketplace: Marketplace, intent: Intent) -> tuple[SourceConfig, ...]:
    """Return the sources that `intent` names and the home has not; one that differs is refused."""
    known = {source.name: source for source in marketplace.home.sources().sources}
    for wanted in intent.sources:
        if wanted.name in known and not _same(known[wanted.name], wanted):
            raise UsageError(
                f"the source {wanted.name} of this home is another marketplace than the one in plugins.toml",
                why=f"its root is {known[wanted.name].root_sha256}, and {wanted.root_sha256} is wanted",
                hint=f"pluginry source remove {wanted.name}",
            )
    return tuple(wanted for wanted in intent.sources if wanted.name not in known)


def _agree_to_sources(
    new: Iterable[SourceConfig], console: Console, marketplace: Marketplace, accepted: Collection[str]
) -> None:
    """Go on only with `new` sources that the user agrees to: what they say may be believed from then on.

    Raises:
        PolicyError: he does not, or cannot be asked and this home has something to lose.

    """
    home = marketplace.home
    is_in_use = bool(home.sources().sources or home.installed())
    for source in new:
        taken = [str(plugin) for plugin in marketplace.taken_by(source)]
        says = f"its root of trust is {source.root_sha256}, and it would serve {', '.join(source.namespaces)}"
        says += f" (of what is installed: {', '.join(taken)})" if taken else ""
        if source.name in accepted:
            continue
        if console.can_ask:
            console.say(
                one_line(f"{source.name} is a marketplace that is not used here yet: {source.location}; {says}")
            )
            data = {"source": {**documents.to_plain(source), "taken": taken}}
            agree(console, f"Do you trust {source.name}?", about=data)
        elif is_in_use:
            raise PolicyError(
                f"plugins.toml names the source {source.name}, which is not used here yet",
                where=source.location,
                why=says,
                hint=f"if you trust it: --accept-source {source.name}, or first `pluginry source add`",
            )


@contextmanager
def _with_sources(marketplace: Marketplace, new: tuple[SourceConfig, ...]) -> Iterator[Marketplace]:
    """Yield what knows the `new` sources, too: `marketplace` itself, or one on trial beside it."""
    if not new and home_settings(marketplace, None, None, None) is None:
        yield marketplace
        return
    with marketplace.on_trial() as trial:
        _add_sources(trial, new)
        yield trial


def _add_sources(marketplace: Marketplace, new: Iterable[SourceConfig]) -> None:
    for source in new:
        marketplace.add_source(
            source.name,
            source.location,
            fingerprint=source.root_sha256,
            namespaces=source.namespaces,
            mirrors=source.mirrors,
        )
    settings = home_settings(marketplace, None, None, None)
    if settings:
        marketplace.home.write_settings(settings)


def _same(known: SourceConfig, wanted: SourceConfig) -> bool:
    return (known.root_sha256, known.namespaces) == (wanted.root_sha256, wanted.namespaces)
