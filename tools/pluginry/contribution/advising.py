"""Writing an advisory (the next free number, the versions it is about, what clients will do), and withdrawing one.

In: the registry as a value, what is wrong with a plugin, or with an advisory. Out: a `Moderation` of one file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pluginry.contribution.moderation import Edit, Moderation, entry_of
from pluginry.encoding import documents
from pluginry.encoding.suggestions import did_you_mean
from pluginry.encoding.yaml_edit import with_entry
from pluginry.encoding.yaml_writer import write_yaml
from pluginry.errors import NotFoundError, UsageError
from pluginry.model.advisory import Action
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from datetime import datetime

    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry
    from pluginry.model.versions import Version


def advise(
    registry: Registry,
    plugin: PluginId,
    *,
    summary: str,
    details: str,
    action: Action,
    reason: str,
    introduced: Version | None,
    fixed: Version | None,
    now: datetime,
) -> Moderation:
    """Return a new advisory about versions of a plugin from `introduced` to `fixed`, without them about all.

    Raises:
        NotFoundError: there is no such plugin.
        UsageError: it would be about no version.

    """
    entry = entry_of(registry, plugin)
    hit = sorted(
        version
        for version in entry.releases
        if (introduced is None or version >= introduced) and (fixed is None or version < fixed)
    )
    if entry.releases and not hit:
        raise UsageError(f"no version of {plugin} lies there", hint=f"there are {', '.join(map(str, entry.releases))}")
    name = next_advisory(registry, now.year)
    events = [{"introduced": str(introduced or 0)}, *([{"fixed": str(fixed)}] if fixed else [])]
    moment = documents.to_plain(now)
    document: dict[str, Any] = {
        "schema_version": "1.7.0",
        "id": name,
        "published": moment,
        "modified": moment,
        "summary": summary,
        **({"details": details} if details else {}),
        "affected": [
            {
                "package": {"ecosystem": "Pluginry", "name": str(plugin)},
                "ranges": [{"type": "SEMVER", "events": events}],
            }
        ],
        "database_specific": {"action": str(action), **({"reason": reason} if reason else {})},
    }
    return Moderation(
        title=f"{name}: {summary}",
        edits=(Edit(path=_file(name), changed=lambda _before: write_yaml(document).decode()),),
        means=(
            f"It hits {', '.join(map(str, hit))}." if hit else "It hits every version that there will be.",
            _DOES[action],
            _PUBLISH,
        ),
    )


def withdraw(registry: Registry, name: str, *, reason: str, now: datetime) -> Moderation:
    """Return what withdraws the advisory called `name`: it stays, and its details say why it counts no more.

    Raises:
        NotFoundError: there is no such advisory.
        UsageError: it is withdrawn already.

    """
    advisory = next((one for one in registry.advisories if one.id == name), None)
    if advisory is None:
        known = [one.id for one in registry.advisories]
        raise NotFoundError(f"there is no advisory {name} in this registry", hint=did_you_mean(name, known))
    if advisory.withdrawn is not None:
        again = "where something is wrong all the same, write a new one: pluginry registry advise"
        raise UsageError(f"{name} was withdrawn on {advisory.withdrawn:%Y-%m-%d}", hint=again)
    moment = documents.to_plain(now)
    details = "\n\n".join(filter(None, (advisory.details.strip(), f"Withdrawn: {reason}")))

    def changed(text: str) -> str:
        for key, value in (("modified", moment), ("details", details), ("withdrawn", moment)):
            text = with_entry(text, key, value)
        return text

    undone = (
        "It stays disabled where clients disabled it, until its users enable it again; they are told that they can."
        if advisory.action is Action.DISABLE
        else "Nothing that is installed changes."
    )
    return Moderation(
        title=f"Withdraw {name}: {reason}",
        edits=(Edit(path=_file(name), changed=changed),),
        means=("Clients warn of nothing and refuse nothing on its account after their next refresh.", undone, _PUBLISH),
    )


def _file(name: str) -> str:
    return f"advisories/{name}{registry_layout.YAML_SUFFIX}"


_PUBLISH = "Publish it at once with `pluginry advisories publish TARGET`."
_DOES = {
    Action.WARN: "Users are warned, and nothing is stopped.",
    Action.BLOCK_INSTALL: "These versions are not installed any more; where they run, they go on to run.",
    Action.DISABLE: "Clients disable these versions at their next refresh, and do not load them.",
}


def next_advisory(registry: Registry, year: int) -> str:
    """Return the next free id of an advisory: ``PLG-2026-0001``."""
    head = f"PLG-{year}-"
    taken = (int(one.id.removeprefix(head)) for one in registry.advisories if one.id.startswith(head))
    return f"{head}{max(taken, default=0) + 1:04}"
