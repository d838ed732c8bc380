"""Find plugins in the catalogue: one definition of what matches and what comes first.

In: summaries of plugins, words, filters. Out: summaries, best first. It needs no network and no index of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.model.listing import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pluginry.model.index import PluginSummary
    from pluginry.model.names import Name, Platform
    from pluginry.model.release import Channel

# What a word may match, and how much that counts: the site's search uses the same order.
EXACT_ID, EXACT_NAME, IN_NAME, IN_TAGS, IN_SUMMARY = 100, 80, 40, 20, 10
_PREFIX_BONUS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What every result must satisfy. ``without_permission`` leaves out plugins that ask for it."""

    host: Name | None = None
    category: str = ""
    tag: str = ""
    license: str = ""
    platform: Platform | None = None
    channel: Channel | None = None
    without_permission: tuple[str, ...] = ()
    include_inactive: bool = False


def search(plugins: Iterable[PluginSummary], text: str, filters: Filters) -> tuple[PluginSummary, ...]:
    """Return those of `plugins` that match every word of `text` and all `filters`, best first, then by id."""
    words = normalised(text).split()
    scored = ((score, plugin) for plugin in plugins if passes(plugin, filters) and (score := rank(plugin, words)))
    return tuple(plugin for _, plugin in sorted(scored, key=lambda pair: (-pair[0], pair[1].id)))


def passes(plugin: PluginSummary, filters: Filters) -> bool:
    """Return whether `plugin` satisfies `filters`."""
    if not filters.include_inactive and plugin.status in (Status.DEPRECATED, Status.REMOVED):
        return False
    checks = (
        filters.host is None or filters.host in plugin.hosts,
        not filters.category or filters.category in plugin.categories,
        not filters.tag or filters.tag in plugin.tags,
        not filters.license or filters.license.casefold() in plugin.license.casefold(),
        filters.platform is None or bool({"any", filters.platform} & set(plugin.platforms)),
        filters.channel is None or filters.channel in plugin.channels,
        not set(filters.without_permission) & set(plugin.permissions),
    )
    return all(checks)


def rank(plugin: PluginSummary, words: Sequence[str]) -> int:
    """Return how well `plugin` answers the normalised `words`; 0 when one of them matches nothing."""
    total = 1 + _rank_phrase(plugin, " ".join(words))
    for word in words:
        score = _rank_word(plugin, word)
        if not score:
            return 0
        total += score
    return total


def normalised(text: str) -> str:
    """Return `text` as it is compared: case folded, and ``-``, ``_``, ``/`` and ``.`` like blanks."""
    return " ".join(text.casefold().translate(_SEPARATORS).split())


_SEPARATORS = str.maketrans("-_/.", "    ")


def _rank_phrase(plugin: PluginSummary, phrase: str) -> int:
    if phrase in (normalised(plugin.id.name), normalised(str(plugin.id))):
        return EXACT_ID
    return EXACT_NAME if phrase == normalised(plugin.name) else 0


def _rank_word(plugin: PluginSummary, word: str) -> int:
    own, name = normalised(plugin.id.name), normalised(plugin.name)
    names = f"{own} {name} {normalised(plugin.id.namespace)} {normalised(' '.join(plugin.aliases))}"
    if word in names:
        return IN_NAME + (_PREFIX_BONUS if any(part.startswith(word) for part in names.split()) else 0)
    if any(word in normalised(tag) for tag in (*plugin.tags, *plugin.categories, *plugin.hosts)):
        return IN_TAGS
    return IN_SUMMARY if word in normalised(plugin.summary) else 0
