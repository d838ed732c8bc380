"""What a plugin's listing may become: nothing that others rely on goes, and what users trusted is looked at again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.contribution.areas import REGISTRY, Area
from pluginry.encoding.quoting import enumerated, quoted
from pluginry.model.finding import Location, Severity
from pluginry.model.rule import Rule
from pluginry.publisher.registry_layout import LISTING_FILE, RESERVED_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.contribution.situation import PluginChange, Situation
    from pluginry.model.finding import Finding
    from pluginry.model.listing import Listing

NEW = Rule(
    id="entries.new-plugin",
    title="This is a new plugin",
    why="A new name is looked at once, by a person; its releases then need nobody.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
GONE = Rule(
    id="entries.gone",
    title="A plugin, namespace or advisory would be lost",
    why="What was ever published keeps its name and its page for ever: others may depend on it, or look for it.",
    fix="keep the files; a plugin that ends gets status: removed with a reason, a wrong advisory is withdrawn",
)
ALIAS_LOST = Rule(
    id="entries.alias-lost",
    title="An alias would be lost",
    why="Hosts know the plugin by it; without it they would not find the plugin they have installed.",
    fix="keep the alias; add the new one beside it",
)
ALIAS = Rule(
    id="entries.alias",
    title="The plugin wants to be known by another name",
    why="Hosts offer it to everybody who has a plugin of that name, which can be somebody else's that is not listed.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
TOMBSTONE_LOST = Rule(
    id="entries.tombstone-lost",
    title="The id of a removed plugin would be free again",
    why="Whoever took it would be installed by everybody who still names the plugin that is gone.",
    fix="keep the tombstone",
)
TITLE = Rule(
    id="entries.title",
    title="The plugin gets another display name",
    why="Users know plugins by it; a plugin can pass as another one.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
SOURCES = Rule(
    id="entries.sources",
    title="Releases may come from another place",
    why="Whoever controls that place can publish under this plugin's name.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
TERMS = Rule(
    id="entries.terms",
    title="Licence or price change",
    why="Users agreed to other terms.",
    fix="another owner or a reviewer looks at it",
    severity=Severity.NEEDS_REVIEW,
)
HOSTS = Rule(
    id="entries.hosts",
    title="The plugin is offered for other hosts",
    why="Users of another application will be offered it.",
    fix="another owner or a reviewer looks at it",
    severity=Severity.NEEDS_REVIEW,
)
STATUS = Rule(
    id="entries.status",
    title="The plugin's status or successor changes",
    why="Users are told to leave it, or sent to another plugin; what was removed does not come back unseen.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
ADDRESSES = Rule(
    id="entries.addresses",
    title="The plugin's own addresses change",
    why="Users follow them from the catalogue, and believe what they find there.",
    fix="another owner or a reviewer looks at it",
    severity=Severity.NEEDS_REVIEW,
)
RULES = (NEW, GONE, ALIAS_LOST, ALIAS, TOMBSTONE_LOST, TITLE, SOURCES, TERMS, HOSTS, STATUS, ADDRESSES)

_LASTING = frozenset({Area.NAMESPACE, Area.HOST, Area.ADVISORY})


def check(situation: Situation) -> Iterator[Finding]:
    """Yield findings about listings, and about what goes."""
    for file in situation.change.files:
        is_listing = file.place.area is Area.LISTING and file.path.endswith(f"/{LISTING_FILE}")
        if file.after is None and (is_listing or file.place.area in _LASTING):
            yield GONE.finding(Location(file=file.path))
    yield from _tombstones(situation)
    for plugin in situation.plugins:
        if not plugin.known and plugin.after is not None:
            yield NEW.finding(situation.at(plugin.listing_file), f"{plugin.id} is new")
        elif plugin.before is not None and plugin.after is not None:
            yield from _listing(situation, plugin, plugin.before.listing, plugin.after.listing)


def _tombstones(situation: Situation) -> Iterator[Finding]:
    kept = {tombstone.id for tombstone in situation.sides.merged.registry.reserved.tombstones}
    for tombstone in situation.sides.base.registry.reserved.tombstones:
        if tombstone.id not in kept:
            yield TOMBSTONE_LOST.finding(Location(file=f"{REGISTRY}/{RESERVED_FILE}"), f"{tombstone.id} would be free")


def _listing(situation: Situation, plugin: PluginChange, before: Listing, after: Listing) -> Iterator[Finding]:
    for rule, key, message in (*_names(before, after), *_terms(before, after)):
        yield rule.finding(situation.at(plugin.listing_file, (key,)), message)


def _names(before: Listing, after: Listing) -> Iterator[tuple[Rule, str, str]]:
    lost = [alias for alias in before.aliases if alias not in after.aliases]
    if lost:
        yield ALIAS_LOST, "aliases", f"{enumerated(map(quoted, lost), joint='and')} would be lost"
    if new := [alias for alias in after.aliases if alias not in before.aliases]:
        yield ALIAS, "aliases", f"new: {enumerated(map(quoted, new), joint='and')}"
    if before.name != after.name:
        yield TITLE, "name", f"{quoted(before.name)} becomes {quoted(after.name)}"
    for language, text in sorted(after.locales.items()):
        known = before.locales[language].name if language in before.locales else ""
        if text.name not in ("", known, before.name):
            yield TITLE, "locales", f"in {language} it becomes {quoted(text.name)}"
    for key in ("homepage", "source", "issues"):
        if getattr(before, key) and getattr(before, key) != getattr(after, key):
            yield ADDRESSES, key, f"{key} becomes {quoted(getattr(after, key))}"


def _terms(before: Listing, after: Listing) -> Iterator[tuple[Rule, str, str]]:
    new = [prefix for prefix in after.sources if prefix not in before.sources]
    if new:
        yield SOURCES, "sources", f"new: {enumerated(map(quoted, new), joint='and')}"
    if before.license != after.license:
        yield TERMS, "license", f"{quoted(before.license)} becomes {quoted(after.license)}"
    if before.pricing != after.pricing:
        yield TERMS, "pricing", "the price changes"
    if added := [host for host in after.hosts if host not in before.hosts]:
        yield HOSTS, "hosts", f"new: {enumerated(added, joint='and')}"
    if (before.status, before.replaced_by, before.origin) != (after.status, after.replaced_by, after.origin):
        yield STATUS, "status", f"{before.status} becomes {after.status}"
