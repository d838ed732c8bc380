"""The client as one object for host applications: `Marketplace` puts the stages in order.

In: a plugin home, a `Connector`, the clock as a function. Out: catalogues, plans, installed plugins. Every
change is planned first (what would change, what has to be agreed to) and applied as one generation. A stage is
imported when it is first called: a host that lists what is installed imports none of them.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginry.client.source_list import SourceList
from pluginry.model.access import NO_ACCESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from pluginry.client.audit import Audit
    from pluginry.client.doctor import Trouble
    from pluginry.client.health import HealthCheck
    from pluginry.client.integrity import Damage
    from pluginry.client.matches import Matches
    from pluginry.client.offers import Offers
    from pluginry.client.plan import Plan
    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.resolve import Wanted
    from pluginry.client.schedule import Due
    from pluginry.client.search import Filters
    from pluginry.client.source import Source
    from pluginry.client.syncing import Synced
    from pluginry.client.verify import TrustedIndex
    from pluginry.model.access import Access
    from pluginry.model.digest import Digest
    from pluginry.model.index import HostSummary, PluginRecord
    from pluginry.model.intent import Intent, Lock
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Generation, InstalledPlugin, SourceConfig
    from pluginry.model.revocation import Revocation
    from pluginry.model.versions import Version
    from pluginry.ports import Connector, Progress


@dataclass(slots=True, kw_only=True)
class Marketplace:
    """Plugins of one `home`, from all of its sources."""

    home: PluginHome
    connector: Connector
    now: Callable[[], datetime]
    _sources: SourceList = field(init=False)

    def __post_init__(self) -> None:
        self._sources = SourceList(home=self.home, connector=self.connector, now=self.now)

    # Sources

    def add_source(
        self,
        name: str,
        location: str,
        *,
        fingerprint: Digest | None,
        namespaces: tuple[str, ...] = ("*",),
        mirrors: tuple[str, ...] = (),
        access: Access = NO_ACCESS,
    ) -> SourceConfig:
        """Take a marketplace's root of trust, try it, and remember it; see `SourceList.add`."""
        return self._sources.add(
            name, location, fingerprint=fingerprint, namespaces=namespaces, mirrors=mirrors, access=access
        )

    def fingerprint_of(self, location: str, access: Access = NO_ACCESS) -> Digest:
        """Return the fingerprint of a marketplace's root of trust; see `SourceList.fingerprint_of`."""
        return self._sources.fingerprint_of(location, access)

    @contextmanager
    def on_trial(self) -> Iterator[Marketplace]:
        """Yield this with sources and settings of its own, to plan with: they are forgotten in the end."""
        from pluginry.client.trial_home import trial_of

        with trial_of(self.home) as home:
            yield Marketplace(home=home, connector=self.connector, now=self.now)

    def taken_by(self, source: SourceConfig) -> tuple[PluginId, ...]:
        """Return installed plugins that `source` would serve if it were added; see `SourceList.taken_by`."""
        return self._sources.taken_by(source)

    def remove_source(self, name: str) -> None:
        """Forget a source; what was installed from it stays."""
        self._sources.remove(name)

    def refresh(self) -> Mapping[str, TrustedIndex]:
        """Bring every source up to date, disable what was revoked, and return what was found; see `SourceList.refresh`.

        What one source says counts also when another one fails.
        """
        try:
            return self._sources.refresh()
        finally:
            self.disable_revoked()

    def sources(self) -> tuple[Source, ...]:
        """Return all sources, in the order in which they were added."""
        return self._sources.all()

    def source_of(self, plugin: PluginId) -> Source:
        """Return the one source that serves `plugin`; see `SourceList.serving`."""
        return self._sources.serving(plugin)

    # Reading

    def search(self, text: str = "", filters: Filters | None = None) -> Matches:
        """Return matching plugins of all sources, best first, from what was last refreshed."""
        from pluginry.client.matches import find
        from pluginry.client.search import Filters

        return find(self._sources, text, filters or Filters())

    def record(self, plugin: PluginId) -> PluginRecord | None:
        """Return everything known of `plugin`, or None."""
        return self._sources.record(plugin)

    def hosts(self) -> tuple[HostSummary, ...]:
        """Return the host applications that the sources know, with their vocabulary of permissions."""
        return self._sources.hosts()

    def revocations_of(self, installed: InstalledPlugin) -> tuple[Revocation, ...]:
        """Return the revocations that hit an installed plugin as far as is known, worst first; it needs no network."""
        from pluginry.client.fitness import revocations_of

        return revocations_of(installed, home=self.home, sources=self._sources)

    def installed(self) -> Generation | None:
        """Return the current generation; None before the first installation."""
        return self.home.generations.newest()

    def verify(self) -> Mapping[PluginId, tuple[Damage, ...]]:
        """Hash every installed file again and return what differs from the receipts, by plugin."""
        from pluginry.client.integrity import damages

        return {plugin: damages(self.home, installed) for plugin, installed in self.home.installed().items()}

    def audit(self) -> Audit:
        """Return what should be looked at among what is installed; see `audit.audit`."""
        from pluginry.client.audit import audit

        return audit(self._offers())

    def examine(self) -> tuple[Trouble, ...]:
        """Return what is wrong with the home; see `doctor.examine`."""
        from pluginry.client.doctor import examine

        return examine(self.home, self._sources, now=self.now())

    def why(self, plugin: PluginId) -> tuple[str, ...]:
        """Return why `plugin` is installed, in sentences; see `explaining.why`."""
        from pluginry.client.explaining import why

        return why(plugin, self._offers())

    def why_not(self, want: Wanted) -> tuple[str, ...]:
        """Return what keeps `want` from being installed now, in sentences; see `explaining.why_not`."""
        from pluginry.client.explaining import why_not

        return why_not(want, self._offers())

    def newer_version(self, plugin: PluginId) -> Version | None:
        """Return the newest version that an installed plugin could be updated to; see `Offers.newer`."""
        installed = self.home.installed().get(plugin)
        return self._offers().newer(installed) if installed else None

    def misfit(self, installed: InstalledPlugin) -> str | None:
        """Return why an installed plugin does not go with the host of this home, or None; see `Offers.misfit`."""
        return self._offers().misfit(installed)

    # Planning

    def plan_install(self, wanted: Iterable[Wanted]) -> Plan:
        """Return what installing `wanted` would change; see `planning.plan_install`."""
        from pluginry.client.planning import plan_install

        return plan_install(wanted, self._offers())

    def plan_update(
        self,
        plugins: Iterable[PluginId] = (),
        *,
        accepted: Iterable[str] = (),
        accepted_publishers: Iterable[PluginId] = (),
        accepted_unproven: Iterable[PluginId] = (),
    ) -> Plan:
        """Return what updating `plugins` (all when empty) would change; see `updating.plan_update`."""
        from pluginry.client.updating import Agreed, plan_update

        agreed = Agreed(
            permissions=frozenset(accepted),
            publishers=frozenset(accepted_publishers),
            unproven=frozenset(accepted_unproven),
        )
        return plan_update(self._offers(), plugins, agreed=agreed)

    def plan_scheduled_update(self) -> tuple[Plan | None, Due]:
        """Return what the policy lets a scheduler do now (None: nothing), and all that is due; see `schedule.due`."""
        from pluginry.client.schedule import due
        from pluginry.client.updating import Agreed, plan_update

        offers = self._offers(is_scheduled=True)
        found = due(offers, local_time=self.now().astimezone())
        if not found.may_move:
            return None, found
        return plan_update(offers, found.may_move, agreed=Agreed(), in_person=False), found

    def plan_sync(self, intent: Intent, lock: Lock | None, *, upgrade: Iterable[PluginId] | None = ()) -> Synced:
        """Return what makes the home what ``plugins.toml`` says; see `syncing.plan_sync`."""
        from pluginry.client.syncing import plan_sync

        return plan_sync(intent, lock, self._offers(), upgrade=upgrade)

    def as_files(self) -> tuple[Intent, Lock]:
        """Return the ``plugins.toml`` and ``plugins.lock`` of the home as it is; see `syncing.lock_of`."""
        from pluginry.client.syncing import intent_of, lock_of

        return intent_of(self.home, self._sources), lock_of(self._offers())

    def plan_remove(self, plugins: Iterable[PluginId], *, cascade: bool = False) -> Plan:
        """Return what removing `plugins` would change; see `planning.plan_remove`."""
        from pluginry.client.planning import plan_remove

        return plan_remove(plugins, self._offers(), cascade=cascade)

    # Changing

    def apply(
        self,
        plan: Plan,
        *,
        accepted: Iterable[str] = (),
        accepted_publishers: Iterable[PluginId] = (),
        accepted_unproven: Iterable[PluginId] = (),
        enable: bool = False,
        stage: bool = False,
        healthy: HealthCheck | None = None,
        progress: Progress | None = None,
    ) -> Generation:
        """Carry out a plan as one generation and return it; with `stage` it waits for `switch_to_staged`.

        `accepted` lists the permissions the user agreed to, `accepted_publishers` the plugins that may come from
        another publisher than before, `accepted_unproven` those that may come without the provenance they had.
        When `healthy` is given and does not say that the host is well with it, the change is taken back.

        Raises:
            ConsentNeededError: a new permission is not among `accepted`.
            PolicyError: a plugin comes from another publisher, which was not announced or is not accepted; or without
                the provenance that it had or that is demanded; or this machine's clock went back.
            BusyError: the home was changed since the plan was made.
            TrustError: a package failed a check; nothing was changed.
            VetoError: the host's callbacks forbid it; nothing was changed.
            UnhealthyError: it was taken back.

        """
        from pluginry.client.applying import carry_out
        from pluginry.client.health import require_health
        from pluginry.client.provenance import refuse_unproven
        from pluginry.client.publisher_pins import refuse_strangers

        waived = frozenset(accepted_unproven)
        plan.require_allowed()
        refuse_strangers(plan.publishers, accepted=accepted_publishers)
        refuse_unproven(plan.unproven, accepted=waived)
        plan.consent.require(accepted)
        generation = carry_out(
            plan,
            home=self.home,
            sources=self._sources,
            now=self.now(),
            accepted_unproven=waived,
            enable=enable,
            stage=stage,
            progress=progress,
        )
        if healthy is not None and not stage:
            require_health(generation, healthy, base=plan.base, home=self.home, now=self.now())
        return generation

    def switch_to_staged(self, *, healthy: HealthCheck | None = None) -> Generation:
        """Make current what an update staged; see `applying.switch_to_staged`, and `apply` for `healthy`.

        It needs no network: call it when the host starts, or has nothing to do.
        """
        from pluginry.client.applying import switch_to_staged
        from pluginry.client.health import require_health

        base = max(self.home.generations.numbers(), default=0)
        generation = switch_to_staged(home=self.home, sources=self._sources, now=self.now())
        if healthy is not None:
            require_health(generation, healthy, base=base, home=self.home, now=self.now())
        return generation

    def set_enabled(self, plugin: PluginId, *, enabled: bool) -> Generation:
        """Enable a plugin and what it depends on, or disable a plugin that no enabled one depends on.

        Raises:
            RevokedError: an advisory says that it must not run.
            TamperedError: its files are not what was installed.
            ResolutionError: an enabled plugin depends on it.

        """
        from pluginry.client.enabling import disable, enable

        if enabled:
            return enable(plugin, home=self.home, sources=self._sources, now=self.now())
        return disable(plugin, home=self.home, now=self.now())

    def disable_revoked(self) -> Generation | None:
        """Disable enabled plugins that a revocation forbids to run; see `enabling.disable_revoked`."""
        from pluginry.client.enabling import disable_revoked

        return disable_revoked(home=self.home, sources=self._sources, now=self.now())

    def rollback(self, plugin: PluginId | None = None, *, to: int | None = None) -> Generation:
        """Go back: one `plugin` to the version it had before, or everything to generation `to` (the last one).

        Raises:
            NotFoundError: there is nothing to go back to.
            RevokedError: the earlier version was withdrawn meanwhile.
            TamperedError: its files are not what was installed.

        """
        from pluginry.client.rollback import roll_back, roll_everything_back

        if plugin is None:
            return roll_everything_back(to, home=self.home, sources=self._sources, now=self.now())
        return roll_back(plugin, home=self.home, sources=self._sources, now=self.now())

    def require_usable(self, installed: InstalledPlugin) -> None:
        """Check that a plugin may be loaded: its files are as installed, and no advisory disables it.

        Raises:
            RevokedError: an advisory says that it must not run.
            TamperedError: its files are not what was installed.

        """
        from pluginry.client.fitness import require_fit

        require_fit(installed, home=self.home, sources=self._sources)

    def _offers(self, *, is_scheduled: bool = False) -> Offers:
        from pluginry.client.offers import Offers

        return Offers(home=self.home, sources=self._sources, now=self.now(), is_scheduled=is_scheduled)
