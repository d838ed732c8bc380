"""The client as one object for host applications: `Marketplace` puts the stages in order.

In: a plugin home, a `Connector`, the clock as a function. Out: catalogues, plans, installed plugins. Every
change is planned first (what would change, what has to be agreed to) and applied as one generation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pluginry.client.install import Damage, damages, install_release
from pluginry.client.planning import Planner
from pluginry.client.publisher_pins import refuse_strangers
from pluginry.client.search import Filters, search
from pluginry.client.source_list import SourceList
from pluginry.errors import BusyError, DocumentError, NotFoundError, ResolutionError, RevokedError, TamperedError
from pluginry.model.advisory import Subject
from pluginry.model.revocation import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from pluginry.client.planning import Plan
    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.resolve import Wanted
    from pluginry.client.source import Source
    from pluginry.client.verify import TrustedIndex
    from pluginry.model.digest import Digest
    from pluginry.model.index import HostSummary, PluginRecord, PluginSummary
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Generation, InstalledPlugin, Receipt, SourceConfig
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
    ) -> SourceConfig:
        """Take a marketplace's root of trust, try it, and remember it; see `SourceList.add`."""
        return self._sources.add(name, location, fingerprint=fingerprint, namespaces=namespaces, mirrors=mirrors)

    def fingerprint_of(self, location: str) -> Digest:
        """Return the fingerprint of a marketplace's root of trust; see `SourceList.fingerprint_of`."""
        return self._sources.fingerprint_of(location)

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

    def search(self, text: str = "", filters: Filters | None = None) -> tuple[PluginSummary, ...]:
        """Return matching plugins of all sources, best first, from what was last refreshed."""
        offered = (
            summary
            for source in self.sources()
            for summary in source.catalogue().plugins
            if self.source_of(summary.id) is source
        )
        return search(offered, text, filters or Filters())

    def record(self, plugin: PluginId) -> PluginRecord | None:
        """Return everything known of `plugin`, or None."""
        return self._sources.record(plugin)

    def hosts(self) -> tuple[HostSummary, ...]:
        """Return the host applications that the sources know, with their vocabulary of permissions."""
        return self._sources.hosts()

    def revocations_of(self, installed: InstalledPlugin) -> tuple[Revocation, ...]:
        """Return the revocations that hit an installed plugin as far as is known, worst first; it needs no network."""
        in_force = self._sources.revocations_for(installed.id)
        if not in_force:
            return ()
        subject = self._subject(installed)
        return tuple(revocation for revocation in in_force if revocation.hits(subject))

    def installed(self) -> Generation | None:
        """Return the current generation; None before the first installation."""
        return self.home.generation()

    def verify(self) -> Mapping[PluginId, tuple[Damage, ...]]:
        """Hash every installed file again and return what differs from the receipts, by plugin."""
        return {plugin: damages(self.home, installed) for plugin, installed in self.home.installed().items()}

    def newer_version(self, plugin: PluginId) -> Version | None:
        """Return the newest version that an installed plugin could be updated to; see `Planner.newer`."""
        installed = self.home.installed().get(plugin)
        return self._planner().newer(installed) if installed else None

    # Planning

    def plan_install(self, wanted: Iterable[Wanted]) -> Plan:
        """Return what installing `wanted` would change; see `Planner.install`."""
        return self._planner().install(wanted)

    def plan_update(
        self,
        plugins: Iterable[PluginId] = (),
        *,
        accepted: Iterable[str] = (),
        accepted_publishers: Iterable[PluginId] = (),
    ) -> Plan:
        """Return what updating `plugins` (all when empty) would change; see `Planner.update`."""
        return self._planner().update(plugins, accepted=accepted, accepted_publishers=accepted_publishers)

    def plan_remove(self, plugins: Iterable[PluginId], *, cascade: bool = False) -> Plan:
        """Return what removing `plugins` would change; see `Planner.remove`."""
        return self._planner().remove(plugins, cascade=cascade)

    # Changing

    def apply(
        self,
        plan: Plan,
        *,
        accepted: Iterable[str] = (),
        accepted_publishers: Iterable[PluginId] = (),
        enable: bool = False,
        progress: Progress | None = None,
    ) -> Generation:
        """Carry out a plan as one generation and return it.

        `accepted` lists the permissions the user agreed to, `accepted_publishers` the plugins that may come from
        another publisher than before.

        Raises:
            ConsentNeededError: a new permission is not among `accepted`.
            PolicyError: a plugin comes from another publisher, which was not announced or is not accepted.
            BusyError: the home was changed since the plan was made.
            TrustError: a package failed a check; nothing was changed.

        """
        refuse_strangers(plan.publishers, accepted=accepted_publishers)
        plan.consent.require(accepted)
        with self.home.locked():
            newest = self.home.generation()
            if (newest.number if newest else 0) != plan.base:
                raise BusyError("the plugin home was changed meanwhile", hint="run the command again")
            after = {installed.id: installed for installed in plan.result}
            for change in plan.changes:
                if change.after and damages(self.home, after[change.plugin]):
                    install_release(
                        change.after,
                        source=self.source_of(change.plugin),
                        home=self.home,
                        platform=self.home.config().platform,
                        now=self.now(),
                        progress=progress,
                    )
            wanted = {change.plugin for change in plan.changes if enable and change.before is None}
            generation = self.home.commit(self._with_enabled(after, wanted), cause=plan.cause, now=self.now())
            for change in plan.changes:
                if change.after and (change.before is None or change.before.sha256 != after[change.plugin].sha256):
                    self.source_of(change.plugin).pin_publisher(change.plugin)
            return generation

    def set_enabled(self, plugin: PluginId, *, enabled: bool) -> Generation:
        """Enable a plugin and what it depends on, or disable a plugin that no enabled one depends on.

        Raises:
            RevokedError: an advisory says that it must not run.
            TamperedError: its files are not what was installed.
            ResolutionError: an enabled plugin depends on it.

        """
        with self.home.locked():
            current = self.home.installed()
            if plugin not in current:
                raise NotFoundError(f"{plugin} is not installed", hint=f"pluginry install {plugin}")
            if enabled:
                result = self._with_enabled(current, {plugin})
                return self.home.commit(result, cause=f"enable {plugin}", now=self.now())
            self._refuse_while_needed(plugin, current)
            current[plugin] = replace(current[plugin], enabled=False)
            return self.home.commit(tuple(current.values()), cause=f"disable {plugin}", now=self.now())

    def disable_revoked(self) -> Generation | None:
        """Disable enabled plugins that a revocation forbids to run, and those that cannot do without them.

        It is one generation whose cause names the revocations; None when nothing enabled is hit.
        """
        with self.home.locked():
            current = self.home.installed()
            causes = {
                name: revocation.advisory
                for name, installed in current.items()
                if installed.enabled
                for revocation in reversed(self.revocations_of(installed))
                if revocation.action is Verdict.DISABLE
            }
            if not causes:
                return None
            result = tuple(
                replace(
                    one,
                    enabled=one.enabled
                    and causes.keys().isdisjoint(self.home.with_dependencies({name}, among=current)),
                )
                for name, one in current.items()
            )
            said = ", ".join(f"{advisory} disables {name}" for name, advisory in sorted(causes.items()))
            return self.home.commit(result, cause=said, now=self.now())

    def rollback(self, plugin: PluginId | None = None, *, to: int | None = None) -> Generation:
        """Go back: one `plugin` to the version it had before, or everything to generation `to` (the last one).

        Raises:
            NotFoundError: there is nothing to go back to.
            RevokedError: the earlier version was withdrawn meanwhile.
            TamperedError: its files are not what was installed.

        """
        with self.home.locked():
            if plugin is None:
                return self._roll_everything_back(to)
            current = self.home.installed()
            if plugin not in current:
                raise NotFoundError(f"{plugin} is not installed")
            earlier = self._version_before(current[plugin])
            self.require_usable(earlier)
            result = {**current, plugin: replace(earlier, enabled=current[plugin].enabled, held=True)}
            self._check_dependencies(result)
            return self.home.commit(tuple(result.values()), cause=f"roll back {plugin}", now=self.now())

    def require_usable(self, installed: InstalledPlugin) -> None:
        """Check that a plugin may be loaded: its files are as installed, and no advisory disables it.

        Raises:
            RevokedError: an advisory says that it must not run.
            TamperedError: its files are not what was installed.

        """
        found = damages(self.home, installed)
        if found:
            raise TamperedError(
                f"the files of {installed.id} {installed.version} are not what was installed",
                where=str(self.home.folder_of(installed.id, installed.version, installed.sha256)),
                why=f"{found[0].path} is {found[0].kind}" + (f", and {len(found) - 1} more" if found[1:] else ""),
                hint=f"install it again: pluginry install {installed.id}@{installed.version}",
            )
        for revocation in self.revocations_of(installed):
            if revocation.action is Verdict.DISABLE:
                raise RevokedError(
                    f"{installed.id} {installed.version} must not run",
                    why=f"{revocation.advisory}: {revocation.summary}",
                    hint=f"update it (pluginry update {installed.id}) or remove it",
                )

    # Inside

    def _planner(self) -> Planner:
        return Planner(home=self.home, sources=self._sources, now=self.now(), start=self.home.generation())

    def _subject(self, installed: InstalledPlugin) -> Subject:
        """Return an installed plugin as revocations see it; of one without a receipt its publisher is not known."""
        try:
            receipt = self.home.receipt(installed)
        except (NotFoundError, DocumentError):
            return Subject(plugin=installed.id, version=installed.version, digests=(installed.sha256,))
        return Subject(
            plugin=installed.id,
            version=installed.version,
            digests=(installed.sha256,),
            publisher=receipt.publisher,
            published_at=receipt.published_at,
        )

    def _with_enabled(
        self, plugins: Mapping[PluginId, InstalledPlugin], wanted: Iterable[PluginId]
    ) -> tuple[InstalledPlugin, ...]:
        """Return `plugins` with those `wanted` enabled, and everything that enabled ones depend on."""
        enabled = {name for name, installed in plugins.items() if installed.enabled} | set(wanted)
        needed = self.home.with_dependencies(enabled, among=plugins)
        for name in sorted(needed):
            if not plugins[name].enabled:
                self.require_usable(plugins[name])
        return tuple(replace(one, enabled=name in needed) for name, one in plugins.items())

    def _refuse_while_needed(self, plugin: PluginId, current: Mapping[PluginId, InstalledPlugin]) -> None:
        users = sorted(
            name
            for name, installed in current.items()
            if installed.enabled and plugin in self.home.dependencies_of(installed)
        )
        if users:
            raise ResolutionError(
                f"{plugin} is in use",
                tuple(f"{name} is enabled and needs it" for name in users),
                hint="disable those first",
            )

    def _version_before(self, installed: InstalledPlugin) -> InstalledPlugin:
        """Return the last other version of a plugin in an earlier generation that is still on disk."""
        for number in reversed(self.home.generation_numbers()):
            generation = self.home.generation(number)
            earlier = generation.find(installed.id) if generation else None
            if earlier is None or earlier.version == installed.version:
                continue
            if self.home.has(earlier.id, earlier.version, earlier.sha256):
                return earlier
        raise NotFoundError(f"there is no earlier version of {installed.id} to go back to")

    def _roll_everything_back(self, to: int | None) -> Generation:
        numbers = self.home.generation_numbers()
        if to is None and not numbers[:-1]:
            raise NotFoundError("there is no earlier state to go back to")
        number = numbers[-2] if to is None else to
        target = self.home.generation(number)
        plugins = target.plugins if target else ()
        for installed in plugins:
            self.require_usable(installed)
        return self.home.commit(plugins, cause=f"roll back to generation {number}", now=self.now())

    def _check_dependencies(self, result: Mapping[PluginId, InstalledPlugin]) -> None:
        """Refuse a set in which a plugin misses what it depends on."""
        for installed in result.values():
            for needed, versions in self.home.dependencies_of(installed).items():
                found = result.get(needed)
                if found is None or found.version not in versions:
                    raise ResolutionError(
                        "the earlier version does not fit the others",
                        (f"{installed.id} {installed.version} needs {needed} {versions}",),
                        hint="roll everything back instead: pluginry rollback --all",
                    )


def receipt_of(home: PluginHome, plugin: PluginId) -> Receipt:
    """Return the receipt of an installed plugin.

    Raises:
        NotFoundError: it is not installed.

    """
    installed = home.installed().get(plugin)
    if installed is None:
        raise NotFoundError(f"{plugin} is not installed")
    return home.receipt(installed)
