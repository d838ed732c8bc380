"""Who may change what: accounts that count by number, and publishers whose builds may sign."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pluginry.encoding.quoting import enumerated, quoted
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pluginry.model.finding import Finding
    from pluginry.model.listing import Account
    from pluginry.model.publisher import Publisher
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.publisher.loaded_registry import Locate

TWICE = Rule(
    id="owners.twice",
    title="An owner stands twice in the list",
    why="Owners are counted when a change needs the approval of several.",
    fix="remove one of the two",
)
LOGIN_CONFLICT = Rule(
    id="owners.login-conflict",
    title="The same login has two different numbers in this registry",
    why="Logins can be given up and taken by somebody else; only the number says who somebody is.",
    fix="look up the login's number, and correct the wrong one",
    severity=Severity.NEEDS_REVIEW,
)
OUTSIDE = Rule(
    id="owners.outside-namespace",
    title="None of the plugin's owners owns the namespace",
    why="A namespace stands for its owners: one of them has to agree to what is published in it.",
    fix="add an owner of the namespace to the plugin, or the plugin's owner to the namespace",
    severity=Severity.NEEDS_REVIEW,
)
RETIRED = Rule(
    id="owners.retired-namespace",
    title="The plugin is active in a namespace that is retired",
    why="Nobody answers for plugins of a retired namespace.",
    fix="mark the plugin as deprecated or adopt-me, or the namespace as active",
    severity=Severity.NEEDS_REVIEW,
)
PUBLISHER = Rule(
    id="owners.publisher",
    title="The publisher is not an identity that a certificate can have",
    why="Clients compare these values with the certificate of every signature: no release could be signed.",
    fix="write the issuer's https address, repository: owner/name, and the path of the workflow file",
)
PUBLISHER_REFS = Rule(
    id="owners.publisher-refs",
    title="The publisher's refs allow builds that nobody reviewed",
    why="With a pattern this wide every branch, or every pull request, may sign a release.",
    fix="write the tags or branches that releases are built from, such as refs/tags/v*",
)
PUBLISHER_IDS = Rule(
    id="owners.publisher-ids",
    title="The publisher's repository or its owner is known by name only",
    why="A repository or account that is deleted can be created again by somebody else: the number tells them apart.",
    fix="add repository_id and owner_id",
    severity=Severity.NEEDS_REVIEW,
)
RULES = (TWICE, LOGIN_CONFLICT, OUTSIDE, RETIRED, PUBLISHER, PUBLISHER_REFS, PUBLISHER_IDS)

_ISSUER = re.compile(r"https://[a-z0-9.-]+(?:/[!-~]*)?")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)+")
_WORKFLOW = re.compile(r"[!-~]+\.ya?ml")
_REF = re.compile(r"refs/(?:tags|heads)/[!-~]+")
_TOO_WIDE = frozenset({"refs/heads/*", "refs/heads/**"})


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about owners and publishers."""
    lists: list[tuple[str, Sequence[Account]]] = [
        (f"namespaces/{name}{registry_layout.YAML_SUFFIX}", namespace.owners)
        for name, namespace in registry.namespaces.items()
    ]
    lists += [(registry_layout.listing_file(entry), entry.listing.owners) for entry in registry.plugins.values()]
    for file, owners in lists:
        yield from _twice(owners, file, locate)
    yield from _login_conflicts(lists, locate)
    for entry in registry.plugins.values():
        yield from _namespace(registry, entry, locate)
        if entry.listing.publisher is not None:
            yield from _publisher(entry.listing.publisher, registry_layout.listing_file(entry), locate)


def _twice(owners: Sequence[Account], file: str, locate: Locate) -> Iterator[Finding]:
    seen: set[int] = set()
    for index, owner in enumerate(owners):
        if owner.id in seen:
            message = f"the account {owner.id} ({quoted(owner.login)}) stands here again"
            yield TWICE.finding(locate(file, ("owners", index)), message)
        seen.add(owner.id)


def _login_conflicts(lists: Sequence[tuple[str, Sequence[Account]]], locate: Locate) -> Iterator[Finding]:
    numbers: dict[str, set[int]] = {}
    for _, owners in lists:
        for owner in owners:
            numbers.setdefault(owner.login.casefold(), set()).add(owner.id)
    for file, owners in lists:
        for index, owner in enumerate(owners):
            others = sorted(numbers[owner.login.casefold()] - {owner.id})
            if others:
                message = f"{quoted(owner.login)} is {owner.id} here and {enumerated(map(str, others))} elsewhere"
                yield LOGIN_CONFLICT.finding(locate(file, ("owners", index, "id")), message)


def _namespace(registry: Registry, entry: PluginEntry, locate: Locate) -> Iterator[Finding]:
    namespace = registry.namespaces.get(entry.id.namespace)
    if namespace is None:
        return
    file = registry_layout.listing_file(entry)
    if not {owner.id for owner in entry.listing.owners} & {owner.id for owner in namespace.owners}:
        logins = enumerated(quoted(owner.login) for owner in namespace.owners)
        message = f"the namespace {namespace.namespace} belongs to {logins}, who do not own this plugin"
        yield OUTSIDE.finding(locate(file, ("owners",), of_key=True), message)
    if namespace.status == "retired" and entry.listing.status == "active":
        yield RETIRED.finding(locate(file, ("status",)))


def _publisher(publisher: Publisher, file: str, locate: Locate) -> Iterator[Finding]:
    forms = (
        ("issuer", publisher.issuer, _ISSUER, "an https address"),
        ("repository", publisher.repository, _REPOSITORY, "owner/name"),
        ("workflow", publisher.workflow, _WORKFLOW, "the path of a .yml or .yaml file"),
    )
    for key, value, form, says in forms:
        if not form.fullmatch(value):
            message = f"{key} is {quoted(value)}, but must be {says}"
            yield PUBLISHER.finding(locate(file, ("publisher", key)), message)
    for index, ref in enumerate(publisher.refs):
        if not _REF.fullmatch(ref) or ref in _TOO_WIDE:
            message = f"{quoted(ref)} does not name tags or branches of releases"
            yield PUBLISHER_REFS.finding(locate(file, ("publisher", "refs", index)), message)
    missing = [key for key in ("repository_id", "owner_id") if not getattr(publisher, key)]
    if missing:
        where = locate(file, ("publisher",), of_key=True)
        yield PUBLISHER_IDS.finding(where, f"{enumerated(missing, joint='and')} is missing in publisher")
