"""Host profiles: what a host application calls things, and what its permissions mean to people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlencode

from pluginry.model.channel import Channel
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.versions import Version

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{2,30}\Z")
# What browsers run, read or hand to other programs. A page that linked to one of these would do something else.
_OF_OTHERS = re.compile(
    r"(about|blob|chrome|data|filesystem|jar|javascript|livescript|mocha|resource|vbscript|view-source"
    r"|file|ftps?|https?|ldaps?|mms|nfs|rtsp|sftp|smb|ssh|telnet|vnc|wss?"
    r"|facetime|feed|geo|imap|ircs?|mailto|news|nntp|sips?|sms|smsto|tel|webcal"
    r"|cid|content|git|intent|magnet|market|mid|search-ms|shell|steam|urn|(ms|x)-.*)\Z"
)


class Harm(StrEnum):
    """How much harm the misuse of a permission could do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeKind:
    """A way of running plugins that the host offers."""

    kind: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeMeaning:
    """A scope and what it means in plain words."""

    name: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionMeaning:
    """A permission of the host's vocabulary. ``says`` is a sentence; ``{scope}`` stands for the scope in words.

    ``covers`` are the kinds of access in source text that it allows, where its type does not say so already.
    """

    type: str
    severity: Harm
    says: str
    scopes: tuple[ScopeMeaning, ...] = ()
    scope_pattern: str = ""
    implied: bool = False
    covers: tuple[str, ...] = ()

    def in_words(self, scope: str) -> str:
        """Return the sentence for a permission of this type with `scope`."""
        meaning = next((known.says for known in self.scopes if known.name == scope), scope)
        return self.says.replace("{scope}", meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPointGroup:
    """A kind of entry point that the host knows."""

    group: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdMapping:
    """How the host writes plugin ids: a regular expression, an example, and a template to make one."""

    pattern: str
    example: str
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestMapping:
    """Where the host's own manifest keeps what ours says: our dotted path to theirs."""

    file: str
    format: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiSign:
    """How a Python distribution shows that it is for this host."""

    requires: tuple[str, ...]
    entry_point_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmSign:
    """How an npm package shows that it is for this host."""

    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """How packages of other registries are recognised."""

    pypi: PypiSign | None = None
    npm: NpmSign | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostProfile:
    """``hosts/<host>.yaml``. ``install_scheme`` is that of links with which pages ask the host to offer a plugin."""

    schema: int = field(default=1, metadata={"always": True})
    id: Name
    title: str
    summary: str
    versions: tuple[Version, ...]
    runtimes: tuple[RuntimeKind, ...]
    permissions: tuple[PermissionMeaning, ...]
    homepage: str = ""
    entry_points: tuple[EntryPointGroup, ...] = ()
    id_mapping: IdMapping | None = None
    manifest_mapping: ManifestMapping | None = None
    upstream: Upstream = field(default_factory=Upstream)
    channels: tuple[Channel, ...] = ()
    platforms: tuple[Platform, ...] = ()
    install_scheme: str = ""

    def install_link(self, plugin: PluginId, source: str) -> str:
        """Return the address that asks this host to offer `plugin` of the marketplace at `source`.

        It is empty when the host declares no scheme for that, or one that belongs to somebody else.
        """
        if not source or not is_install_scheme(self.install_scheme):
            return ""
        return f"{self.install_scheme}://install?{urlencode({'id': str(plugin), 'source': source})}"

    def meaning_of(self, permission_type: str) -> PermissionMeaning | None:
        """Return what `permission_type` means here, or None when the host does not know it."""
        return next((known for known in self.permissions if known.type == permission_type), None)


def is_install_scheme(text: str) -> bool:
    """Return whether `text` may be the scheme of a host's own links: none that means something to a browser."""
    return _SCHEME.match(text) is not None and _OF_OTHERS.match(text) is None
