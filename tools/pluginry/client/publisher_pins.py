"""Whether a plugin still comes from the publisher that it came from when it was installed.

In: a plugin's record, and the publisher that was remembered. Out: what changed, or the refusal. Whoever takes over an
account or a registry can name himself as publisher; those who trust the old one must hear of it. It does no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.index import PluginRecord
    from pluginry.model.ledger import Transferred
    from pluginry.model.names import PluginId
    from pluginry.model.publisher import Publisher


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherChange:
    """A plugin's publisher is another one (None: nobody) than when it was installed.

    ``transfers`` lead from the one to the other, as the marketplace announced them; none, when it did not.
    """

    plugin: PluginId
    before: Publisher
    after: Publisher | None
    transfers: tuple[Transferred, ...]

    @property
    def says(self) -> str:
        """What changed, in a sentence."""
        after = f"{self.after.repository} ({self.after.workflow})" if self.after else "nobody"
        announced = "; ".join(transfer.reason for transfer in self.transfers) or "no transfer was announced"
        return f"its publisher was {self.before.repository} ({self.before.workflow}) and is now {after}: {announced}"


def publisher_change(record: PluginRecord, pinned: Publisher | None) -> PublisherChange | None:
    """Return how the publisher of `record` differs from the remembered one; None when it does not, or none was."""
    if pinned is None or (record.publisher and record.publisher.is_same_as(pinned)):
        return None
    return PublisherChange(
        plugin=record.id, before=pinned, after=record.publisher, transfers=_transfers_between(record, pinned)
    )


def refuse_strangers(changes: Iterable[PublisherChange], *, accepted: Iterable[PluginId]) -> None:
    """Refuse plugins of other publishers than before, unless the transfer was announced and the user agreed.

    Raises:
        PolicyError: there is one.

    """
    agreed = frozenset(accepted)
    for change in changes:
        if not is_agreed(change, agreed):
            raise PolicyError(
                f"{change.plugin} comes from another publisher than before",
                why=change.says,
                hint=f"if you trust the new publisher, pass --accept-publisher {change.plugin}"
                if change.transfers
                else "what is installed keeps running; ask the marketplace's owner why it changed",
            )


def is_agreed(change: PublisherChange, accepted: frozenset[PluginId]) -> bool:
    """Return whether a change was announced by the marketplace and agreed to by the user."""
    return bool(change.transfers) and change.plugin in accepted


def _transfers_between(record: PluginRecord, pinned: Publisher) -> tuple[Transferred, ...]:
    """Return the announced transfers that lead from the pinned publisher to the present one, or none."""
    holder, way = pinned, []
    for transfer in record.transfers:
        if transfer.previous.is_same_as(holder):
            way.append(transfer)
            holder = transfer.publisher
    return tuple(way) if record.publisher and record.publisher.is_same_as(holder) else ()
