"""``plugins.toml`` and ``plugins.lock``: what somebody wants installed, and the exact answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pluginry.model.channel import Channel
from pluginry.model.ledger import ArtifactFact
from pluginry.model.names import PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.receipt import SourceConfig
from pluginry.model.versions import EVERY_VERSION, Version, VersionRange


@dataclass(frozen=True, slots=True, kw_only=True)
class IntendedPlugin:
    """How a plugin is wanted: which versions, from which channel, and whether the host shall load it.

    An exact version (``==1.2.3``) is a hold: updates leave it alone.
    """

    versions: VersionRange = EVERY_VERSION
    channel: Channel = Channel.STABLE
    enabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """``plugins.toml``: ``sources`` that must be there with these roots of trust, and the plugins that are wanted."""

    schema: int = field(default=1, metadata={"always": True})
    sources: tuple[SourceConfig, ...] = ()
    plugins: Mapping[PluginId, IntendedPlugin] = field(
        default_factory=lambda: MappingProxyType({}), metadata={"always": True}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPlugin:
    """A plugin of ``plugins.lock``: its release with the packages for all platforms, and what was agreed to.

    ``source`` is the name of the source that serves it, ``publisher`` who answered for it then.
    """

    id: PluginId
    version: Version
    source: str
    artifacts: tuple[ArtifactFact, ...]
    publisher: Publisher | None = None
    granted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """``plugins.lock``."""

    schema: int = field(default=1, metadata={"always": True})
    plugins: tuple[LockedPlugin, ...] = field(default=(), metadata={"always": True})

    @property
    def versions(self) -> Mapping[PluginId, Version]:
        """The locked version of each plugin."""
        return {locked.id: locked.version for locked in self.plugins}

    @property
    def granted(self) -> Mapping[PluginId, tuple[str, ...]]:
        """The permissions of each plugin that were agreed to when it was written; they are no other plugin's."""
        return {locked.id: locked.granted for locked in self.plugins}
