"""Names that people mistake for other names: typing errors, look-alike characters, swapped words.

Compared are plugins of different namespaces, because within one namespace nobody can pretend to be somebody else.
Two plugins that list each other under ``related`` know of each other and are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, TypeVar

from pluginry.encoding.quoting import enumerated, quoted
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.model.finding import Finding
    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry
    from pluginry.publisher.loaded_registry import Locate

NAME = Rule(
    id="look-alikes.name",
    title="The name looks like that of a plugin in another namespace",
    why="Users who mistype or misread a name must not end up with somebody else's plugin.",
    fix="choose a clearly different name; plugins that belong together list each other under related",
    severity=Severity.NEEDS_REVIEW,
)
NAMESPACE = Rule(
    id="look-alikes.namespace",
    title="The namespace looks like another one",
    why="Users who mistype or misread a namespace must not end up with somebody else's plugins.",
    fix="choose a clearly different namespace",
    severity=Severity.NEEDS_REVIEW,
)
TITLE = Rule(
    id="look-alikes.title",
    title="The display name is that of a plugin in another namespace",
    why="In the catalogue users see display names first.",
    fix="choose another display name; plugins that belong together list each other under related",
    severity=Severity.NEEDS_REVIEW,
)
MIXED_SCRIPTS = Rule(
    id="look-alikes.mixed-scripts",
    title="A word of the display name mixes letters of several scripts",
    why="A Cyrillic or Greek letter among Latin ones looks the same and makes another name.",
    fix="write each word in one script",
    severity=Severity.NEEDS_REVIEW,
)
RULES = (NAME, NAMESPACE, TITLE, MIXED_SCRIPTS)

Key = TypeVar("Key")

_SHORTEST_FOR_TYPING_ERRORS = 5  # of shorter names, too many are one letter apart by chance
_LOOKS_LIKE = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("8", "b"))
_SCRIPTS_THAT_LOOK_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about names, namespaces and display names."""
    yield from _names(registry, locate)
    yield from _namespaces(registry, locate)
    yield from _titles(registry, locate)
    for entry in registry.plugins.values():
        if mixed := _mixed_word(entry.listing.name):
            where = locate(registry_layout.listing_file(entry), ("name",))
            yield MIXED_SCRIPTS.finding(where, f"the word {quoted(mixed)} mixes letters of several scripts")


def _names(registry: Registry, locate: Locate) -> Iterator[Finding]:
    tombstones = {tombstone.id: tombstone.id.name for tombstone in registry.reserved.tombstones}
    similar = _similar({plugin: plugin.name for plugin in registry.plugins} | tombstones)
    for entry in registry.plugins.values():
        others = [other for other in similar.get(entry.id, ()) if other.namespace != entry.id.namespace]
        if others := [other for other in others if not _know_each_other(registry, entry.id, other)]:
            message = f"{quoted(entry.id.name)} can be mistaken for {enumerated(map(str, others), joint='and')}"
            yield NAME.finding(locate(registry_layout.listing_file(entry)), message)


def _namespaces(registry: Registry, locate: Locate) -> Iterator[Finding]:
    reserved = {name.name for name in registry.reserved.namespaces}
    similar = _similar({str(name): str(name) for name in {*registry.namespaces, *reserved}})
    for name in registry.namespaces:
        if name in similar and name not in reserved:
            where = locate(f"namespaces/{name}{registry_layout.YAML_SUFFIX}", ("namespace",))
            others = enumerated(map(quoted, similar[name]), joint="and")
            yield NAMESPACE.finding(where, f"{quoted(name)} can be mistaken for {others}")


def _titles(registry: Registry, locate: Locate) -> Iterator[Finding]:
    by_title: dict[str, list[PluginId]] = {}
    for entry in registry.plugins.values():
        by_title.setdefault(plain_title(entry.listing.name), []).append(entry.id)
    for plugins in by_title.values():
        for plugin in plugins:
            others = [other for other in plugins if other.namespace != plugin.namespace]
            if others := [other for other in others if not _know_each_other(registry, plugin, other)]:
                entry = registry.plugins[plugin]
                names = enumerated(map(str, others), joint="and")
                message = f"{quoted(entry.listing.name)} is also the display name of {names}"
                yield TITLE.finding(locate(registry_layout.listing_file(entry), ("name",)), message)


def _know_each_other(registry: Registry, one: PluginId, other: PluginId) -> bool:
    """Return whether both owners say that the plugins belong together; one of them alone could say anything."""
    entries = registry.plugins
    return (
        one in entries
        and other in entries
        and one in entries[other].listing.related
        and other in entries[one].listing.related
    )


def looks_like(one: str, other: str) -> bool:
    """Return whether two names of plugins or namespaces can be taken for each other."""
    return _any_alike(_skeletons(one), _skeletons(other))


def plain_title(title: str) -> str:
    """Return what display names that read the same have in common."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", title).casefold())


def _similar(names: Mapping[Key, str]) -> Mapping[Key, list[Key]]:
    """Return for each key the others whose names look alike, sorted; in time that grows with their number only."""
    first: dict[str, Key] = {}
    shared: dict[str, list[Key]] = {}  # few traces are: there is a list for each of those only
    skeletons = {key: _skeletons(name) for key, name in names.items()}
    for key, own in skeletons.items():
        for trace in {trace for skeleton in own for trace in _traces(skeleton)}:
            if (other := first.setdefault(trace, key)) is not key:
                shared.setdefault(trace, [other]).append(key)
    found: dict[Key, set[Key]] = {}
    for keys in shared.values():
        for key in keys:
            alike = {other for other in keys if other is not key and _any_alike(skeletons[key], skeletons[other])}
            found.setdefault(key, set()).update(alike)
    return {key: sorted(others, key=str) for key, others in found.items() if others}


def _skeletons(name: str) -> frozenset[str]:
    """Return what all names that look like `name` share: without hyphens, as it reads and with sorted words."""
    words = name.split("-")
    return frozenset(_plain("".join(order)) for order in (words, sorted(words)))


def _plain(text: str) -> str:
    for look, alike in _LOOKS_LIKE:
        text = text.replace(look, alike)
    return text


def _any_alike(ones: frozenset[str], others: frozenset[str]) -> bool:
    return any(_alike(one, other) for one in ones for other in others)


def _traces(skeleton: str) -> Iterable[str]:
    """Return texts of which two names one typing error apart have at least one in common: each with a letter less."""
    if len(skeleton) < _SHORTEST_FOR_TYPING_ERRORS:
        return {skeleton}
    return {skeleton, *(skeleton[:at] + skeleton[at + 1 :] for at in range(len(skeleton)))}


def _alike(one: str, other: str) -> bool:
    """Return whether the two differ by at most one letter changed, left out, added, or swapped with its neighbour."""
    if one == other:
        return True
    if min(len(one), len(other)) < _SHORTEST_FOR_TYPING_ERRORS - 1 or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, other_rest = one[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[2:] == other_rest[2:] and rest[:2] == other_rest[:2][::-1])
    )


def _mixed_word(title: str) -> str:
    """Return a word with letters of several scripts, or empty text."""
    for word in re.findall(r"[^\W\d_]+", title):
        scripts = {unicodedata.name(letter, "?").partition(" ")[0] for letter in word}
        if len(scripts & _SCRIPTS_THAT_LOOK_ALIKE) > 1:
            return str(word)
    return ""
