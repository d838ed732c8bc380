"""What the user is asked before plugins are installed: permissions in plain words, and which of them are new.

In: manifests, the vocabulary of the hosts, what was granted before. Out: a `ConsentRequest` that a host
draws as it likes. It never asks or decides by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.errors import ConsentNeededError, PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.channel import Channel
    from pluginry.model.index import HostSummary, PermissionText
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import ClientPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionAsk:
    """One permission of one plugin: ``says`` in plain words, the author's ``reason``, whether it ``is_new``."""

    plugin: PluginId
    grant: str
    says: str
    reason: str
    severity: str
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRequest:
    """All permissions of the plugins of a plan; only the new ones need an answer."""

    asks: tuple[PermissionAsk, ...]

    @property
    def new(self) -> tuple[PermissionAsk, ...]:
        """What was not granted before."""
        return tuple(ask for ask in self.asks if ask.is_new)

    def missing(self, accepted: Iterable[str]) -> tuple[PermissionAsk, ...]:
        """Return the new permissions that are not in `accepted` (each ``type:scope``)."""
        agreed = set(accepted)
        return tuple(ask for ask in self.new if ask.grant not in agreed)

    def require(self, accepted: Iterable[str]) -> None:
        """Check that every new permission is in `accepted` (each ``type:scope``).

        Raises:
            ConsentNeededError: some are not; it lists them.

        """
        missing = tuple(sorted({ask.grant for ask in self.missing(accepted)}))
        if missing:
            raise ConsentNeededError(
                f"your consent is needed for {', '.join(missing)}",
                missing,
                hint=f"look at them with `pluginry show`, then agree: --accept-permissions '{','.join(missing)}'",
            )


def ask_consent(
    manifests: Iterable[Manifest], *, hosts: Iterable[HostSummary], granted: Mapping[PluginId, Iterable[str]]
) -> ConsentRequest:
    """Return what the user has to be asked about `manifests`, given what was `granted` before."""
    vocabulary = {(host.id, permission.type): permission for host in hosts for permission in host.permissions}
    asks = []
    for manifest in manifests:
        before = set(granted.get(manifest.id, ()))
        for permission in sorted(manifest.permissions):
            known = next((found for host in manifest.hosts if (found := vocabulary.get((host, permission.type)))), None)
            asks.append(
                PermissionAsk(
                    plugin=manifest.id,
                    grant=permission.grant,
                    says=in_words(known, permission.scope) if known else f"{permission.type} ({permission.scope})",
                    reason=permission.reason,
                    severity=known.severity if known else "high",
                    is_new=permission.grant not in before,
                )
            )
    return ConsentRequest(asks=tuple(asks))


def in_words(known: PermissionText, scope: str) -> str:
    """Return the sentence for a permission of the type `known` with `scope`."""
    return known.says.replace("{scope}", known.scopes.get(scope, scope))


def check_policy(manifest: Manifest, channel: Channel, policy: ClientPolicy) -> None:
    """Check that the machine's policy allows a release on `channel`, and what it asks for.

    Raises:
        PolicyError: the channel or a permission is not allowed; consent cannot change that.

    """
    if channel not in policy.allow_channels:
        raise PolicyError(
            f"{manifest.id} {manifest.version} is on the {channel} channel, which is not allowed here",
            why=f"policy.toml allows {', '.join(policy.allow_channels) or 'none'} under allow_channels",
        )
    denied = sorted({permission.type for permission in manifest.permissions} & set(policy.deny_permissions))
    if denied:
        raise PolicyError(
            f"{manifest.id} asks for {', '.join(denied)}, which is denied here",
            why="policy.toml lists it under deny_permissions",
        )
