"""A plugin as it is listed, and the namespaces and accounts behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from pluginry.model.names import Name, PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.status import Status

MIRROR: Final = "mirror"  # the status of a namespace for plugins of another registry


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Account:
    """An account at the forge; ``id`` counts, ``login`` is for people."""

    login: str = field(compare=False)
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """An announcement that the ``previous`` publisher of a plugin handed it over, and the reason in a line."""

    previous: Publisher
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseKey:
    """How paid plugins are unlocked: ``public_key`` is 32 bytes in base64."""

    algorithm: str
    public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """What a plugin costs; ``amount`` is a decimal number in ``currency`` (ISO 4217)."""

    model: str
    amount: str = ""
    currency: str = ""
    trial_days: int = 0
    license_key: LicenseKey | None = None
    checkout_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screenshot:
    """A picture in the plugin's registry folder, and what it shows in words."""

    file: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalText:
    """A listing text in another language."""

    name: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingOrigin:
    """The registry that a mirrored plugin comes from, and its name there."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFeed:
    """Where new releases show themselves: ``tags`` of the plugin's repository that look like ``pattern``."""

    source: str = field(metadata={"key": "from"})
    pattern: str = "v{version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """``listing.yaml``; its texts and the README are in ``language``, or in the marketplace's when that is empty."""

    schema: int = field(default=1, metadata={"always": True})
    name: str
    summary: str
    hosts: tuple[Name, ...]
    categories: tuple[str, ...]
    license: str
    owners: tuple[Account, ...]
    sources: tuple[str, ...]
    status: Status
    tags: tuple[str, ...] = ()
    homepage: str = ""
    source: str = ""
    issues: str = ""
    publisher: Publisher | None = None
    releases: ReleaseFeed | None = None
    transfer: Transfer | None = None
    reason: str = ""
    replaced_by: PluginId | None = None
    aliases: tuple[str, ...] = ()
    pricing: Pricing | None = None
    screenshots: tuple[Screenshot, ...] = ()
    related: tuple[PluginId, ...] = ()
    language: str = ""
    locales: Mapping[str, LocalText] = field(default_factory=lambda: MappingProxyType({}))
    origin: ListingOrigin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How a claim to a namespace was proved."""

    kind: str
    value: str
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """``namespaces/<namespace>.yaml``."""

    schema: int = field(default=1, metadata={"always": True})
    namespace: Name
    title: str
    owners: tuple[Account, ...]
    proof: Proof
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """``reviews/<forge-id>.yaml``: ``rating`` from 1 to 5."""

    schema: int = field(default=1, metadata={"always": True})
    author: Account
    version: str
    rating: int
    written_at: datetime
    text: str = ""
