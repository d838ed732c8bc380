"""Stage *quarantine*: from a registry with bad plugins to one in which every plugin is good, or is as it was published.

In: the registry's folder, the ledgers, the history. Out: a `SoundRegistry`. What is bad by itself is replaced by its
last good state in git: the whole folder of a plugin whose listing is bad, or only one release of it. Where plugins are
good by themselves and cannot both be published, what the ledger knows stands, and of the others those lose that came
last. It is a pure function of registry, history and ledgers, and never looks at what is published.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pluginry.encoding import strict_yaml
from pluginry.errors import DocumentError
from pluginry.model.finding import Severity
from pluginry.model.quarantine import Quarantined, clipped, quarantined_for
from pluginry.model.status import Status
from pluginry.publisher.collector import uncollected
from pluginry.publisher.known_plugins import NOBODY_KNOWN
from pluginry.publisher.load import load_registry
from pluginry.publisher.past_plugins import PastPlugins
from pluginry.publisher.plugin_parts import PLUGINS_FOLDER, Kind, Part, blocking_by_part, part_of
from pluginry.publisher.validate import validate
from pluginry.publisher.ward import Ward

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pluginry.model.finding import Finding
    from pluginry.model.ledger import Ledger
    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry
    from pluginry.ports import GitHistory
    from pluginry.publisher.known_plugins import KnownPlugins
    from pluginry.publisher.loaded_registry import LoadedRegistry
    from pluginry.publisher.registry_files import Parse


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundRegistry:
    """A registry that can be published, and what it took.

    Of plugins that are ``frozen`` nothing new is released: what stands for them is an earlier state. ``tolerated`` are
    findings that block in a check, but are about what was published like that: others changed, or the rules.
    """

    registry: Registry
    quarantined: tuple[Quarantined, ...] = ()
    frozen: frozenset[PluginId] = frozenset()
    tolerated: tuple[Finding, ...] = ()

    @property
    def unsound(self) -> frozenset[PluginId]:
        """The plugins of which something is not as it is in the folder, or would not be taken as it is today."""
        parts = (part_of(finding.where.file) for finding in self.tolerated)
        items = (item.id for item in self.quarantined)
        return self.frozen | {plugin for plugin in items if plugin} | {part.plugin for part in parts if part}


@uncollected()
def sound_registry(
    folder: Path,
    *,
    ledgers: Mapping[PluginId, Ledger],
    history: GitHistory,
    parse: Parse = strict_yaml.parse,
    known: KnownPlugins = NOBODY_KNOWN,
) -> SoundRegistry:
    """Return the registry in `folder`, read with `parse`, with everything that cannot be published in quarantine.

    Plugins that are settled, as far as is `known`, are neither read nor judged while nothing blocks: else all are.

    Raises:
        DocumentError: a finding blocks that is not about a plugin: it concerns everybody.
        TransportError: git does not answer.

    """
    if known.settled:
        loaded = load_registry(folder, parse, known)
        near = replace(loaded, registry=known.concerned(loaded.registry))
        unsettled = {plugin: ledger for plugin in ledgers if plugin not in known and (ledger := ledgers[plugin])}
        if not _blocking(near) and not any(_gone(loaded.registry, unsettled)):
            return SoundRegistry(registry=loaded.registry)
    loaded = load_registry(folder, parse)
    blocking = _blocking(loaded)
    gone = frozenset(_gone(loaded.registry, ledgers))
    if not blocking and not gone:
        return SoundRegistry(registry=loaded.registry)
    everybodys = [finding for finding in blocking if not finding.where.file.startswith(PLUGINS_FOLDER)]
    _refuse((finding for finding in everybodys if finding in loaded.findings), folder)
    faults = blocking_by_part(blocking)
    ward = Ward(loaded=loaded, ledgers=ledgers, past=PastPlugins(history), faults=faults, gone=gone)
    ward.judge_each_alone()
    ward.judge_together()
    final = ward.together()
    left = tuple(finding for finding in validate(final) if finding.severity is Severity.BLOCKS)
    # What a plugin in quarantine made wrong elsewhere (an advisory about it) is right again with its last good state.
    _refuse((finding for finding in everybodys if finding in left), folder)
    stray = (quarantined_for([finding], part=_below_plugins(finding)) for finding in blocking if _is_stray(finding))
    return SoundRegistry(
        registry=final.registry,
        quarantined=tuple(sorted((*ward.items.values(), *stray), key=_in_order)),
        frozen=frozenset(ward.frozen),
        tolerated=tuple(f for f in left if (part := part_of(f.where.file)) is not None and part not in ward.items),
    )


def _blocking(loaded: LoadedRegistry) -> list[Finding]:
    return [f for f in (*loaded.findings, *validate(loaded)) if f.severity is Severity.BLOCKS]


def _refuse(findings: Iterable[Finding], folder: Path) -> None:
    found = tuple(findings)
    if found:
        raise DocumentError(
            f"the registry has {len(found)} findings that block and concern everybody",
            where=str(found[0].where),
            why=found[0].message,
            hint=f"see all of them with `pluginry check {folder}`",
        )


def _gone(registry: Registry, ledgers: Mapping[PluginId, Ledger]) -> Iterator[Part]:
    """Yield what was published and is not in the registry any more, though nobody said that it is removed."""
    tombstones = {tombstone.id for tombstone in registry.reserved.tombstones}
    for plugin, ledger in ledgers.items():
        entry = registry.plugins.get(plugin)
        if entry is None:
            if ledger.releases and plugin not in tombstones:
                yield Part(plugin)
        elif entry.listing.status is not Status.REMOVED:
            for version in ledger.releases.keys() - entry.releases.keys():
                yield Part(plugin, Kind.RELEASE, str(version))


def _is_stray(finding: Finding) -> bool:
    return finding.where.file.startswith(PLUGINS_FOLDER) and part_of(finding.where.file) is None


def _below_plugins(finding: Finding) -> str:
    return clipped(finding.where.file.removeprefix(PLUGINS_FOLDER))


def _in_order(item: Quarantined) -> tuple[str, str, str]:
    return (str(item.id or ""), str(item.version or ""), item.part)
