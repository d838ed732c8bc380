"""A plugin at a glance: what lists, counts and the pages of other plugins need of it, without reading its files.

In: its entry in the registry, its record, its row of the catalogue. Out: a small value, which one publication leaves to
the next as a line of text (glances.py). It is presentation: the index holds nothing of it, and no warning stands in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pluginry.errors import DocumentError
from pluginry.model.names import Name, PluginId
from pluginry.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from pluginry.model.channel import Channel
    from pluginry.model.index import PluginRecord, PluginSummary
    from pluginry.model.registry import PluginEntry


FREE: Final = "free"
"""The price of what does not name one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What can be said of a plugin at once.

    ``made_of`` names all that its own pages show of it, ``listed`` what others do, which is all but its README, and
    ``stands`` all that decides where it is listed, and beside whom. They are empty where git does not know what the
    plugin is made of. ``names`` are the plugins that its releases depend on, are in conflict with or are replaced by;
    what the newest one ``needs`` is among them. What it ``is_translated`` into, or whether it is in another language
    than most, only its listing says. ``packages`` are digests and sizes in bytes.
    """

    made_of: str = ""
    listed: str = ""
    stands: str = ""
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
    releases: int
    first_published: datetime | None
    last_published: datetime | None
    is_offered: bool
    asks_for_nothing: bool
    price: str
    packages: tuple[tuple[str, int], ...]

    @classmethod
    def of(
        cls,
        entry: PluginEntry,
        record: PluginRecord,
        summary: PluginSummary,
        *,
        default: Channel,
    ) -> Glance:
        """Return the glance of a plugin in a marketplace with this `default` channel."""
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
            releases=len(releases),
            first_published=min(times, default=None),
            last_published=max(times, default=None),
            is_offered=newest is not None,
            asks_for_nothing=not summary.permissions,
            price=listing.pricing.model if listing.pricing else FREE,
            packages=tuple({(one.sha256.hex, one.size): None for all_ in releases for one in all_.artifacts}),
        )

    @classmethod
    def read(cls, texts: Collection[str]) -> list[Glance | None]:
        """Return what was written down in each of `texts`; None for what is not of this form, or beside such."""
        try:
            plain = json.loads(f"[{','.join(texts)}]")  # all at once, which takes half the time
            return [cls._of_plain(one) for _, one in zip(texts, plain, strict=True)]
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, DocumentError):
            return [None] * len(texts)

    @classmethod
    def _of_plain(cls, plain: list[Any]) -> Glance:
        made_of, listed, stands, name, status, is_removed, is_translated, is_pictured, *more = plain
        hosts, categories, tags, related, names, needs, *more = more
        releases, first, last, is_offered, asks_for_nothing, price, packages = more
        return cls(
            made_of=_text(made_of),
            listed=_text(listed),
            stands=_text(stands),
            name=_text(name),
            status=Status(status),
            is_removed=is_removed is True,
            is_translated=is_translated is True,
            is_pictured=is_pictured is True,
            hosts=tuple(map(_name, hosts)),
            categories=tuple(map(_text, categories)),
            tags=tuple(map(_text, tags)),
            related=tuple(map(PluginId.parse, related)),
            names=tuple(map(PluginId.parse, names)),
            needs=tuple(map(PluginId.parse, needs)),
            releases=int(releases),
            first_published=_moment(first) if first is not None else None,
            last_published=_moment(last) if last is not None else None,
            is_offered=is_offered is True,
            asks_for_nothing=asks_for_nothing is True,
            price=_text(price),
            packages=tuple((_text(digest), int(size)) for digest, size in packages),
        )

    def is_in(self, text: str) -> bool:
        """Return whether `text` is of a glance with the same name, ``made_of``."""
        return text.startswith(f'["{self.made_of}",')

    def __str__(self) -> str:
        return json.dumps([getattr(self, name) for name in _FIELDS], default=str, separators=(",", ":"))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def listed_of(entry: PluginEntry) -> PluginEntry:
    """Return of an entry what is shown of it where its README is not; its releases are in the record."""
    return replace(entry, readme="", readmes={}, reviews=(), releases={}, sources={})


_name: Final = lru_cache(Name)  # there are few hosts


_FIELDS: Final = tuple(one.name for one in fields(Glance))
