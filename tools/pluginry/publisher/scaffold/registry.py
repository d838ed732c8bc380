"""The first files of a registry: what the marketplace is called, its shelves, and one host.

In: words that were checked when they were given. Out: files by name, below the folder that will hold ``index/`` too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pluginry.encoding import documents
from pluginry.encoding.yaml_writer import write_yaml
from pluginry.model.channel import Channel
from pluginry.model.host import Harm, HostProfile, PermissionMeaning, RuntimeKind
from pluginry.model.registry import RegistryConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.names import Name
    from pluginry.model.registry import Category
    from pluginry.model.versions import Version

GITIGNORE_FILE: Final = ".gitignore"
_GITIGNORE: Final = (
    b"# Keys and memories of who publishes, and what is published: neither belongs into git.\n"
    b"/.pluginry/\n/dist/\n/.dist.lock\n"
)
_HOST_COMMENT: Final = (
    b"# An application that plugins are for. `permissions` is all that they may ask its users for: add what it has.\n"
)
_NETWORK: Final = PermissionMeaning(
    type="network",
    severity=Harm.MEDIUM,
    says="Connects to {scope}",
    scope_pattern=r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*:[0-9]{1,5}",
)
_RUNTIMES: Final = {
    "python": "Python code that the application loads",
    "process": "A program that the application starts",
    "files": "Files without code",
}


def a_host(name: Name, title: str, *, versions: Iterable[Version], runtimes: Iterable[str]) -> HostProfile:
    """Return a host with its `versions` in any order, and the network as the one thing to ask for."""
    return HostProfile(
        id=name,
        title=title,
        summary="The application that these plugins are for",
        versions=tuple(sorted(set(versions))),
        runtimes=tuple(
            RuntimeKind(kind=kind, summary=_RUNTIMES.get(kind, f"Plugins of the kind {kind}"))
            for kind in dict.fromkeys(runtimes)
        ),
        permissions=(_NETWORK,),
    )


def registry_files(name: str, summary: str, categories: Iterable[Category], host: HostProfile) -> Mapping[str, bytes]:
    """Return the files of a new registry by name."""
    config = RegistryConfig(name=name, summary=summary, default_channel=Channel.STABLE, categories=tuple(categories))
    return {
        "registry/registry.yaml": write_yaml(documents.to_plain(config)),
        f"registry/hosts/{host.id}.yaml": _HOST_COMMENT + write_yaml(documents.to_plain(host)),
        GITIGNORE_FILE: _GITIGNORE,
    }
