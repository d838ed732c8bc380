"""Which host application a plugin home serves."""

from __future__ import annotations

from dataclasses import dataclass, field

from pluginry.model.names import ANY_PLATFORM, Name, Platform
from pluginry.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeConfig:
    """``home.toml``. Without a host, plugins of every host are offered."""

    schema: int = field(default=1, metadata={"always": True})
    host: Name | None = None
    host_version: Version | None = None
    platform: Platform = ANY_PLATFORM
