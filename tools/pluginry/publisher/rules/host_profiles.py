"""Host profiles themselves: patterns that can be read, words without contradiction, versions in order."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from pluginry.encoding.quoting import quoted
from pluginry.errors import DocumentError
from pluginry.model.host import is_install_scheme
from pluginry.model.host_pattern import HostPattern
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import DocumentPath, Finding
    from pluginry.model.host import HostProfile, IdMapping
    from pluginry.model.registry import Registry
    from pluginry.publisher.loaded_registry import Locate

PATTERN = Rule(
    id="host-profiles.pattern",
    title="The pattern cannot be used",
    why="Patterns are applied to what strangers write, so only those are read that always answer at once.",
    fix="use characters, classes, groups, choices and repeats; look-around and back references are not read",
)
EXAMPLE = Rule(
    id="host-profiles.id-example",
    title="The example does not fit the pattern",
    why="Plugin authors copy the example.",
    fix="correct the pattern or the example",
)
TEMPLATE = Rule(
    id="host-profiles.id-template",
    title="The template does not make ids of the host",
    why="Ids are made from it for plugins that name none.",
    fix="use {namespace}, {name} and {name_underscored}, so that the result fits the pattern",
)
TWICE = Rule(
    id="host-profiles.twice",
    title="A word of the host's vocabulary is defined twice",
    why="It could mean two things.",
    fix="remove one of the two",
)
VERSION_ORDER = Rule(
    id="host-profiles.version-order",
    title="The versions are not in order, oldest first",
    why="The last one is taken for the host's newest version.",
    fix="sort the versions",
)
SCOPE_SAYS = Rule(
    id="host-profiles.scope-unsaid",
    title="The sentence leaves out the scope",
    why="Users agree to sentences: two scopes that read the same ask for different things with the same words.",
    fix="write {scope} where the scope belongs in the sentence",
)
INSTALL_SCHEME = Rule(
    id="host-profiles.install-scheme",
    title="The scheme of the install links is not the host's own",
    why="Pages link to it: a scheme that browsers or other programs answer to would start something else.",
    fix="choose a name that only this host registers, such as its own",
)
RULES = (PATTERN, EXAMPLE, TEMPLATE, TWICE, VERSION_ORDER, SCOPE_SAYS, INSTALL_SCHEME)

_TEMPLATE_FIELDS = {"{namespace}": "acme", "{name}": "spam-filter", "{name_underscored}": "spam_filter"}


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about host profiles."""
    schemes = Counter(host.install_scheme for host in registry.hosts.values())
    for host in registry.hosts.values():
        file = f"hosts/{host.id}{registry_layout.YAML_SUFFIX}"
        yield from _vocabulary(host, file, locate)
        for index, (older, newer) in enumerate(pairwise(host.versions), start=1):
            if not older < newer:
                where = locate(file, ("versions", index))
                yield VERSION_ORDER.finding(where, f"{newer} stands after {older}")
        if host.id_mapping is not None:
            yield from _id_mapping(host.id_mapping, file, locate)
        scheme = host.install_scheme
        if scheme and (schemes[scheme] > 1 or not is_install_scheme(scheme)):
            is_free = is_install_scheme(scheme)
            whose = "another host has it too" if is_free else "it belongs to browsers and other programs"
            yield INSTALL_SCHEME.finding(locate(file, ("install_scheme",)), f"{quoted(scheme)}: {whose}")


def _vocabulary(host: HostProfile, file: str, locate: Locate) -> Iterator[Finding]:
    words = {
        "permissions": ("type", [permission.type for permission in host.permissions]),
        "runtimes": ("kind", [runtime.kind for runtime in host.runtimes]),
        "entry_points": ("group", [known.group for known in host.entry_points]),
    }
    for field, (key, names) in words.items():
        counts = Counter(names)
        for index, name in enumerate(names):
            if counts[name] > 1:
                yield TWICE.finding(locate(file, (field, index, key)), f"{quoted(name)} is defined twice")
    for index, permission in enumerate(host.permissions):
        path: DocumentPath = ("permissions", index)
        if permission.scope_pattern:
            yield from _pattern(permission.scope_pattern, file, (*path, "scope_pattern"), locate)
        if (permission.scope_pattern or len(permission.scopes) > 1) and "{scope}" not in permission.says:
            yield SCOPE_SAYS.finding(locate(file, (*path, "says")))


def _pattern(text: str, file: str, path: DocumentPath, locate: Locate) -> Iterator[Finding]:
    try:
        HostPattern(text)
    except DocumentError as error:
        yield PATTERN.finding(locate(file, path), f"{error.what}: {error.why}", hint=error.hint)


def _id_mapping(mapping: IdMapping, file: str, locate: Locate) -> Iterator[Finding]:
    try:
        pattern = HostPattern(mapping.pattern)
    except DocumentError:
        yield from _pattern(mapping.pattern, file, ("id_mapping", "pattern"), locate)
        return
    if not pattern.matches(mapping.example):
        message = f"the example {quoted(mapping.example)} does not fit the pattern {quoted(mapping.pattern)}"
        yield EXAMPLE.finding(locate(file, ("id_mapping", "example")), message)
    made = mapping.template
    for name, value in _TEMPLATE_FIELDS.items():
        made = made.replace(name, value)
    if not pattern.matches(made):
        message = f"of acme/spam-filter it makes {quoted(made)}, which does not fit the pattern"
        yield TEMPLATE.finding(locate(file, ("id_mapping", "template")), message)
