"""Whether a plugin still comes from the publisher and the marketplace that it came from when it was installed.

In: a plugin's record, and what was remembered: the receipt, the pinned publisher. Out: what changed, or the refusal.
Whoever takes over an account or a registry can name himself as publisher, and another marketplace whomever it likes;
those who trust the old one must hear of it. It does no I/O.
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
    from pluginry.model.receipt import Receipt, SourceConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherChange:
    """A plugin's publisher is another one (None: nobody) than when it was installed, or its marketplace is.

    ``transfers`` lead from the one to the other, as the marketplace announced them; none, when it did not. ``moved``
    are the sources it came and comes from when those are two marketplaces: no announcement of the new one counts then.
    """

    plugin: PluginId
    before: Publisher | None
    after: Publisher | None
    transfers: tuple[Transferred, ...] = ()
    moved: tuple[str, str] | None = None

    @property
    def can_be_agreed_to(self) -> bool:
        """Whether it is up to the user: the marketplace announced it, or he chose another marketplace himself."""
        return bool(self.transfers or self.moved)

    @property
    def says(self) -> str:
        """What changed, in a sentence."""
        publishers = f"its publisher was {_named(self.before)} and is now {_named(self.after)}"
        if self.moved:
            return f"it was installed from the source {self.moved[0]}, and {self.moved[1]} serves it now; {publishers}"
        announced = "; ".join(transfer.reason for transfer in self.transfers) or "no transfer was announced"
        return f"{publishers}: {announced}"


def source_change(record: PluginRecord, receipt: Receipt | None, source: SourceConfig) -> PublisherChange | None:
    """Return how `source`, which serves `record`, is another marketplace than the one in the receipt; None if not."""
    if receipt is None or source.is_where(receipt):
        return None
    moved = (receipt.source, source.name)
    return PublisherChange(plugin=record.id, before=receipt.publisher, after=record.publisher, moved=moved)


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
                f"{change.plugin} comes from another {'marketplace' if change.moved else 'publisher'} than before",
                why=change.says,
                hint=f"if you trust the new publisher, pass --accept-publisher {change.plugin}"
                if change.can_be_agreed_to
                else "what is installed keeps running; ask the marketplace's owner why it changed",
            )


def is_agreed(change: PublisherChange, accepted: frozenset[PluginId]) -> bool:
    """Return whether a change is one that the user may agree to, and did."""
    return change.can_be_agreed_to and change.plugin in accepted


def _named(publisher: Publisher | None) -> str:
    return f"{publisher.repository} ({publisher.workflow})" if publisher else "nobody"


def _transfers_between(record: PluginRecord, pinned: Publisher) -> tuple[Transferred, ...]:
    """Return the announced transfers that lead from the pinned publisher to the present one, or none."""
    holder, way = pinned, []
    for transfer in record.transfers:
        if transfer.previous.is_same_as(holder):
            way.append(transfer)
            holder = transfer.publisher
    return tuple(way) if record.publisher and record.publisher.is_same_as(holder) else ()
