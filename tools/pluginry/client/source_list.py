"""The sources of a home: exactly one serves a plugin, and none is used before its root of trust was confirmed.

In: the home's ``sources.toml``, a `Connector`, the clock. Out: `Source` objects. It never falls through from
one source to another.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pluginry.errors import (
    AuthError,
    DocumentError,
    NotFoundError,
    ObjectMissingError,
    PluginryError,
    PolicyError,
    TamperedError,
    TrustError,
    UsageError,
)
from pluginry.model.access import NO_ACCESS
from pluginry.model.digest import Digest
from pluginry.model.layout import METADATA_PREFIX
from pluginry.model.names import Name
from pluginry.model.receipt import SourceConfig, Sources

NO_SOURCE = "pluginry source add NAME LOCATION"

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.publisher_pins import PublisherChange
    from pluginry.client.source import Source
    from pluginry.client.verify import TrustedIndex
    from pluginry.model.access import Access
    from pluginry.model.index import HostSummary, PluginRecord
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import InstalledPlugin, Receipt
    from pluginry.model.revocation import Revocation
    from pluginry.model.versions import Version
    from pluginry.ports import Connector

FIRST_ROOT_KEY = f"{METADATA_PREFIX}1.root.json"


@dataclass(slots=True, kw_only=True)
class SourceList:
    """All sources of one `home`."""

    home: PluginHome
    connector: Connector
    now: Callable[[], datetime]
    _open: dict[str, Source] = field(default_factory=dict, init=False)

    def fingerprint_of(self, location: str, access: Access = NO_ACCESS) -> Digest:
        """Return the fingerprint of the root of trust found at `location`, for the user to confirm.

        Raises:
            TransportError: there is no marketplace, or it cannot be reached.

        """
        return Digest.of(self._first_root(location, access))

    def add(
        self,
        name: str,
        location: str,
        *,
        fingerprint: Digest | None,
        namespaces: tuple[str, ...] = ("*",),
        mirrors: tuple[str, ...] = (),
        access: Access = NO_ACCESS,
    ) -> SourceConfig:
        """Take a marketplace's root of trust, try it, and remember it.

        Raises:
            PolicyError: no `fingerprint` was given; the message holds the one that was found.
            TamperedError: the root is not the one with that fingerprint.
            UsageError: there is another source of that name, or one that serves the same namespaces; or a namespace
                that no plugin can be in.

        """
        _check_patterns(namespaces)
        for mirror in mirrors:
            with suppress(AuthError):  # what it asks for may be there when it is needed
                self.connector.transport(mirror, NO_ACCESS)  # refuses what nothing can ever be read from
        root = self._first_root(location, access)
        found = Digest.of(root)
        if fingerprint is None:
            raise PolicyError(
                f"the root of trust of {location} is not confirmed yet",
                why=f"its fingerprint is {found}",
                hint="compare it with what the marketplace's owner publishes, then pass it with --fingerprint",
            )
        if found != fingerprint:
            raise TamperedError(
                "this is not the marketplace that you expect",
                where=location,
                why="its root of trust has another fingerprint",
                hint="look again at the address, and at the fingerprint that its owner publishes; nothing was added",
            )
        config = SourceConfig(
            name=Name(name),
            location=location,
            root_sha256=found,
            namespaces=namespaces,
            mirrors=mirrors,
            access=access,
        )
        with self.home.locked():
            known = self.home.sources().sources
            _check_distinct(config, known)
            self._take_root(name, root)
            self._source(config).refresh(now=self.now())
            self.home.write_settings(Sources(sources=(*known, config)))
        return config

    def taken_by(self, source: SourceConfig) -> tuple[PluginId, ...]:
        """Return installed plugins that `source` would serve if it were added."""
        known = self.home.sources().sources
        return tuple(
            plugin
            for plugin in sorted(self.home.installed())
            if (reach := _reach(source, plugin)) and reach >= max((_reach(one, plugin) for one in known), default=0)
        )

    def remove(self, name: str) -> None:
        """Forget a source; what was installed from it stays.

        Raises:
            NotFoundError: there is no such source.

        """
        with self.home.locked():
            known = self.home.sources().sources
            left = tuple(config for config in known if config.name != name)
            if len(left) == len(known):
                raise no_such_source(name, known)
            self.home.write_settings(Sources(sources=left))
            self._open.pop(name, None)

    def refresh(self) -> Mapping[str, TrustedIndex]:
        """Bring every source up to date and return what was found; one that fails does not keep the others from it.

        Raises:
            TrustError: a source is not what it should be; what was known of it stays in force.
            TransportError: a source cannot be reached.

        """
        found: dict[str, TrustedIndex] = {}
        failures: list[PluginryError] = []
        with self.home.locked():
            for source in self.all():
                try:
                    found[source.config.name] = source.refresh(now=self.now())
                except PluginryError as error:
                    failures.append(error)
        if failures:
            raise max(failures, key=lambda error: isinstance(error, TrustError))
        return found

    def check_clock(self) -> None:
        """Refuse to go on when the clock went back: what is too old to install from would look fresh again.

        Raises:
            PolicyError: it is more than a day before a time at which a source was refreshed.

        """
        from pluginry.client import verify

        for config in self.home.sources().sources:
            verify.check_clock(self._source(config).state(), now=self.now())

    def all(self) -> tuple[Source, ...]:
        """Return all sources, in the order in which they were added."""
        configs = self.home.sources().sources
        if not configs:
            raise NotFoundError("no marketplace was added yet", hint=NO_SOURCE)
        return tuple(self._source(config) for config in configs)

    def serving(self, plugin: PluginId) -> Source:
        """Return the one source that serves `plugin`: the one with the longest matching pattern.

        Raises:
            NotFoundError: no source's patterns match.
            PolicyError: two sources match equally well.

        """
        return self._source(self.router()(str(plugin)))

    def router(self) -> Callable[[str], SourceConfig]:
        """Return a function from ids to the source that serves them, for who asks about many; see `serving`."""
        configs = [source.config for source in self.all()]
        if [config.namespaces for config in configs] == [("*",)]:
            return lambda _plugin: configs[0]
        patterns = [(len(pattern), pattern, config) for config in configs for pattern in config.namespaces]
        return lambda plugin: _best(plugin, patterns)

    def record(self, plugin: PluginId) -> PluginRecord | None:
        """Return everything known of `plugin`, or None."""
        return self.serving(plugin).record(plugin)

    def publisher_change(self, plugin: PluginId, installed: InstalledPlugin | None) -> PublisherChange | None:
        """Return how `plugin` comes from somebody else than what is `installed` of it; None if it does not.

        The receipt of what is installed counts as well as the pin: a pin may be missing, or be another source's.
        """
        from pluginry.client.publisher_pins import publisher_change, source_change

        source, receipt = self.serving(plugin), self._receipt(installed)
        record, state = source.record(plugin), source.state()
        if record is None:
            return None
        remembered = (receipt and receipt.publisher, state and state.publishers.get(plugin))
        changes = (publisher_change(record, publisher or None) for publisher in remembered)
        return source_change(record, receipt, source.config) or next(filter(None, changes), None)

    def source_change(self, plugin: PluginId, installed: InstalledPlugin | None) -> PublisherChange | None:
        """Return how `plugin` comes from another marketplace than what is `installed` of it; None if it does not."""
        from pluginry.client.publisher_pins import source_change

        source, receipt = self.serving(plugin), self._receipt(installed)
        if receipt is None or source.config.is_where(receipt):  # as it nearly always is: no record is read for it
            return None
        record = source.record(plugin)
        return source_change(record, receipt, source.config) if record else None

    def is_proven(self, plugin: PluginId, installed: InstalledPlugin | None) -> bool:
        """Return whether what is `installed` of `plugin`, or was last, came with provenance."""
        state, receipt = self.serving(plugin).state(), self._receipt(installed)
        return bool(state and plugin in state.proven) or bool(receipt and receipt.provenance)

    def offers(self, plugin: PluginId, version: Version) -> bool:
        """Return whether a source has this release."""
        try:
            record = self.record(plugin)
        except NotFoundError:
            return False
        return record is not None and any(release.version == version for release in record.releases)

    def hosts(self) -> tuple[HostSummary, ...]:
        """Return the host applications that the sources know, with their vocabulary of permissions."""
        return tuple(host for source in self.all() for host in source.catalogue().hosts)

    def revocations_for(self, plugin: PluginId) -> tuple[Revocation, ...]:
        """Return the revocations in force at the source that serves `plugin`, worst first; none when none serves it.

        What one source says never touches what another one serves.
        """
        try:
            return self.serving(plugin).index().revocations
        except NotFoundError:
            return ()

    def revocations_about(self, installed: InstalledPlugin) -> tuple[Revocation, ...]:
        """Return what is in force, worst first, at the source that serves an installed plugin and at its origin.

        Whoever removes the source it came from, or adds one that serves it instead, has not withdrawn its warnings.
        """
        warnings = self.revocations_for(installed.id)
        used = {config.name for config in self.home.sources().sources}
        if len(used) == 1 and used == {folder.name for folder in (self.home.root / "sources").glob("*")}:
            return warnings  # it came from the only one that ever was
        from pluginry.model.revocation import worst_first

        origin = self._origin(installed)
        try:
            return worst_first({*warnings, *origin.index().revocations}) if origin else warnings
        except NotFoundError:
            return warnings

    def _origin(self, installed: InstalledPlugin) -> Source | None:
        """Return the source that a plugin was installed from, as it was left where it is not used any more."""
        receipt = self._receipt(installed)
        if receipt is None:
            return None
        for config in self.home.sources().sources:
            if config.is_where(receipt):
                return self._source(config)
        from pluginry.client.source import ROOT_FILE, Source

        folder = self.home.source_folder(receipt.source)
        try:
            root = Digest.of((folder / ROOT_FILE).read_bytes())
        except FileNotFoundError:
            return None
        left = SourceConfig(name=receipt.source, location="", root_sha256=root)
        return Source(config=left, folder=folder, connector=self.connector) if left.is_where(receipt) else None

    def _receipt(self, installed: InstalledPlugin | None) -> Receipt | None:
        """Return the receipt of what is installed; None where nothing is, or it cannot be read."""
        try:
            return self.home.receipt(installed) if installed else None
        except (NotFoundError, DocumentError):
            return None  # that it is damaged is told elsewhere

    def _first_root(self, location: str, access: Access) -> bytes:
        from pluginry.client import limits

        try:
            return self.connector.transport(location, access).fetch(FIRST_ROOT_KEY, max_bytes=limits.FIRST_ROOT)
        except ObjectMissingError as error:
            raise ObjectMissingError(
                "there is no marketplace",
                where=location,
                why=f"it shows no {FIRST_ROOT_KEY}",
                hint="give the place that holds the folder v1/, and a credential if it is not for everybody",
            ) from error

    def _take_root(self, name: str, root: bytes) -> None:
        """Make `root` what a source begins with; what is remembered of another marketplace of that name goes."""
        from pluginry.client.source import ROOT_FILE

        folder = self.home.source_folder(name)
        if (folder / ROOT_FILE).is_file() and (folder / ROOT_FILE).read_bytes() != root:
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / ROOT_FILE).write_bytes(root)
        self._open.pop(name, None)

    def _source(self, config: SourceConfig) -> Source:
        if config.name not in self._open:
            from pluginry.client.source import Source

            folder = self.home.source_folder(config.name)
            self._open[config.name] = Source(config=config, folder=folder, connector=self.connector)
        return self._open[config.name]


def _best(plugin: str, patterns: Iterable[tuple[int, str, SourceConfig]]) -> SourceConfig:
    """Return the source with the longest of `patterns` that matches."""
    matches = [(length, config) for length, pattern, config in patterns if _matches(plugin, pattern)]
    if not matches:
        raise NotFoundError(f"no source serves {plugin}", hint="see the namespaces in `pluginry source list`")
    longest = max(length for length, _ in matches)
    best = {config.name: config for length, config in matches if length == longest}
    if len(best) > 1:
        raise PolicyError(
            f"{plugin} could come from {' or '.join(sorted(best))}",
            hint="give each source its own namespaces: a name must never depend on who answers first",
        )
    return next(iter(best.values()))


def _reach(source: SourceConfig, plugin: PluginId) -> int:
    """Return how long the longest pattern is with which `source` would serve `plugin`, 0 when it would not."""
    return max((len(pattern) for pattern in source.namespaces if _matches(str(plugin), pattern)), default=0)


def _matches(plugin: str, pattern: str) -> bool:
    return pattern == "*" or fnmatchcase(plugin, pattern)


def no_such_source(name: str, known: Iterable[SourceConfig]) -> NotFoundError:
    """Return the error that says which sources there are."""
    names = ", ".join(sorted(config.name for config in known))
    return NotFoundError(f"there is no source named {name}", hint=f"there are {names}" if names else NO_SOURCE)


def _check_patterns(namespaces: Iterable[str]) -> None:
    """Refuse a pattern that no id can match: nothing would ever come from that source."""
    for pattern in namespaces:
        if not set(pattern) & set("/*?["):
            raise UsageError(f"no plugin is called {pattern}", hint=f"say '{pattern}/*' for all of a namespace")


def _check_distinct(config: SourceConfig, known: tuple[SourceConfig, ...]) -> None:
    """Refuse a source that would make it unclear where a plugin comes from."""
    for other in known:
        if other.name == config.name:
            raise UsageError(
                f"there is a source named {config.name} already", hint="remove it first, or choose another name"
            )
        if shared := set(other.namespaces) & set(config.namespaces):
            raise UsageError(
                f"{other.name} serves {', '.join(sorted(shared))} already",
                hint="say with --namespace which plugins come from the new one, such as 'acme/*'",
            )
