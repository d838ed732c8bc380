"""Reading a publication back: two clients look at the published place, as everybody else will in a moment.

One of them knows the state before, the other one nothing; both refresh, verify, and install a release. In: a way to
read the place, the fingerprint of its root of trust, what was published, a clock and a way to wait. Out: a `Verdict`.
Edges that lag are given time. It writes nothing to the place: what a bad verdict leads to is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginry.client.install import install_release
from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.client.resolve import Chosen
from pluginry.encoding import strict_json
from pluginry.errors import (
    DocumentError,
    ObjectMissingError,
    ObjectTooLargeError,
    PluginryError,
    RolledBackError,
    StaleError,
    TamperedError,
    TransportError,
    TrustError,
    UsageError,
    is_missing,
)
from pluginry.hosts.one_place import OnePlace
from pluginry.model.layout import TIMESTAMP_KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from pluginry.client.source import Source
    from pluginry.model.digest import Digest
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version
    from pluginry.ports import Transport

DELAYS_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0)
"""How long to wait before looking again, in seconds: together longer than copies at an edge live."""
_OTHER_PLACE = "give the address where it can be read, or --no-read-back"
_SOURCE = "published"
_TIMESTAMP_BYTES = 16_384
_MOST_COMPARED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What everybody has to find: the timestamp ``root``, and ``releases`` that are new."""

    root: bytes
    releases: tuple[tuple[PluginId, Version], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found, after so many ``looks``: which release was ``installed``, if there is one; or the ``trouble``.

    When it `is_bad`, the place shows the publication and it must not stay there. Otherwise the place only shows
    something older, or cannot be read: nothing is known against the publication.
    """

    looks: int
    installed: str = ""
    trouble: PluginryError | None = None
    is_bad: bool = False


@dataclass(slots=True, kw_only=True)
class ReadBack:
    """Two clients of ``place``, with their homes in ``folder``."""

    place: Transport
    fingerprint: Digest
    folder: Path
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    delays_s: tuple[float, ...] = DELAYS_S
    _before: Marketplace | None = field(default=None, init=False)

    @property
    def knows_before(self) -> bool:
        """Whether there is a client that knows the state before."""
        return self._before is not None

    def remember(self, *, is_published: bool) -> None:
        """Let a client learn the state before the publication, if there is one that a client accepts.

        Raises:
            UsageError: the place shows nothing, although there `is_published` something: it is the wrong place.
            TamperedError: the place shows another marketplace. In both cases nothing should be published.

        """
        client = self._new_client("before")
        try:
            found = client.fingerprint_of(self.place.location)
        except ObjectMissingError as error:
            if not is_published:
                return
            raise UsageError(
                "this place does not show what is published already", where=self.place.location, hint=_OTHER_PLACE
            ) from error
        except PluginryError:
            return
        if found != self.fingerprint:
            raise TamperedError(
                "this place shows another marketplace than the one that is to be published",
                where=self.place.location,
                why=f"its root of trust has the fingerprint {found}",
                hint=_OTHER_PLACE,
            )
        try:
            client.add_source(_SOURCE, self.place.location, fingerprint=self.fingerprint)
        except PluginryError:
            return  # whatever is wrong with it, the publication that mends it must not be held up
        self._before = client

    def look(self, published: Published) -> Verdict:
        """Return what both clients find, looking again for a while as long as it may be an edge that lags."""
        for looks, delay_s in enumerate((*self.delays_s, None), start=1):
            try:
                return Verdict(looks=looks, installed=self._look(published, looks))
            except PluginryError as error:
                if delay_s is None or not _may_be_lag(error):
                    return Verdict(looks=looks, trouble=error, is_bad=_is_news(error) and self._is_shown(published))
                self.sleep(delay_s)
        raise AssertionError(self.delays_s)  # the last look returned

    def _look(self, published: Published, looks: int) -> str:
        fresh = self._new_client(f"fresh-{looks}")
        fresh.add_source(_SOURCE, self.place.location, fingerprint=self.fingerprint)
        if self._before is not None:
            self._before.refresh()
        installed = ""
        for client in (fresh, self._before):
            if client is not None:
                (source,) = client.sources()
                self._require_current(source, published)
                installed = self._install(client, source, published)
        return installed

    def _require_current(self, source: Source, published: Published) -> None:
        seen = (source.folder / "metadata" / "timestamp.json").read_bytes()
        if _version_of(seen) < _version_of(published.root):
            raise TransportError(
                "the published place still shows an earlier state",
                where=self.place.location,
                hint="an edge keeps its copies for too long, or the address leads to another place",
            )

    def _install(self, client: Marketplace, source: Source, published: Published) -> str:
        """Install the smallest of the new releases, or any one where there is none; return which."""
        chosen = _new_release(source, published) or _any_release(source)
        if chosen is None:
            return ""
        platform = chosen.release.artifacts[0].platform
        with client.home.locked():
            install_release(chosen, source=source, home=client.home, platform=platform, now=self.now())
        return f"{chosen.plugin} {chosen.release.version}"

    def _is_shown(self, published: Published) -> bool:
        """Return whether the place shows this publication, or something that is none at all."""
        try:
            seen = self.place.fetch(TIMESTAMP_KEY, max_bytes=_TIMESTAMP_BYTES)
            return _version_of(seen) >= _version_of(published.root)
        except PluginryError as error:
            return isinstance(error, ObjectTooLargeError | DocumentError | TrustError)

    def _new_client(self, name: str) -> Marketplace:
        return Marketplace(home=PluginHome(self.folder / name), connector=OnePlace(place=self.place), now=self.now)


def _may_be_lag(error: PluginryError) -> bool:
    """Return whether it may be over in a moment: what is old or not there; never what is wrong."""
    return is_missing(error) or isinstance(error, TransportError | StaleError | RolledBackError)


def _is_news(error: PluginryError) -> bool:
    """Return whether it says something about what the place holds, and not about the way there."""
    return is_missing(error) or isinstance(error, TrustError | ObjectTooLargeError)


def _new_release(source: Source, published: Published) -> Chosen | None:
    found = []
    for plugin, version in published.releases[:_MOST_COMPARED]:
        record = source.record(plugin)
        found += [
            Chosen(plugin=plugin, release=release)
            for release in (record.releases if record else ())
            if release.version == version
        ]
    return min(found, key=lambda chosen: _size_of(chosen.release), default=None)


def _any_release(source: Source) -> Chosen | None:
    """Return the newest release of one plugin: another one after each publication."""
    plugins = [summary.id for summary in source.catalogue().plugins if summary.channels]
    if not plugins:
        return None
    plugin = plugins[source.index().root.serial % len(plugins)]
    record = source.record(plugin)
    return Chosen(plugin=plugin, release=record.releases[0]) if record and record.releases else None


def _size_of(release: ReleaseRecord) -> int:
    return release.artifacts[0].size


def _version_of(timestamp: bytes) -> int:
    """Return the number of a timestamp.

    Raises:
        DocumentError, TamperedError: it is none.

    """
    said = strict_json.parse(timestamp, what=TIMESTAMP_KEY, max_bytes=_TIMESTAMP_BYTES)
    try:
        return int(said["signed"]["version"])
    except (KeyError, TypeError, ValueError) as error:
        raise TamperedError("this is no timestamp", where=TIMESTAMP_KEY) from error
