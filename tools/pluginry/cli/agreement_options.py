"""The options with which the user agrees beforehand: to permissions, to other publishers, to less proof than before.

In: options of a command. Out: an `Agreement`, and the plan carried out under it. Nothing is agreed to by silence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.plugin_argument import InstalledPluginId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pluginry.cli.console import Console
    from pluginry.client.health import HealthCheck
    from pluginry.client.marketplace import Marketplace
    from pluginry.client.plan import Plan
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Generation

dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What the user agrees to: permissions as ``type:scope``, and plugins by id."""

    accepted: tuple[str, ...] = ()
    accepted_publishers: tuple[PluginId, ...] = ()
    accepted_unproven: tuple[PluginId, ...] = ()

    @classmethod
    def of(
        cls, *, accepted: tuple[str, ...], publishers: tuple[PluginId, ...], unproven: tuple[PluginId, ...]
    ) -> Agreement:
        """Return what the options say; a permission with a comma in its scope can be given on its own."""
        listed = tuple(word.strip() for one in accepted for word in (one, *one.split(",")))
        return cls(accepted=listed, accepted_publishers=publishers, accepted_unproven=unproven)

    def and_to(self, permissions: Iterable[str]) -> Agreement:
        """Return this with more `permissions`."""
        return replace(self, accepted=(*self.accepted, *permissions))

    def plan_update(self, marketplace: Marketplace, plugins: Iterable[PluginId]) -> Plan:
        """Return what updating `plugins` would change under this."""
        return marketplace.plan_update(
            plugins,
            accepted=self.accepted,
            accepted_publishers=self.accepted_publishers,
            accepted_unproven=self.accepted_unproven,
        )

    def apply(
        self,
        plan: Plan,
        marketplace: Marketplace,
        console: Console,
        *,
        enable: bool = False,
        stage: bool = False,
        healthy: HealthCheck | None = None,
    ) -> Generation:
        """Carry out `plan` under this, showing how far it got; see `Marketplace.apply`."""
        platform = marketplace.home.config().platform
        artifacts = [change.after.release.artifact_for(platform) for change in plan.changes if change.after]
        with console.progress("installing", total=sum(artifact.size for artifact in artifacts if artifact)) as advance:
            return marketplace.apply(
                plan,
                accepted=self.accepted,
                accepted_publishers=self.accepted_publishers,
                accepted_unproven=self.accepted_unproven,
                enable=enable,
                stage=stage,
                healthy=healthy,
                progress=advance,
            )


def agreement_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the options of an agreement, as the arguments of `Agreement.of`."""
    options = (
        click.option(
            "--accept-permissions",
            "accepted",
            metavar="LIST",
            multiple=True,
            help="Permissions that you agree to, as in 'mail.headers:inbound,network:example.com:443'.",
        ),
        click.option(
            "--accept-publisher",
            "publishers",
            type=InstalledPluginId(),
            metavar="ID",
            multiple=True,
            help="A plugin that may come from the publisher it was handed over to.",
        ),
        click.option(
            "--accept-no-provenance",
            "unproven",
            type=InstalledPluginId(),
            metavar="ID",
            multiple=True,
            help="A plugin that may come without the provenance it had.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
