"""What plugins ask for, held against the vocabulary of their hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.quoting import enumerated, quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import DocumentError
from pluginry.model.host_pattern import HostPattern
from pluginry.model.rule import Rule
from pluginry.publisher.claims import claims_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.model.host import HostProfile, PermissionMeaning
    from pluginry.model.registry import Registry
    from pluginry.publisher.claims import Claim
    from pluginry.publisher.loaded_registry import Locate

UNKNOWN_TYPE = Rule(
    id="permissions.unknown-type",
    title="The host has no such permission",
    why="The host's profile says in plain words what users agree to; what it does not know means nothing to them.",
    fix="choose a permission of the host's profile",
)
SCOPE = Rule(
    id="permissions.scope",
    title="The permission has no such scope",
    why="The scope says how far a permission goes; the host enforces only scopes that it knows.",
    fix="choose a scope of the host's profile",
)
TWICE = Rule(
    id="permissions.twice",
    title="The same permission is asked for twice",
    why="Users are asked once for each permission, and would see only one of the two reasons.",
    fix="merge the two and their reasons",
)
RULES = (UNKNOWN_TYPE, SCOPE, TWICE)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about the permissions in wraps and source manifests."""
    for claim in claims_in(registry):
        for name in claim.hosts:
            if name in registry.hosts:
                yield from _vocabulary(registry.hosts[name], claim, locate)
        seen: set[str] = set()
        for index, permission in enumerate(claim.permissions):
            if permission.grant in seen:
                where = locate(claim.file, (*claim.path, "permissions", index))
                yield TWICE.finding(where, f"the permission {quoted(permission.grant)} stands here again")
            seen.add(permission.grant)


def _vocabulary(host: HostProfile, claim: Claim, locate: Locate) -> Iterator[Finding]:
    for index, permission in enumerate(claim.permissions):
        path = (*claim.path, "permissions", index)
        meaning = host.meaning_of(permission.type)
        if meaning is None:
            known = [word.type for word in host.permissions]
            hint = did_you_mean(permission.type, known) or f"it has {enumerated(known, joint='and')}"
            message = f"{host.id} has no permission {quoted(permission.type)}"
            yield UNKNOWN_TYPE.finding(locate(claim.file, (*path, "type")), message, hint=hint)
        elif not _in_scope(meaning, permission.scope):
            scopes = [scope.name for scope in meaning.scopes]
            form = f"scopes have the form {meaning.scope_pattern}" if meaning.scope_pattern else ""
            listed = f"there are {enumerated(scopes, joint='and')}" if scopes else ""
            hint = did_you_mean(permission.scope, scopes) or "; ".join(part for part in (listed, form) if part)
            message = f"{permission.type} has no scope {quoted(permission.scope)} in {host.id}"
            yield SCOPE.finding(locate(claim.file, (*path, "scope")), message, hint=hint)


def _in_scope(meaning: PermissionMeaning, scope: str) -> bool:
    """Return whether `scope` is listed or fits the pattern; any scope does where the profile says neither."""
    if any(scope == known.name for known in meaning.scopes):
        return True
    if not meaning.scope_pattern:
        return not meaning.scopes
    try:
        return HostPattern(meaning.scope_pattern).matches(scope)
    except DocumentError:
        return True  # the host's profile is wrong, and has its own finding
