"""Which advisories are about a plugin, and which hit a release: by version, by package, or by who published it.

In: all advisories of a marketplace, records. Out: those that matter, newest first, without asking each of them about
each release. It never says what to do about them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pluginry.model.advisory import Advisory
    from pluginry.model.digest import Digest
    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.model.names import PluginId

K = TypeVar("K")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryBook:
    """Advisories, looked up by what they name; ``about_signers`` are those that can hit anybody's release."""

    advisories: tuple[Advisory, ...]
    by_plugin: Mapping[PluginId, tuple[Advisory, ...]]
    by_digest: Mapping[Digest, tuple[Advisory, ...]]
    about_signers: tuple[Advisory, ...]

    @classmethod
    def of(cls, advisories: Iterable[Advisory]) -> AdvisoryBook:
        """Return a book of `advisories`."""
        newest_first = tuple(sorted(advisories, key=_age, reverse=True))
        return cls(
            advisories=newest_first,
            by_plugin=_by((affected.package.name, one) for one in newest_first for affected in one.affected),
            by_digest=_by((digest, one) for one in newest_first for digest in one.database_specific.digests),
            about_signers=tuple(one for one in newest_first if one.database_specific.signers),
        )

    def naming(self, plugin: PluginId) -> tuple[Advisory, ...]:
        """Return the advisories that name `plugin`, also withdrawn ones."""
        return self.by_plugin.get(plugin, ())

    def hitting(self, record: PluginRecord, release: ReleaseRecord) -> tuple[Advisory, ...]:
        """Return the advisories that are in force for one release."""
        if not self.advisories:
            return ()
        subject = record.subject_of(release)
        named = (one for digest in subject.digests for one in self.by_digest.get(digest, ()))
        candidates = {one.id: one for one in (*self.naming(record.id), *named, *self.about_signers)}
        return _sorted(one for one in candidates.values() if one.hits(subject))

    def about(self, record: PluginRecord) -> tuple[Advisory, ...]:
        """Return the advisories that name a plugin, also withdrawn ones, or hit one of its releases."""
        hitting = (one for release in record.releases for one in self.hitting(record, release))
        return _sorted({one.id: one for one in (*self.naming(record.id), *hitting)}.values())

    def about_each(self, records: Mapping[PluginId, PluginRecord]) -> dict[PluginId, tuple[Advisory, ...]]:
        """Return what advisories are `about` each of `records`, if there are any.

        Only records that are named are looked at, as long as all advisories name what they are about.
        """
        plugins = records if self.by_digest or self.about_signers else filter(records.__contains__, self.by_plugin)
        return {plugin: found for plugin in plugins if (found := self.about(records[plugin]))}


def _by(pairs: Iterable[tuple[K, Advisory]]) -> Mapping[K, tuple[Advisory, ...]]:
    found: dict[K, dict[str, Advisory]] = defaultdict(dict)
    for key, advisory in pairs:
        found[key][advisory.id] = advisory
    return {key: tuple(ones.values()) for key, ones in found.items()}


def _sorted(advisories: Iterable[Advisory]) -> tuple[Advisory, ...]:
    return tuple(sorted(advisories, key=_age, reverse=True))


def _age(advisory: Advisory) -> tuple[datetime, str]:
    return advisory.published, advisory.id
