"""What a change would do, as a value: every plugin before and after, and all that somebody has to agree to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluginry.client.consent import ConsentRequest, PermissionAsk
    from pluginry.client.provenance import ProvenanceLoss
    from pluginry.client.publisher_pins import PublisherChange
    from pluginry.client.resolve import Chosen
    from pluginry.errors import PolicyError
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import InstalledPlugin


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """A plugin before and after a plan: ``before`` is None when it is new, ``after`` when it goes."""

    plugin: PluginId
    before: InstalledPlugin | None
    after: Chosen | None
    manifest: Manifest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A plugin that the machine's policy does not allow as it would come, and the ``error`` that says why."""

    plugin: PluginId
    error: PolicyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would change, what the user is asked, and advisories that only warn. Nothing is changed yet.

    ``base`` is the number of the generation that it starts from, 0 before the first. A change from a version to
    the same version puts back files that were damaged. ``waiting`` plugins stay as they are until somebody agrees
    to what they are ``waiting_for``, to ``waiting_publishers`` or to ``waiting_unproven``, or because the machine's
    policy has ``refused`` them. ``publishers`` are those of the plan itself that are others than before, and
    ``unproven`` what it makes come without the provenance that was there before. ``enabling`` are enabled with it.
    """

    cause: str
    base: int
    changes: tuple[PlannedChange, ...]
    consent: ConsentRequest
    result: tuple[InstalledPlugin, ...]
    warnings: tuple[str, ...] = ()
    waiting: tuple[PluginId, ...] = ()
    waiting_for: tuple[PermissionAsk, ...] = ()
    publishers: tuple[PublisherChange, ...] = ()
    waiting_publishers: tuple[PublisherChange, ...] = ()
    unproven: tuple[ProvenanceLoss, ...] = ()
    waiting_unproven: tuple[ProvenanceLoss, ...] = ()
    refused: tuple[Refusal, ...] = ()
    enabling: frozenset[PluginId] = frozenset()

    def require_allowed(self) -> None:
        """Check that nothing that would change is refused by a policy.

        Raises:
            PolicyError: something is.

        """
        changed = {change.plugin for change in self.changes if change.after}
        for refusal in self.refused:
            if refusal.plugin in changed:
                raise refusal.error
