"""Plugin ids on the command line: how they are written, and how a shell completes them.

In: words, and the home of the command. Out: ids and wishes as values. Completion reads what is cached in the home
and never the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.shell_completion import CompletionItem

from pluginry.cli.home_option import default_home
from pluginry.errors import DocumentError, PluginryError, TransportError
from pluginry.model.names import PluginId
from pluginry.model.versions import EVERY_VERSION, Version, VersionRange

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

_COMPLETED = 100
"""So many ids a shell offers at once."""
_COMPARATORS = ("<", ">", "=", "!", "*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginAt:
    """``ID``, ``ID@VERSION`` or ``ID@RANGE``; a single version is the range ``==VERSION``."""

    plugin: PluginId
    versions: VersionRange = EVERY_VERSION

    @classmethod
    def parse(cls, text: str) -> PluginAt:
        """Return what `text` says.

        Raises:
            DocumentError: it is not of one of the three forms.

        """
        plugin, at, versions = text.partition("@")
        if not at:
            return cls(plugin=PluginId.parse(plugin))
        if versions.startswith(_COMPARATORS):
            return cls(plugin=PluginId.parse(plugin), versions=VersionRange(versions))
        return cls(plugin=PluginId.parse(plugin), versions=VersionRange(f"=={Version(versions)}"))


class ListedPlugin(click.ParamType):  # type: ignore[type-arg]  # generic only in the newest click
    """The id of a plugin of the marketplace."""

    name = "ID"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the id written as `value`, or end with click's usage error."""
        try:
            return self._parse(value) if isinstance(value, str) else value
        except DocumentError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the known ids that begin with `incomplete`."""
        before = ctx.params.get(param.name or "")
        taken = {str(getattr(one, "plugin", one)) for one in (before if isinstance(before, tuple) else ())}
        try:
            words = self._known(_offline(ctx.params.get("home") or default_home()), incomplete)
        except (PluginryError, OSError):
            return []  # a shell that completes is no place for bad news
        return [
            CompletionItem(word, help=says)
            for word, says in words.items()
            if word.startswith(incomplete) and word not in taken
        ]

    def _parse(self, text: str) -> PluginId | PluginAt:
        return PluginId.parse(text)

    def _known(self, marketplace: Marketplace, incomplete: str) -> dict[str, str]:
        return {str(found.id): found.summary for found in marketplace.search(incomplete)[:_COMPLETED]}


class WantedPlugin(ListedPlugin):
    """A plugin of the marketplace, with or without versions."""

    name = "ID[@VERSION]"

    def _parse(self, text: str) -> PluginAt:
        return PluginAt.parse(text)


class InstalledPluginId(ListedPlugin):
    """The id of an installed plugin."""

    def _known(self, marketplace: Marketplace, incomplete: str) -> dict[str, str]:  # noqa: ARG002 - there are few
        return {str(plugin): str(found.version) for plugin, found in marketplace.home.installed().items()}


class _NoConnections:
    """The `Connector` of a client that stays by itself."""

    def transport(self, location: str, access: object = None) -> NoReturn:  # noqa: ARG002 - the port's
        raise TransportError("completion does not use the network", where=location)

    def metadata(self, folder: Path, *, root: bytes, transport: object) -> NoReturn:  # noqa: ARG002 - the port's
        raise TransportError("completion does not use the network")

    def time_limit(self, seconds: float) -> NoReturn:  # noqa: ARG002 - the port's
        raise TransportError("completion does not use the network")

    def verifier(self) -> NoReturn:
        raise TransportError("completion does not use the network")


def _offline(home: Path) -> Marketplace:
    from pluginry.client.marketplace import Marketplace
    from pluginry.client.plugin_home import PluginHome

    return Marketplace(home=PluginHome(home), connector=_NoConnections(), now=lambda: datetime.now(UTC))
