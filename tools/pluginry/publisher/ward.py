"""Plugins under observation: who of them is bad, what stands in their place, and who may stay as they are.

In: a registry, the findings that block in it, ledgers, the history. Out: for each plugin that was looked at a state
that can be published, or none, and an item that says why. It never judges content itself: that is done by the rules,
which it asks about one plugin alone, and about all of them together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pluginry.encoding.quoting import quoted
from pluginry.model.ledger import Released
from pluginry.model.quarantine import Fault, Quarantined, quarantined_for
from pluginry.publisher.plugin_parts import Kind, Part, blocking_by_part
from pluginry.publisher.plugin_states import alone, apart, together, with_release, without
from pluginry.publisher.registry_layout import listing_file
from pluginry.publisher.rules.naming import ALIAS_TAKEN
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pluginry.model.finding import Finding
    from pluginry.model.ledger import Ledger, Listed
    from pluginry.model.listing import Listing
    from pluginry.model.names import PluginId
    from pluginry.model.registry import PluginEntry
    from pluginry.publisher.loaded_registry import LoadedPlugin, LoadedRegistry
    from pluginry.publisher.past_plugins import PastPlugins, PastState

_IN_NO_COMMIT = 1 << 62
"""Younger than everything that is in one."""


@dataclass(slots=True, kw_only=True)
class Ward:
    """What stands in the place of plugins (``states``, None: nothing), why (``items``); who takes no new releases.

    ``faults`` are all findings that block; what is ``gone`` was published and is not in the registry any more.
    """

    loaded: LoadedRegistry
    ledgers: Mapping[PluginId, Ledger]
    past: PastPlugins
    faults: dict[Part, list[Finding]]
    gone: frozenset[Part]
    states: dict[PluginId, LoadedPlugin | None] = field(default_factory=dict)
    items: dict[Part, Quarantined] = field(default_factory=dict)
    frozen: set[PluginId] = field(default_factory=set)
    _published_states: dict[PluginId, PastState | None] = field(default_factory=dict)

    def together(self) -> LoadedRegistry:
        """Return the registry with what stands in the place of plugins."""
        return together(self.loaded, self.states)

    def judge_each_alone(self) -> None:
        """Replace what is bad by itself, or gone, by what was good by itself."""
        suspects = {part.plugin for part in (*self.faults, *self.gone)}
        for plugin, state in apart(self.loaded, sorted(suspects)).items():
            bad = {*self._own_faults(plugin, state), *(part for part in self.gone if part.plugin == plugin)}
            if state.entry is None or Part(plugin) in bad:
                self._put_back(plugin, self._good_state(plugin))
            else:
                self.states[plugin] = state
                for part in sorted(bad):  # releases before reviews: with its release, a review is right again
                    if part.kind is Kind.RELEASE or part in self._own_faults(plugin, self.states[plugin] or state):
                        self._replace(part)

    def judge_together(self) -> None:
        """Hold back what does not go together with the others and came last; what was published like that stays.

        One after the other, from the oldest claim to the newest, each is tried with all that was there before it.
        """
        while contested := self._contested().keys():
            before = apart(self.together(), {part.plugin for part in contested})
            ages = {part: self._age(part, before[part.plugin]) for part in contested}
            rejected: set[Part] = set()
            for age in sorted({*ages.values()}):
                self._hold_back(rejected | {part for part in contested if ages[part] > age}, before)
                found = self._contested()
                self.faults |= found
                rejected |= {part for part in found if ages.get(part) == age}
            self._hold_back(rejected, before)
            for part in sorted(rejected):
                if part.kind is Kind.LISTING:
                    self._put_back(part.plugin, self._published_state(part.plugin))
                elif Part(part.plugin) not in rejected:
                    self._report(part)

    def _own_faults(self, plugin: PluginId, state: LoadedPlugin) -> dict[Part, list[Finding]]:
        """Return what is wrong with a plugin whatever others do, by part."""
        # Also of plugins that are gone by now somebody could speak with good reason.
        others = {*self.loaded.registry.plugins, *self.ledgers}
        found = blocking_by_part((*state.findings, *validate(alone(self.loaded, plugin, state, others=others))))
        return {part: findings for part, findings in found.items() if part.plugin == plugin}

    def _contested(self) -> dict[Part, list[Finding]]:
        """Return what is wrong now with parts that were never published as they are, by part."""
        now = self.together()
        found = blocking_by_part((*validate(now), *self._taken_from_absent_plugins(now)))
        plugins = now.registry.plugins
        return {part: findings for part, findings in found.items() if not self._is_settled(part, plugins[part.plugin])}

    def _taken_from_absent_plugins(self, now: LoadedRegistry) -> Iterator[Finding]:
        """Yield aliases that are another plugin's which is only left out for the time being: they are not free."""
        absent = [ledger for plugin in self.states if (ledger := self._published(plugin)) and not self.states[plugin]]
        owners = {alias.casefold(): one.id for one in absent if one.standing for alias in one.standing.aliases}
        for entry in now.registry.plugins.values() if owners else ():
            for index, alias in enumerate(entry.listing.aliases):
                if owner := owners.get(alias.casefold()):
                    where = now.locate(listing_file(entry), ("aliases", index))
                    yield ALIAS_TAKEN.finding(where, f"the alias {quoted(alias)} is also claimed by {owner}")

    def _is_settled(self, part: Part, entry: PluginEntry) -> bool:
        """Return whether the ledger knows a part as it is: then it is not at fault for what others did later."""
        ledger = self._published(part.plugin)
        if ledger is None or part.kind is Kind.REVIEW:
            return False
        return part.version in ledger.releases if part.kind is Kind.RELEASE else self._is_as_published(entry)

    def _is_as_published(self, entry: PluginEntry) -> bool:
        """Return whether a listing claims what the ledger says of its plugin: all that can be in the way of others."""
        ledger = self._published(entry.id)
        return ledger is not None and ledger.standing is not None and _claim(ledger.standing) == _claim(entry.listing)

    def _published(self, plugin: PluginId) -> Ledger | None:
        ledger = self.ledgers.get(plugin)
        return ledger if ledger is not None and ledger.releases else None

    def _age(self, part: Part, state: LoadedPlugin) -> int:
        """Return the position of the commit since which a part is as in `state`, as far as others can be in its way."""

        def is_same(past: PastState) -> bool:
            return past.loaded.entry is not None and _essence(part, past.loaded.entry) == now

        now = _essence(part, state.entry) if state.entry else None
        position = self.past.standing_since(part.plugin, is_same)
        return _IN_NO_COMMIT if position is None else position

    def _hold_back(self, parts: Iterable[Part], before: Mapping[PluginId, LoadedPlugin]) -> None:
        """Let plugins stand as they were `before`, but for some `parts`: a listing goes back to what was published."""
        self.states |= before
        for part in sorted(parts):
            if part.kind is Kind.LISTING:
                past = self._published_state(part.plugin)
                self.states[part.plugin] = past.loaded if past else None
            elif state := self.states[part.plugin]:
                self.states[part.plugin] = without(state, part)

    def _published_state(self, plugin: PluginId) -> PastState | None:
        """Return the newest good state of a plugin that claims what the ledger says of it."""
        if plugin not in self._published_states:
            self._published_states[plugin] = self._good_state(plugin, self._is_as_published)
        return self._published_states[plugin]

    def _replace(self, part: Part) -> None:
        """Replace a release by its last good state if it was published; without one, and a review, leave it out."""
        state, ledger = self.states[part.plugin], self._published(part.plugin)
        if state is None:
            return
        self.states[part.plugin] = without(state, part)
        kept = "" if part.version else "everything else of it"
        if ledger is not None and part.version in ledger.releases:
            kept = "as it was published"
            for past in self.past.states(part.plugin):
                entry = past.loaded.entry
                if entry and part.version in entry.releases and part not in self._own_faults(entry.id, past.loaded):
                    self.states[part.plugin] = with_release(state, part, past.loaded)
                    kept = past.words
                    break
        self._report(part, kept)

    def _put_back(self, plugin: PluginId, past: PastState | None) -> None:
        """Let an earlier state stand for a plugin, or nothing."""
        self.states[plugin] = past.loaded if past else None
        if past:
            self.frozen.add(plugin)
        self._report(Part(plugin), past.words if past else "")

    def _good_state(self, plugin: PluginId, fits: Callable[[PluginEntry], bool] = lambda _: True) -> PastState | None:
        """Return the newest good state of a plugin that was published, without the releases that are bad in it."""
        if self._published(plugin) is None:
            return None
        for past, was_released in self._candidates(plugin):
            entry, faults = past.loaded.entry, self._own_faults(plugin, past.loaded)
            is_good = was_released or Part(plugin) not in faults
            if entry is not None and is_good and fits(entry):
                state = past.loaded
                for part in faults:
                    state = without(state, part)
                return replace(past, loaded=state)
        return None

    def _candidates(self, plugin: PluginId) -> Iterator[tuple[PastState, bool]]:
        """Yield earlier states, newest first; at last the one released from, good under the rules of then."""
        yield from ((past, False) for past in self.past.states(plugin))
        reserved = self.loaded.registry.reserved
        if plugin in {gone.id for gone in reserved.tombstones}:
            return
        if plugin.namespace in {name.name for name in reserved.namespaces}:
            return
        releases = [event for event in self.ledgers[plugin].events if isinstance(event, Released)]
        released = self.past.state_at(plugin, releases[-1].registry_commit)
        if released is not None:
            yield released, True

    def _report(self, part: Part, kept: str = "") -> None:
        """Say of a part why it is in quarantine, and of a plugin also what is wrong with the rest of it."""
        whole = part.kind is Kind.LISTING
        findings = [
            finding
            for one in sorted(self.faults)
            if one == part or (whole and one.plugin == part.plugin)
            for finding in self.faults[one]
        ]
        gone = "it is not in the registry any more"
        item = Quarantined(id=part.plugin, version=part.version, kind=Fault.AUTHOR, reason=gone, kept=kept)
        if findings and part not in self.gone:
            item = quarantined_for(findings, plugin=part.plugin, version=part.version, part=part.file, kept=kept)
        if whole and not kept and self._published(part.plugin) is not None:
            item = replace(item, reason=f"{item.reason}; {self.past.why_nothing()}")
        self.items[part] = item


def _claim(of: Listed | Listing) -> tuple[object, ...]:
    return (of.status, of.publisher, of.replaced_by, of.aliases)


def _essence(part: Part, entry: PluginEntry) -> object:
    """Return what of a part can be in the way of other plugins."""
    if part.kind is Kind.LISTING:
        return _claim(entry.listing)
    version = part.version
    if part.kind is Kind.REVIEW or version is None:
        return None
    return entry.releases.get(version), entry.sources.get(version)
