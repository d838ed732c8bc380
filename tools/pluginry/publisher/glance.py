"""A plugin at a glance: what lists, counts and the pages of other plugins need of it, without reading its files.

In: its entry in the registry, its record, the advisories. Out: a small value, which one publication leaves to the next
as a line of text. It is presentation: the index holds nothing of it. One that was remembered stands for a plugin only
while everything that the plugin's pages are made of has the same name as then.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pluginry.errors import DocumentError
from pluginry.model.advisory_book import AdvisoryBook
from pluginry.model.listing import Namespace, Status
from pluginry.model.names import Name, PluginId
from pluginry.publisher.fingerprint import Fingerprints
from pluginry.publisher.kept_records import NOTHING_KEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import Digest
    from pluginry.model.index import PluginRecord, PluginSummary
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.release import Channel
    from pluginry.publisher.index import BuiltIndex
    from pluginry.publisher.kept_records import KeptRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What can be said of a plugin at once.

    ``made_of`` names all that its own pages show of it, and ``listed`` what others do: all but its README. Both are
    empty where git does not know what the plugin is made of. ``names`` are the plugins that its releases depend on, are
    in conflict with or are replaced by; what the newest one ``needs`` is among them. ``advisories`` are the ids of all
    about it. What it ``is_translated`` into, or whether it is in another language than most, only its listing says.
    ``packages`` are digests and sizes in bytes.
    """

    made_of: str = ""
    listed: str = ""
    name: str
    status: Status
    is_removed: bool
    is_translated: bool
    is_pictured: bool
    hosts: tuple[Name, ...]
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    related: tuple[PluginId, ...]
    names: tuple[PluginId, ...]
    needs: tuple[PluginId, ...]
    advisories: tuple[str, ...]
    releases: int
    first_published: datetime | None
    last_published: datetime | None
    is_offered: bool
    asks_for_nothing: bool
    packages: tuple[tuple[str, int], ...]
    _text: str = field(default="", repr=False, compare=False)

    @classmethod
    def of(
        cls,
        entry: PluginEntry,
        record: PluginRecord,
        summary: PluginSummary,
        *,
        default: Channel,
        book: AdvisoryBook,
    ) -> Glance:
        """Return the glance of a plugin in a marketplace with this `default` channel and the advisories in `book`."""
        listing, releases, newest = entry.listing, record.releases, record.newest(default)
        named = {other for one in releases for other in (*one.dependencies, *one.conflicts)}
        named.update([record.replaced_by] if record.replaced_by else ())
        times = [one.published_at for one in releases]
        return cls(
            name=listing.name,
            status=record.status,
            is_removed=Status.REMOVED in (listing.status, record.status),
            is_translated=bool(listing.locales or listing.language),
            is_pictured=bool(entry.icon or entry.screenshots),
            hosts=listing.hosts,
            categories=listing.categories,
            tags=listing.tags,
            related=listing.related,
            names=tuple(sorted(named)),
            needs=tuple(newest.dependencies) if newest else (),
            advisories=tuple(one.id for one in book.about(record)) if book.advisories else (),
            releases=len(releases),
            first_published=min(times, default=None),
            last_published=max(times, default=None),
            is_offered=newest is not None,
            asks_for_nothing=not summary.permissions,
            packages=tuple({(one.sha256.hex, one.size): None for all_ in releases for one in all_.artifacts}),
        )

    @classmethod
    def read(cls, text: str) -> Glance | None:
        """Return what was written down; None for what is not of this form."""
        try:
            plain = json.loads(text)
            return cls(**{name: make(plain[name]) for name, make in _FROM_PLAIN.items()}, _text=text)
        except (ValueError, TypeError, KeyError, AttributeError, DocumentError):
            return None

    def __str__(self) -> str:
        if self._text:
            return self._text
        return json.dumps({name: getattr(self, name) for name in _FROM_PLAIN}, default=str, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Glances:
    """Makes the glances of all that is in ``index``; what is ``kept`` with a record is taken if its name is the same.

    ``made_of`` are names for the folders, namespaces and ledgers of plugins, where these are known, and ``proved`` is
    what bundles prove to who builds.
    """

    registry: Registry
    index: BuiltIndex
    kept: Mapping[PluginId, KeptRecord] = field(default_factory=lambda: NOTHING_KEPT)
    made_of: Mapping[PluginId, str] = field(default_factory=lambda: MappingProxyType({}))
    proved: Mapping[Digest, VerifiedStatement] = field(default_factory=lambda: MappingProxyType({}))

    def all(self) -> dict[PluginId, Glance]:
        """Return the glance of every plugin."""
        make, fingerprints = self._maker(), Fingerprints()
        found = {}
        for plugin, ref in self.index.refs.items():
            name, proofs = "", self._proofs(plugin)
            if made_of := self.made_of.get(plugin):
                shown = fingerprints.of(proofs) if proofs else ""
                name = hashlib.sha256(f"{made_of} {ref.sha256} {shown}".encode()).hexdigest()
            known = Glance.read(self.kept[plugin].glance) if name and plugin in self.kept else None
            found[plugin] = known if known and known.made_of == name else make(plugin, name, proofs)
        return found

    def _maker(self) -> Callable[[PluginId, str, object], Glance]:
        registry, index, fingerprints = self.registry, self.index, Fingerprints((Namespace,))
        default, book = registry.config.default_channel, AdvisoryBook.of(registry.advisories)

        def make(plugin: PluginId, name: str, proofs: object) -> Glance:
            entry, record, summary = registry.plugins[plugin], index.records[plugin], index.summaries[plugin]
            listed = (listed_of(entry), registry.namespaces.get(plugin.namespace), record, summary, proofs)
            glance = Glance.of(entry, record, summary, default=default, book=book)
            return replace(glance, made_of=name, listed=fingerprints.of(listed)) if name else glance

        return make

    def _proofs(self, plugin: PluginId) -> list[VerifiedStatement | None]:
        if not self.proved:
            return []
        if plugin in self.kept:
            return [self.proved.get(bundle) for bundle in self.kept[plugin].bundles]
        releases = self.index.records[plugin].releases
        return [self.proved.get(known.sha256) for one in releases for known in one.attestations]


def listed_of(entry: PluginEntry) -> PluginEntry:
    """Return of an entry what is shown of it where its README is not; its releases are in the record."""
    return replace(entry, readme="", readmes={}, reviews=(), releases={}, sources={})


def _ids(plain: list[str]) -> tuple[PluginId, ...]:
    return tuple(map(PluginId.parse, plain))


def _names(plain: list[str]) -> tuple[Name, ...]:
    return tuple(map(Name, plain))


def _time(plain: str | None) -> datetime | None:
    return datetime.fromisoformat(plain) if plain is not None else None


def _pairs(plain: list[list[Any]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(digest), int(size)) for digest, size in plain)


_BY_ANNOTATION: Final[Mapping[str, Callable[[Any], Any]]] = {
    "str": str,
    "bool": bool,
    "int": int,
    "Status": Status,
    "tuple[Name, ...]": _names,
    "tuple[str, ...]": tuple,
    "tuple[PluginId, ...]": _ids,
    "datetime | None": _time,
    "tuple[tuple[str, int], ...]": _pairs,
}
_FROM_PLAIN: Final = {one.name: _BY_ANNOTATION[str(one.type)] for one in fields(Glance) if one.compare}
